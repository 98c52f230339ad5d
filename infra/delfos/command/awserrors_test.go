package command

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/aws/smithy-go"

	"delfos/shared/pipeline"
	"delfos/shared/status"
)

func TestAnErrorOfAWSIsSaidWithoutTheSDKsWords(t *testing.T) {
	t.Parallel()
	answer := func(code, message string) error {
		return &smithy.OperationError{ServiceID: "SFN", OperationName: "ListExecutions", Err: fmt.Errorf(
			"https response error StatusCode: 400, RequestID: a, %w", &smithy.GenericAPIError{Code: code, Message: message})}
	}
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"an answer":    {fmt.Errorf("list backfills: %w", answer("InvalidArn", "no such thing")), "list backfills: InvalidArn: no such thing"},
		"a table":      {&status.UnavailableError{Table: "runs", Cause: answer("Throttling", "slower")}, "the status table runs is unavailable, try again: Throttling: slower"},
		"the pipeline": {&pipeline.RefusedError{What: "Step Functions", Cause: answer("InvalidArn", "no")}, "Step Functions refused: InvalidArn: no: check that the stack is whole"},
		"not allowed": {
			&pipeline.RefusedError{What: "Step Functions", Cause: answer("AccessDeniedException", "User: ann is not authorized")},
			"AWS does not allow it: User: ann is not authorized: ask for the permission, or use other credentials",
		},
		"interrupted": {
			fmt.Errorf("list backfills: %w", &smithy.OperationError{ServiceID: "SFN", OperationName: "ListExecutions", Err: &smithy.CanceledError{Err: context.Canceled}}),
			"list backfills: interrupted",
		},
		"none of AWS's": {errors.New("no"), "no"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := plainly(test.err); got.Error() != test.want || !errors.Is(got, test.err) {
				t.Errorf("%q; want %q", got, test.want)
			}
		})
	}
}
