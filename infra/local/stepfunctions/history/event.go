// Package history keeps the event histories of executions on disk: what
// GetExecutionHistory answers, and what a redrive goes on from.
package history

import (
	"encoding/json"
	"time"
)

// Type is an event's type (Step Functions API Reference, HistoryEvent). The types
// of a state's own events begin with its kind: "TaskStateEntered".
type Type string

// The types, but for those that are made of a state's kind.
const (
	ExecutionStarted   Type = "ExecutionStarted"
	ExecutionSucceeded Type = "ExecutionSucceeded"
	ExecutionFailed    Type = "ExecutionFailed"
	ExecutionTimedOut  Type = "ExecutionTimedOut"
	ExecutionAborted   Type = "ExecutionAborted"
	ExecutionRedriven  Type = "ExecutionRedriven"

	TaskScheduled Type = "TaskScheduled"
	TaskStarted   Type = "TaskStarted"
	TaskSucceeded Type = "TaskSucceeded"
	TaskFailed    Type = "TaskFailed"
	TaskTimedOut  Type = "TaskTimedOut"

	LambdaScheduled Type = "LambdaFunctionScheduled"
	LambdaStarted   Type = "LambdaFunctionStarted"
	LambdaSucceeded Type = "LambdaFunctionSucceeded"
	LambdaFailed    Type = "LambdaFunctionFailed"
	LambdaTimedOut  Type = "LambdaFunctionTimedOut"

	MapIterationStarted   Type = "MapIterationStarted"
	MapIterationSucceeded Type = "MapIterationSucceeded"
	MapIterationFailed    Type = "MapIterationFailed"
	MapIterationAborted   Type = "MapIterationAborted"

	MapRunStarted   Type = "MapRunStarted"
	MapRunSucceeded Type = "MapRunSucceeded"
	MapRunFailed    Type = "MapRunFailed"
	MapRunAborted   Type = "MapRunAborted"
	MapRunRedriven  Type = "MapRunRedriven"
)

// What follows a state's kind in the types of its events.
const (
	Entered   = "StateEntered"
	Exited    = "StateExited"
	Started   = "StateStarted" // of Map and Parallel, as the next three
	Succeeded = "StateSucceeded"
	Failed    = "StateFailed"
	Aborted   = "StateAborted" // also of Task and Wait
)

// Event is one event of one execution. Of the details it has those of its type.
type Event struct {
	ID       int64 `json:"id"` // from 1
	Previous int64 `json:"p,omitempty"`
	Type     Type  `json:"t"`
	At       int64 `json:"at"` // milliseconds since 1970

	// Scope names the branch or iteration that the event is of; "" is the execution
	// itself. Next is the state that follows a state exited. Both are for redrives,
	// and not told.
	Scope string `json:"s,omitempty"`
	Next  string `json:"n,omitempty"`

	Name     string                     `json:"name,omitempty"` // of a state
	Input    json.RawMessage            `json:"in,omitempty"`
	Output   json.RawMessage            `json:"out,omitempty"`
	Assigned map[string]json.RawMessage `json:"set,omitempty"`

	Error string `json:"error,omitempty"`
	Cause string `json:"cause,omitempty"`

	Resource     string          `json:"res,omitempty"`
	ResourceType string          `json:"rt,omitempty"`
	Region       string          `json:"rg,omitempty"`
	Parameters   json.RawMessage `json:"par,omitempty"`
	Timeout      int64           `json:"to,omitempty"` // seconds, as Heartbeat
	Heartbeat    int64           `json:"hb,omitempty"`

	Length       int    `json:"len,omitempty"` // of a Map's items
	Index        int    `json:"ix,omitempty"`  // of a Map's iteration
	MapRun       string `json:"run,omitempty"` // ARN
	RedriveCount int    `json:"redrives,omitempty"`
	Role         string `json:"role,omitempty"`
}

// Time is when it happened.
func (e *Event) Time() time.Time { return time.UnixMilli(e.At).UTC() }
