package status

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"delfos/shared/awserror"
)

// explain turns the SDK's error into what a caller does about it.
func (s *Store) explain(operation, table string, err error) error {
	err = awserror.Plain(err)
	var notFound *types.ResourceNotFoundException
	switch {
	case errors.As(err, &notFound):
		return &TableNotFoundError{Table: table, Variable: s.tables.variable(table), Cause: err}
	case passes(err):
		return &UnavailableError{Operation: operation, Table: table, Cause: err}
	default:
		return fmt.Errorf("%s on table %s: %w", operation, table, err)
	}
}

// variable is the environment variable that names the table.
func (t Tables) variable(table string) string {
	switch table {
	case t.Runs:
		return "RUNS_TABLE"
	case t.Backfills:
		return "BACKFILLS_TABLE"
	default:
		return "PARTITIONS_TABLE"
	}
}

// passes tells whether an error of the SDK may be gone the next time: what the
// SDK would retry, a server's fault, an answer that broke off or made no sense,
// and a context that ended before the answer came.
func passes(err error) bool {
	if retry.IsErrorRetryables(retry.DefaultRetryables).IsErrorRetryable(err) == aws.TrueTernary {
		return true
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return true
	}
	var (
		send     *smithyhttp.RequestSendError
		garbled  *smithy.DeserializationError
		response *smithyhttp.ResponseError
	)
	return errors.As(err, &send) || errors.As(err, &garbled) ||
		(errors.As(err, &response) && response.HTTPStatusCode() >= http.StatusInternalServerError)
}

// conditionFailed tells whether the error says that a write's condition did not
// hold, and gives the item as it is; nil where there is none.
func conditionFailed(err error) (current item, ok bool) {
	var failed *types.ConditionalCheckFailedException
	if !errors.As(err, &failed) {
		return nil, false
	}
	return failed.Item, true
}
