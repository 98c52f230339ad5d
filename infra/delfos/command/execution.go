package command

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"delfos/shared/backfill"
	"delfos/shared/backfill/report"
)

// stepFunctions is what the command asks of Step Functions.
type stepFunctions interface {
	StartExecution(context.Context, *sfn.StartExecutionInput, ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error)
	StopExecution(context.Context, *sfn.StopExecutionInput, ...func(*sfn.Options)) (*sfn.StopExecutionOutput, error)
	RedriveExecution(context.Context, *sfn.RedriveExecutionInput, ...func(*sfn.Options)) (*sfn.RedriveExecutionOutput, error)
	DescribeExecution(context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error)
	ListExecutions(context.Context, *sfn.ListExecutionsInput, ...func(*sfn.Options)) (*sfn.ListExecutionsOutput, error)
	GetExecutionHistory(context.Context, *sfn.GetExecutionHistoryInput, ...func(*sfn.Options)) (*sfn.GetExecutionHistoryOutput, error)
	ListMapRuns(context.Context, *sfn.ListMapRunsInput, ...func(*sfn.Options)) (*sfn.ListMapRunsOutput, error)
	DescribeMapRun(context.Context, *sfn.DescribeMapRunInput, ...func(*sfn.Options)) (*sfn.DescribeMapRunOutput, error)
}

// execution is a backfill as Step Functions knows it.
type execution struct {
	Name       string                `json:"backfill_id"`
	ARN        string                `json:"execution_arn"`
	Status     types.ExecutionStatus `json:"status"`
	StartedAt  time.Time             `json:"started_at"`
	StoppedAt  time.Time             `json:"stopped_at,omitzero"`
	Redrives   int                   `json:"redrives"`
	RedrivenAt time.Time             `json:"redriven_at,omitzero"` // the last time
	Request    backfill.Request      `json:"request"`
	Error      string                `json:"error,omitempty"`
	Cause      string                `json:"cause,omitempty"` // for a person; what machines read of it is in the report

	redrivable types.ExecutionRedriveStatus
	whyNot     string // it is not redrivable
	report     *report.Report
	lastStart  time.Time // or its last redrive
}

// over tells whether nothing of it goes on.
func (e execution) over() bool {
	return e.Status != types.ExecutionStatusRunning && e.Status != types.ExecutionStatusPendingRedrive
}

// took is from its start, or its last redrive, to its end or now.
func (e execution) took(now time.Time) time.Duration {
	if e.over() {
		now = e.StoppedAt
	}
	return now.Sub(e.lastStart)
}

// executionARN is the ARN of a backfill by its name (Step Functions API Reference,
// "DescribeExecution": arn:aws:states:region:account:execution:machine:name).
func (c connection) executionARN(name string) string {
	return strings.Replace(c.machineARN, ":stateMachine:", ":execution:", 1) + ":" + name
}

// execution reads a backfill by its name.
func (c connection) execution(ctx context.Context, name string) (execution, error) {
	found, err := c.sfn.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: aws.String(c.executionARN(name))})
	if err != nil {
		return execution{}, c.explainBackfill(name, "look at", err)
	}
	return toExecution(found), nil
}

func toExecution(found *sfn.DescribeExecutionOutput) execution {
	e := execution{
		Name:       aws.ToString(found.Name),
		ARN:        aws.ToString(found.ExecutionArn),
		Status:     found.Status,
		StartedAt:  aws.ToTime(found.StartDate).UTC(),
		StoppedAt:  utc(found.StopDate),
		Redrives:   int(aws.ToInt32(found.RedriveCount)),
		RedrivenAt: utc(found.RedriveDate),
		Error:      aws.ToString(found.Error),
		redrivable: found.RedriveStatus,
		whyNot:     aws.ToString(found.RedriveStatusReason),
	}
	e.lastStart = e.StartedAt
	if e.RedrivenAt.After(e.StartedAt) {
		e.lastStart = e.RedrivenAt
	}
	// An input that somebody else typed may be anything; its execution fails and says so.
	if request, err := backfill.ParseRequest([]byte(aws.ToString(found.Input))); err == nil {
		e.Request = request
	}
	e.Cause, e.report = report.ReadCause(aws.ToString(found.Cause))
	if found.Output != nil {
		e.report = parseReport(*found.Output)
	}
	return e
}

// utc is a time that may be missing.
func utc(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// parseReport reads the output of an execution; nil where it is something else.
func parseReport(output string) *report.Report {
	var found report.Report
	if json.Unmarshal([]byte(output), &found) != nil {
		return nil
	}
	return &found
}
