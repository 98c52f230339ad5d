package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"delfos/infra/local/awsjson"
	"delfos/infra/local/lambda"
	"delfos/infra/local/stepfunctions/asl"
)

// invoke waits for the function, but not longer than the state may take. A function
// that is given up goes on by itself, as on AWS. No function can send heartbeats
// through these integrations, so that the first missing one times the task out.
func (c *taskCall) invoke(ctx context.Context) (lambda.Response, error) {
	type ending struct {
		response lambda.Response
		err      error
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan ending, 1)
	go func() {
		response, err := c.host.Invoke(ctx, c.request)
		ended <- ending{response, err}
	}()
	select {
	case end := <-ended:
		if end.err != nil && ctx.Err() != nil {
			return lambda.Response{}, context.Cause(ctx)
		}
		return end.response, refused(end.err)
	case <-c.alarm(c.timeout):
		return lambda.Response{}, &StateError{Name: asl.ErrorTimeout}
	case <-c.alarm(c.heartbeat):
		return lambda.Response{}, &StateError{Name: asl.ErrorHeartbeatTimeout}
	case <-ctx.Done():
		return lambda.Response{}, context.Cause(ctx)
	}
}

func (c *taskCall) alarm(seconds int64) <-chan time.Time {
	if seconds == 0 {
		return nil
	}
	return c.After(time.Duration(seconds) * time.Second)
}

// refused names Lambda's refusals as Step Functions does: "Lambda.TooManyRequestsException".
func refused(err error) error {
	var refusal *awsjson.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refusal):
		status := refusal.Status
		if status == 0 {
			status = 400
		}
		return &StateError{Name: "Lambda." + refusal.Type, Cause: fmt.Sprintf("%s (Service: Lambda, Status Code: %d)", refusal.Message, status)}
	}
	return &StateError{Name: "Lambda.SdkClientException", Cause: err.Error()}
}

// answer is the result of a call, or the function's error.
func (c *taskCall) answer(response lambda.Response) (document, error) {
	if response.FunctionError != "" {
		return document{}, functionFailure(response.Payload)
	}
	payload := json.RawMessage(response.Payload)
	if len(payload) == 0 {
		payload = json.RawMessage("null")
	}
	read, err := decode(payload)
	if err != nil {
		return document{}, &StateError{Name: asl.ErrorRuntime, Cause: "The function's answer is not JSON: " + err.Error()}
	}
	if c.events != integration {
		return c.data(read.value)
	}
	return c.data(invokeResult(c.request, response, read.value, c.Now()))
}

// functionFailure is the error that a function has reported: its type, and all of
// its payload as the cause.
func functionFailure(payload []byte) error {
	var reported struct {
		ErrorType string `json:"errorType"`
	}
	_ = json.Unmarshal(payload, &reported) // a runtime may post anything; then there is no type
	if reported.ErrorType == "" {
		reported.ErrorType = "Lambda.Unknown"
	}
	return &StateError{Name: reported.ErrorType, Cause: string(payload)}
}
