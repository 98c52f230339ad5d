package pipeline

import (
	"fmt"

	"delfos/shared/partition"
)

// NotFoundError says that there is no such thing: status 404.
type NotFoundError struct {
	What   string // "partition", "run", "backfill", "schedule"
	Name   string
	Advice string // what to do, for a person
}

// Error names the thing and what to do.
func (e *NotFoundError) Error() string {
	return fmt.Sprintf("there is no %s %s: %s", e.What, e.Name, e.Advice)
}

// InvalidError says that the request asks for nothing that can be done: status 400.
type InvalidError struct {
	Field  string // of the request, as its JSON or form names it
	Reason string // which rule it breaks, for a person
}

// Error names the field and the rule.
func (e *InvalidError) Error() string { return e.Field + ": " + e.Reason }

// ConflictError says that the state of things does not allow it, now: status 409.
type ConflictError struct {
	Reason string
	Advice string // what to do, for a person
	Cause  error  // may be nil
}

// Error says why, and what to do.
func (e *ConflictError) Error() string { return e.Reason + ": " + e.Advice }

// Unwrap gives the cause; nil where there is none.
func (e *ConflictError) Unwrap() error { return e.Cause }

// UnavailableError says that a part of the system did not do its part: status 503.
// It may pass by itself.
type UnavailableError struct {
	What  string // "the status tables", "Step Functions", …
	Cause error
}

// Error names the part and the cause.
func (e *UnavailableError) Error() string {
	return fmt.Sprintf("%s cannot be reached or failed, try again in a moment: %v", e.What, e.Cause)
}

// Unwrap gives the cause.
func (e *UnavailableError) Unwrap() error { return e.Cause }

// RefusedError says that a part of the system does not let us, or is not what it
// should be, which does not pass by itself: status 502.
type RefusedError struct {
	What  string
	Cause error
}

// Error names the part, the cause and what to check.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s refused: %v: check that the console's stack is deployed whole, and its role's permissions", e.What, e.Cause)
}

// Unwrap gives the cause.
func (e *RefusedError) Unwrap() error { return e.Cause }

// RunFailedError says that a run was made, and has failed: its record says more.
type RunFailedError struct {
	Partition partition.Key
	RunID     string // empty where the run did not get so far as to be recorded
	Type      string // the etl function's error type, "EmptyPartition"
	Message   string // for a person
}

// Error names the partition and the failure.
func (e *RunFailedError) Error() string {
	return fmt.Sprintf("the run of %s has failed: %s: %s", e.Partition, e.Type, e.Message)
}
