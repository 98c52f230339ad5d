// Package track follows the executions of the backfill's state machine by the
// events that Step Functions sends, and ends the runs of those that were stopped.
package track

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"delfos/shared/backfill"
	"delfos/shared/backfill/report"
	"delfos/shared/status"
)

// Change is one change of an execution's status.
type Change struct {
	ID           string // the execution's name
	ExecutionARN string
	State        status.BackfillState
	Redrives     int
	Input        json.RawMessage // nil where the event leaves it out, as it does above some size
	StartedAt    time.Time
	EndedAt      time.Time       // zero while it is running
	Failure      *status.Failure // nil unless it failed, timed out or was aborted
	// Child tells that the execution is one partition's, within a map run, and so no
	// backfill.
	Child bool
}

// event is what is read of the event (Step Functions Developer Guide, "Automating
// Step Functions event delivery with EventBridge"); what else is in it is not for
// us, and there may be more of it some day.
type event struct {
	Source     string `json:"source"`
	DetailType string `json:"detail-type"`
	Detail     struct {
		ExecutionARN    string  `json:"executionArn"`
		StateMachineARN string  `json:"stateMachineArn"`
		Name            string  `json:"name"`
		Status          string  `json:"status"`
		StartDate       int64   `json:"startDate"` // in milliseconds
		StopDate        *int64  `json:"stopDate"`
		Input           *string `json:"input"`
		Error           *string `json:"error"`
		Cause           *string `json:"cause"`
		RedriveCount    int     `json:"redriveCount"`
	} `json:"detail"`
}

const (
	source     = "aws.states"
	detailType = "Step Functions Execution Status Change"
)

// ParseEvent reads an event of EventBridge. The error is a *backfill.InvalidEvent
// that names the field and the rule.
func ParseEvent(raw []byte) (Change, error) {
	var e event
	if err := json.Unmarshal(raw, &e); err != nil {
		return Change{}, backfill.NewInvalidEvent(err)
	}
	if e.Source != source || e.DetailType != detailType {
		return Change{}, backfill.NewInvalidEvent(fmt.Errorf("source %q, detail-type %q: want %q, %q", e.Source, e.DetailType, source, detailType))
	}
	change, err := e.change()
	if err != nil {
		return Change{}, backfill.NewInvalidEvent(err)
	}
	return change, nil
}

func (e event) change() (Change, error) {
	d := e.Detail
	c := Change{
		ID: d.Name, ExecutionARN: d.ExecutionARN, Redrives: d.RedriveCount,
		// arn:aws:states:REGION:ACCOUNT:stateMachine:NAME/LABEL is a map run's.
		Child: strings.Contains(d.StateMachineARN, "/"),
	}
	var err error
	switch {
	case d.Name == "" || d.ExecutionARN == "":
		return c, fmt.Errorf("detail.name %q, detail.executionArn %q: want both", d.Name, d.ExecutionARN)
	case d.RedriveCount < 0:
		return c, fmt.Errorf("detail.redriveCount %d: want 0 or more", d.RedriveCount)
	}
	if c.StartedAt, err = instant("startDate", d.StartDate); err != nil || c.Child {
		return c, err
	}
	if c.State, err = stateOf(d.Status); err != nil {
		return c, err
	}
	if d.Input != nil && json.Valid([]byte(*d.Input)) {
		c.Input = json.RawMessage(*d.Input)
	}
	if c.State == status.BackfillRunning {
		return c, nil
	}
	if d.StopDate == nil {
		return c, fmt.Errorf("detail.stopDate: want one where the status is %s", d.Status)
	}
	c.EndedAt, err = instant("stopDate", *d.StopDate)
	if c.State != status.BackfillSucceeded {
		c.Failure = e.failure()
	}
	return c, err
}

// stateOf is the backfill's state. PENDING_REDRIVE is of child executions alone.
func stateOf(executionStatus string) (status.BackfillState, error) {
	switch executionStatus {
	case "RUNNING":
		return status.BackfillRunning, nil
	case "SUCCEEDED":
		return status.BackfillSucceeded, nil
	case "FAILED", "TIMED_OUT":
		return status.BackfillFailed, nil
	case "ABORTED":
		return status.BackfillCancelled, nil
	default:
		return "", fmt.Errorf("detail.status %q: want RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED", executionStatus)
	}
}

// failure is the execution's error and cause; an execution that was aborted or timed
// out may have neither.
func (e event) failure() *status.Failure {
	failure := status.Failure{Type: e.Detail.Status}
	if e.Detail.Error != nil && *e.Detail.Error != "" {
		failure.Type = *e.Detail.Error
	}
	if e.Detail.Cause != nil {
		failure.Message, _ = report.ReadCause(*e.Detail.Cause)
	}
	return &failure
}

// lastMillis is the end of the year 9999.
const lastMillis = 253_402_300_799_999

func instant(name string, millis int64) (time.Time, error) {
	if millis <= 0 || millis > lastMillis {
		return time.Time{}, fmt.Errorf("detail.%s %d: want a time in milliseconds", name, millis)
	}
	return time.UnixMilli(millis).UTC(), nil
}
