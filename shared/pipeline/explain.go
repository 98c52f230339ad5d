package pipeline

import (
	"context"
	"errors"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"delfos/shared/awserror"
	"delfos/shared/source"
	"delfos/shared/status"
)

// The parts of the system, as errors name them.
const (
	theStatus    = "the status tables"
	theMachine   = "Step Functions"
	theScheduler = "EventBridge Scheduler"
	theLogs      = "CloudWatch Logs"
	theQueue     = "SQS"
	theLambda    = "Lambda"
	theSource    = "the source API"
	theTarget    = "the target database"
)

// explain gives an error of a part of the system the type that says what to do about
// it. nil stays nil, and an error that has such a type stays as it is.
func explain(what string, err error) error {
	switch {
	case err == nil || isTyped(err):
		return err
	case passes(err):
		return &UnavailableError{what, awserror.Plain(err)}
	default:
		return &RefusedError{what, awserror.Plain(err)}
	}
}

func isTyped(err error) bool {
	switch err.(type) { //nolint:errorlint // the type itself counts, not what it wraps
	case *NotFoundError, *InvalidError, *ConflictError, *UnavailableError, *RefusedError, *RunFailedError:
		return true
	default:
		return false
	}
}

// passes tells whether an error may be gone the next time: what the SDK would retry, a
// server's fault, a connection that broke, and a deadline that passed.
func passes(err error) bool {
	if retry.IsErrorRetryables(retry.DefaultRetryables).IsErrorRetryable(err) == aws.TrueTernary {
		return true
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return true
	}
	if response, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		return response.HTTPStatusCode() >= http.StatusInternalServerError
	}
	_, refused := errors.AsType[smithy.APIError](err)
	_, tableGone := errors.AsType[*status.TableNotFoundError](err)
	_, unauthorized := errors.AsType[*source.UnauthorizedError](err)
	_, rejected := errors.AsType[*source.RejectedError](err)
	_, invalid := errors.AsType[*source.InvalidDataError](err)
	return !refused && !tableGone && !unauthorized && !rejected && !invalid
}
