package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"delfos/shared/backfill"
	"delfos/shared/backfill/report"
	"delfos/shared/status"
)

// executionARN is the ARN of a backfill by its name (Step Functions API Reference,
// "DescribeExecution": arn:aws:states:region:account:execution:machine:name).
func (p *Pipeline) executionARN(name string) string {
	return strings.Replace(p.options.StateMachineARN, ":stateMachine:", ":execution:", 1) + ":" + name
}

// execution reads a backfill by its name, without its graph, states and map runs.
func (p *Pipeline) execution(ctx context.Context, name string) (BackfillDetail, error) {
	if !isName(name) {
		return BackfillDetail{}, noBackfill(name)
	}
	found, err := p.sfn.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: aws.String(p.executionARN(name))})
	if err != nil {
		return BackfillDetail{}, explainBackfill(name, err)
	}
	return fromExecution(found), nil
}

// isName tells whether an execution may have the name (Step Functions API Reference,
// StartExecution, "name").
func isName(name string) bool {
	return name != "" && len(name) <= 80 && !strings.ContainsAny(name, " \t\n\r<>{}[]?*\"#%\\^|~`$&,;:/")
}

func noBackfill(name string) error {
	return &NotFoundError{"backfill", name, "check its name; Step Functions forgets an execution 90 days after its end"}
}

func fromExecution(found *sfn.DescribeExecutionOutput) BackfillDetail {
	b := BackfillDetail{
		Backfill: Backfill{
			Name: aws.ToString(found.Name), State: stateOf(found.Status), Redrives: int(aws.ToInt32(found.RedriveCount)),
			StartedAt: utc(found.StartDate), RedrivenAt: utc(found.RedriveDate), EndedAt: utc(found.StopDate),
		},
		ARN: aws.ToString(found.ExecutionArn), Status: string(found.Status), Error: aws.ToString(found.Error),
		CanRedrive: found.RedriveStatus == types.ExecutionRedriveStatusRedrivable,
		WhyNot:     aws.ToString(found.RedriveStatusReason),
	}
	if found.Input != nil {
		b.Input = json.RawMessage(*found.Input)
		if request, err := backfill.ParseRequest(b.Input); err == nil {
			b.Request = request
		}
	}
	b.Cause, b.Report = report.ReadCause(aws.ToString(found.Cause))
	if found.Output != nil {
		b.Output = json.RawMessage(*found.Output)
		b.Report = parseReport(b.Output)
	}
	if b.Error != "" || b.Cause != "" {
		b.Failure = &status.Failure{Type: b.Error, Message: b.Cause}
	}
	return b
}

// parseReport reads the output of an execution; nil where it is something else.
func parseReport(output []byte) *report.Report {
	var found report.Report
	if json.Unmarshal(output, &found) != nil || found.BackfillID == "" {
		return nil
	}
	return &found
}

// stateOf is an execution's status in the words of the backfills' records.
func stateOf(s types.ExecutionStatus) status.BackfillState {
	switch s {
	case types.ExecutionStatusRunning, types.ExecutionStatusPendingRedrive:
		return status.BackfillRunning
	case types.ExecutionStatusSucceeded:
		return status.BackfillSucceeded
	case types.ExecutionStatusAborted:
		return status.BackfillCancelled
	default:
		return status.BackfillFailed
	}
}

// explainBackfill says of an error of Step Functions what to do about it.
func explainBackfill(name string, err error) error {
	_, missing := errors.AsType[*types.ExecutionDoesNotExist](err)
	_, invalid := errors.AsType[*types.InvalidArn](err)
	if missing || invalid {
		return noBackfill(name)
	}
	if _, taken := errors.AsType[*types.ExecutionAlreadyExists](err); taken {
		return &ConflictError{"there has been a backfill called " + name + " already", "choose another name, or none", err}
	}
	if refused, no := errors.AsType[*types.ExecutionNotRedrivable](err); no {
		return &ConflictError{"backfill " + name + " cannot be run again (" + refused.ErrorMessage() + ")", "start another", err}
	}
	if _, full := errors.AsType[*types.ExecutionLimitExceeded](err); full {
		return &ConflictError{"too many executions are running", "wait for some to end, or stop them", err}
	}
	return explain(theMachine, err)
}
