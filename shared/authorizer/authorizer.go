// Package authorizer is a Lambda authorizer of an HTTP API, which API Gateway asks
// before it lets a request through ("Control access to HTTP APIs with AWS Lambda
// authorizers", API Gateway Developer Guide).
package authorizer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/aws/aws-lambda-go/events"

	"delfos/shared/bearer"
)

// payloadFormat is the version of the requests that Handler reads.
const payloadFormat = "2.0"

// Handler answers whether a request is let through: payload format 2.0, with the
// Authorization header as the one identity source, and simple responses. An error, of
// which API Gateway makes a 500, says that the API asks in another way.
type Handler func(context.Context, events.APIGatewayV2CustomAuthorizerV2Request) (events.APIGatewayV2CustomAuthorizerSimpleResponse, error)

// New makes the authorizer of an API's bearer token. It panics if the token is empty.
// Each answer is logged, with API Gateway's id of the request and without any token; of
// a header's value whose answer API Gateway remembers it is not asked again. A token that
// may be the right one, as the right one could not be read anew, is therefore an error,
// and not turned away.
func New(token bearer.Token, logger *slog.Logger) Handler {
	check := bearer.NewCheck(token)
	return func(ctx context.Context, request events.APIGatewayV2CustomAuthorizerV2Request) (events.APIGatewayV2CustomAuthorizerSimpleResponse, error) {
		var answer events.APIGatewayV2CustomAuthorizerSimpleResponse
		if request.Version != payloadFormat {
			return answer, fmt.Errorf("the authorizer is asked in payload format %q: set authorizerPayloadFormatVersion to %s in the API's definition", request.Version, payloadFormat)
		}
		if len(request.IdentitySource) > 1 {
			return answer, fmt.Errorf("the authorizer is given %d identity sources: set identitySource to $request.header.Authorization alone in the API's definition", len(request.IdentitySource))
		}
		about := logger.With("route", request.RouteKey, "request_id", request.RequestContext.RequestID)
		err := check.Authorization(ctx, request.IdentitySource)
		if err != nil && !errors.Is(err, bearer.ErrMissing) && !errors.Is(err, bearer.ErrWrong) {
			return answer, err
		}
		if err != nil {
			about.InfoContext(ctx, "the request is turned away", "reason", err)
			return answer, nil
		}
		about.InfoContext(ctx, "the request is let through")
		answer.IsAuthorized = true
		return answer, nil
	}
}
