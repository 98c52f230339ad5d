package stepfunctions

import (
	"net/http"

	"delfos/infra/local/awsjson"
)

// apiError is an error as Step Functions' API has it.
func apiError(errorType, format string, args ...any) error {
	return awsjson.Errorf(errorType, format, args...)
}

func noMachine(arn string) error {
	return apiError("StateMachineDoesNotExist", "State Machine Does Not Exist: '%s'", arn)
}

func noExecution(arn string) error {
	return apiError("ExecutionDoesNotExist", "Execution Does Not Exist: '%s'", arn)
}

func noMapRun(arn string) error {
	return apiError("ResourceNotFound", "Resource not found: '%s'", arn)
}

// invalid refuses a request as a whole.
func invalid(format string, args ...any) error {
	return apiError("ValidationException", format, args...)
}

func errClosed() error {
	return &awsjson.Error{Type: "ServiceUnavailable", Status: http.StatusServiceUnavailable, Message: "the local Step Functions is stopping"}
}
