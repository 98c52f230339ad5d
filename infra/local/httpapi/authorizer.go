package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"delfos/infra/local/lambda"
)

// Bounds of authorizers: "Timeout for Lambda authorizer response" of "Quotas for
// configuring and running an HTTP API", and authorizerResultTtlInSeconds of the API
// Gateway V2 API Reference.
const (
	authorizerTimeout = 10 * time.Second
	maxAuthorizerTTL  = time.Hour
)

// headerSource begins the identity sources that are served: request headers.
const headerSource = "$request.header."

// Authorizer is a Lambda authorizer of payload format 2.0 with simple responses (API
// Gateway Developer Guide, "Control access to HTTP APIs with AWS Lambda authorizers").
type Authorizer struct {
	Name           string
	Function       string        // name or ARN
	IdentitySource []string      // what a request must have, at least one: "$request.header.Authorization"
	TTL            time.Duration // for how long an answer holds for the same identity, up to an hour; 0 asks each time
}

// guard is an Authorizer at work on one API.
type guard struct {
	Authorizer
	headers []string // of the identity sources, in lower case
	answers *answers
}

func newGuards(given []Authorizer) (map[string]*guard, error) {
	guards := make(map[string]*guard, len(given))
	for _, one := range given {
		made, err := newGuard(one)
		if err != nil {
			return nil, fmt.Errorf("authorizer %q: %w", one.Name, err)
		}
		if guards[one.Name] != nil {
			return nil, fmt.Errorf("authorizer %q is there twice", one.Name)
		}
		guards[one.Name] = made
	}
	return guards, nil
}

func newGuard(given Authorizer) (*guard, error) {
	made := &guard{Authorizer: given, answers: newAnswers()}
	switch {
	case given.Name == "":
		return nil, errors.New("it has no name")
	case given.Function == "":
		return nil, errors.New("it has no function")
	case len(given.IdentitySource) == 0:
		return nil, errors.New("it has no identity source, and the local HTTP API serves none without")
	case given.TTL < 0 || given.TTL > maxAuthorizerTTL:
		return nil, fmt.Errorf("TTL %s: want up to %s", given.TTL, maxAuthorizerTTL)
	}
	for _, source := range given.IdentitySource {
		name, isHeader := strings.CutPrefix(source, headerSource)
		if !isHeader || name == "" {
			return nil, fmt.Errorf("the identity source %q is not supported by the local HTTP API: want %sNAME", source, headerSource)
		}
		made.headers = append(made.headers, strings.ToLower(name))
	}
	return made, nil
}

// authorizerRequest is what an authorizer is asked, in payload format 2.0.
type authorizerRequest struct {
	Version               string                                `json:"version"`
	Type                  string                                `json:"type"`
	RouteARN              string                                `json:"routeArn"`
	IdentitySource        []string                              `json:"identitySource"`
	RouteKey              string                                `json:"routeKey"`
	RawPath               string                                `json:"rawPath"`
	RawQueryString        string                                `json:"rawQueryString"`
	Cookies               []string                              `json:"cookies,omitempty"`
	Headers               map[string]string                     `json:"headers"`
	QueryStringParameters map[string]string                     `json:"queryStringParameters,omitempty"`
	RequestContext        events.APIGatewayV2HTTPRequestContext `json:"requestContext"`
	PathParameters        map[string]string                     `json:"pathParameters,omitempty"`
}

// authorize lets the event pass, with what the authorizer says of it, or is the error
// that the client gets: 401 without an identity source, and then the authorizer is not
// asked; 403 where it says no; 500 where it fails or answers anything else.
func (g *gateway) authorize(ctx context.Context, guard *guard, event *events.APIGatewayV2HTTPRequest) error {
	identity := make([]string, 0, len(guard.headers))
	for _, name := range guard.headers {
		value := event.Headers[name]
		if value == "" {
			return &httpError{http.StatusUnauthorized, "Unauthorized", nil}
		}
		identity = append(identity, value)
	}
	answer, known := guard.answers.find(identity, g.now())
	if !known {
		var err error
		if answer, err = g.ask(ctx, guard, identity, event); err != nil {
			return fmt.Errorf("authorizer %s: %w", guard.Name, err)
		}
		guard.answers.keep(identity, answer, g.now(), guard.TTL)
	}
	if !*answer.IsAuthorized {
		return &httpError{http.StatusForbidden, "Forbidden", nil}
	}
	if answer.Context != nil {
		event.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{Lambda: answer.Context}
	}
	return nil
}

func (g *gateway) ask(ctx context.Context, guard *guard, identity []string, event *events.APIGatewayV2HTTPRequest) (simpleResponse, error) {
	request := event.RequestContext.HTTP
	payload, err := json.Marshal(authorizerRequest{
		Version: "2.0", Type: "REQUEST", IdentitySource: identity,
		RouteARN: fmt.Sprintf("arn:aws:execute-api:%s:%s:%s/%s/%s%s", g.api.Region, g.api.AccountID, g.api.ID, defaultStage, request.Method, request.Path),
		RouteKey: event.RouteKey, RawPath: event.RawPath, RawQueryString: event.RawQueryString,
		Cookies: event.Cookies, Headers: event.Headers, QueryStringParameters: event.QueryStringParameters,
		RequestContext: event.RequestContext, PathParameters: event.PathParameters,
	})
	if err != nil {
		return simpleResponse{}, fmt.Errorf("encode its request: %w", err)
	}
	response, err := g.call(ctx, authorizerTimeout, lambda.Request{Function: guard.Function, Payload: payload, TraceID: event.Headers[traceHeader]})
	if err != nil {
		return simpleResponse{}, err
	}
	return parseSimpleResponse(response)
}

// simpleResponse is an authorizer's answer ("Lambda function response for format 2.0").
type simpleResponse struct {
	IsAuthorized *bool          `json:"isAuthorized"`
	Context      map[string]any `json:"context"` // for the function behind it
}

func parseSimpleResponse(payload []byte) (simpleResponse, error) {
	var answer struct {
		simpleResponse
		PolicyDocument json.RawMessage `json:"policyDocument"`
	}
	if err := json.Unmarshal(payload, &answer); err != nil {
		return simpleResponse{}, fmt.Errorf("its answer is malformed: %w: %s", err, clip(payload))
	}
	if answer.PolicyDocument != nil {
		return simpleResponse{}, errors.New("its answer is an IAM policy, where simple responses are enabled")
	}
	if answer.IsAuthorized == nil {
		return simpleResponse{}, fmt.Errorf("its answer has no isAuthorized: %s", clip(payload))
	}
	return answer.simpleResponse, nil
}
