package command

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"delfos/shared/awserror"
)

// explainBackfill says of an error of Step Functions what to do about it.
func (c connection) explainBackfill(name, doing string, err error) error {
	if _, missing := errors.AsType[*types.ExecutionDoesNotExist](err); missing {
		return awserror.Say(fmt.Sprintf("no backfill is called %s; %s lists them", name, c.line("backfills")), err)
	}
	if _, taken := errors.AsType[*types.ExecutionAlreadyExists](err); taken {
		return fmt.Errorf("there has been a backfill called %s already: choose another --name, or leave it out", name)
	}
	if refused, no := errors.AsType[*types.ExecutionNotRedrivable](err); no {
		return fmt.Errorf("backfill %s cannot be run again: %s; start another with %s", name, refused.ErrorMessage(), c.line("backfill"))
	}
	if _, full := errors.AsType[*types.ExecutionLimitExceeded](err); full {
		return fmt.Errorf("%s backfill %s: too many executions are running: wait for some to end, or cancel them: %w", doing, name, err)
	}
	if _, gone := errors.AsType[*types.StateMachineDoesNotExist](err); gone {
		return fmt.Errorf("%s backfill %s: the stack has no such state machine: %s: %w", doing, name, c.mend(), err)
	}
	return fmt.Errorf("%s backfill %s: %w", doing, name, err)
}
