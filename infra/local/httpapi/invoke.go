package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"delfos/infra/local/awsjson"
	"delfos/infra/local/lambda"
)

// invoke runs the function and says what became of it as API Gateway does: a
// function that takes too long or is throttled is a 503, one that fails or
// answers nonsense a 500, an event over Lambda's 6 MB a 413.
func (g *gateway) invoke(ctx context.Context, function string, payload []byte, traceID string) (*answer, error) {
	response, err := g.call(ctx, g.api.IntegrationTimeout, lambda.Request{Function: function, Payload: payload, TraceID: traceID})
	var refused *awsjson.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded),
		errors.As(err, &refused) && refused.Type == "TooManyRequestsException":
		return nil, &httpError{http.StatusServiceUnavailable, "Service Unavailable", err}
	case errors.As(err, &refused) && refused.Type == "RequestTooLargeException":
		return nil, &httpError{http.StatusRequestEntityTooLarge, "Request Entity Too Large", nil}
	case err != nil:
		return nil, err
	}
	answer, err := parseAnswer(response)
	if err != nil {
		return nil, fmt.Errorf("function %s: %w: %s", function, err, clip(response))
	}
	return answer, nil
}

// call runs a function, and returns what it answers.
func (g *gateway) call(ctx context.Context, timeout time.Duration, request lambda.Request) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	response, err := g.functions.Invoke(ctx, request)
	if err != nil {
		return nil, err
	}
	if response.FunctionError != "" {
		return nil, fmt.Errorf("function %s failed, its log is in %s: %s", request.Function, response.LogStream, clip(response.Payload))
	}
	return response.Payload, nil
}

// clip keeps what a function answered within a line of the log.
func clip(payload []byte) string {
	const most = 300
	if len(payload) <= most {
		return string(payload)
	}
	return strings.ToValidUTF8(string(payload[:most]), "") + "…"
}
