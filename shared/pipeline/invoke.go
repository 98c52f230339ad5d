package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// acting is for what changes something: a front end's client that goes away does not
// end it, so that it is known and audited whether it took effect.
func acting(ctx context.Context, within time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), within)
}

// functionError is the answer of a function that failed (Lambda Developer Guide,
// "Error handling with Go"). The type is the name of a Go type or, where the function
// died, Lambda's: "Sandbox.Timedout", "Runtime.ExitError".
type functionError struct {
	Type    string `json:"errorType"`
	Message string `json:"errorMessage"`
}

// Error is the message.
func (e *functionError) Error() string { return e.Type + ": " + e.Message }

// invocation is what came of calling a function.
type invocation struct {
	payload   json.RawMessage
	requestID string
}

// errNoAnswer says that a function has not answered in time. It goes on: Lambda does
// not stop a function whose caller has gone away.
var errNoAnswer = errors.New("the function has not answered in time")

// invoke calls a function and waits for its answer as long as the context lasts. An
// error of the function's own is a *functionError.
func (p *Pipeline) invoke(ctx context.Context, function string, payload []byte) (invocation, error) {
	answer, err := p.lambda.Invoke(ctx, &lambda.InvokeInput{
		FunctionName: &function, Payload: payload, InvocationType: types.InvocationTypeRequestResponse,
	})
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return invocation{}, errNoAnswer
	}
	if err != nil {
		return invocation{}, explain(theLambda, fmt.Errorf("invoke %s: %w", function, err))
	}
	done := invocation{payload: answer.Payload}
	done.requestID, _ = awsmiddleware.GetRequestIDMetadata(answer.ResultMetadata)
	if answer.FunctionError == nil {
		return done, nil
	}
	var failure functionError
	if err := json.Unmarshal(answer.Payload, &failure); err != nil || failure.Type == "" {
		failure = functionError{"Unknown", cut(string(answer.Payload), longestText)}
	}
	return done, &failure
}
