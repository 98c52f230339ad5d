package lambda

import (
	"encoding/json"
	"fmt"

	"delfos/infra/local/awsjson"
)

// refusal is an error that keeps a function from running at all, as Lambda's API
// says it. Invoke returns it as an *awsjson.Error.
func refusal(errorType string, status int, format string, args ...any) error {
	return &awsjson.Error{
		Type: errorType, Status: status, Message: fmt.Sprintf(format, args...),
		Fields: map[string]any{"Type": "User"},
	}
}

// throttled is the refusal for want of concurrency.
func throttled(reason string) error {
	return &awsjson.Error{
		Type: "TooManyRequestsException", Status: 429, Message: "Rate Exceeded.",
		Fields: map[string]any{"Type": "User", "Reason": reason},
	}
}

// stopping is the answer to whoever calls or waits while Close runs.
func stopping() error {
	return &awsjson.Error{
		Type: "ServiceException", Status: 500, Message: "the local Lambda is stopping",
		Fields: map[string]any{"Type": "Service"},
	}
}

// Error types of Lambda's own making, in the payload of a failed invocation.
const (
	exitError         = "Runtime.ExitError"
	invalidEntrypoint = "Runtime.InvalidEntrypoint"
	timedOut          = "Sandbox.Timedout"
	responseTooLarge  = "Function.ResponseSizeTooLarge"
)

// failure is the payload that Lambda writes in the place of a function that
// could not write one.
func failure(requestID, errorType, format string, args ...any) []byte {
	message := fmt.Sprintf(format, args...)
	if errorType != responseTooLarge {
		message = fmt.Sprintf("RequestId: %s Error: %s", requestID, message)
	}
	payload, _ := json.Marshal(map[string]string{"errorType": errorType, "errorMessage": message}) // strings always encode
	return payload
}

// errorTypeOf reads the type out of an error's payload.
func errorTypeOf(payload []byte) string {
	var document struct {
		ErrorType string `json:"errorType"`
	}
	_ = json.Unmarshal(payload, &document) // a runtime may post anything; then there is no type
	return document.ErrorType
}
