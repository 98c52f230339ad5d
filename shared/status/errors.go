package status

import (
	"fmt"
	"time"

	"delfos/shared/partition"
)

// UnavailableError says that DynamoDB did not carry out an operation, or did not
// answer: throttled, failing, or out of reach. It passes by itself. A write may
// have been carried out nonetheless; to repeat it with the same arguments is safe.
type UnavailableError struct {
	Operation string // "UpdateItem"
	Table     string
	Cause     error // after the SDK's own retries
}

// Error names operation, table and cause.
func (e *UnavailableError) Error() string {
	return fmt.Sprintf("the status table %s is unavailable, try again: %v", e.Table, e.Cause)
}

// Unwrap gives the SDK's error.
func (e *UnavailableError) Unwrap() error { return e.Cause }

// TableNotFoundError says that a table does not exist where it is looked for.
type TableNotFoundError struct {
	Table    string
	Variable string // the environment variable that names it
	Cause    error
}

// Error says what to check.
func (e *TableNotFoundError) Error() string {
	return fmt.Sprintf("the status table %q does not exist in this account and region: check %s, and that the stack is up",
		e.Table, e.Variable)
}

// Unwrap gives the SDK's error.
func (e *TableNotFoundError) Unwrap() error { return e.Cause }

// BusyError says that another run holds the partition.
type BusyError struct {
	Asset     string
	Partition partition.Key
	Owner     string    // the run that holds it
	Until     time.Time // when its lease ends, unless it is renewed
}

// Error names the owner and when its lease ends.
func (e *BusyError) Error() string {
	return fmt.Sprintf("partition %s of %s is busy: run %s holds it until %s",
		e.Partition, e.Asset, e.Owner, e.Until.Format(time.RFC3339))
}

// LostReason is why a run holds no lease any more.
type LostReason string

// The reasons.
const (
	LostExpired   LostReason = "expired"   // the lease ran out
	LostTaken     LostReason = "taken"     // another run has claimed the partition since
	LostCancelled LostReason = "cancelled" // somebody cancelled the run
	LostEnded     LostReason = "ended"     // the run's end is already recorded
	LostMissing   LostReason = "missing"   // the partition has no record
)

// LeaseLostError says that a run may not go on, or not say how it ended.
type LeaseLostError struct {
	Asset     string
	Partition partition.Key
	RunID     string
	Reason    LostReason
	TakenBy   string // the run that claimed it since, where the reason is LostTaken
}

// Error names the run, the partition and the reason.
func (e *LeaseLostError) Error() string {
	reason := map[LostReason]string{
		LostExpired:   "its lease ran out",
		LostTaken:     "run " + e.TakenBy + " has taken it",
		LostCancelled: "it was cancelled",
		LostEnded:     "its end is already recorded",
		LostMissing:   "the partition's record is gone",
	}[e.Reason]
	return fmt.Sprintf("run %s no longer holds partition %s of %s: %s", e.RunID, e.Partition, e.Asset, reason)
}

// NotRunningError says that there is no live run to cancel.
type NotRunningError struct {
	Asset     string
	Partition partition.Key
	RunID     string // the run that was to be cancelled; empty where it was any
}

// Error names the partition.
func (e *NotRunningError) Error() string {
	if e.RunID != "" {
		return fmt.Sprintf("run %s does not hold partition %s of %s: there is nothing to cancel", e.RunID, e.Partition, e.Asset)
	}
	return fmt.Sprintf("no run holds partition %s of %s: there is nothing to cancel", e.Partition, e.Asset)
}

// HasDataError says that a day has data, and so can be neither waived nor
// unwaived.
type HasDataError struct {
	Asset     string
	Partition partition.Key
	Data      DataState
}

// Error names the partition and what to do instead.
func (e *HasDataError) Error() string {
	return fmt.Sprintf("partition %s of %s has data (%s): only a day without data can be waived; to replace the data, run it again",
		e.Partition, e.Asset, e.Data)
}

// BackfillNotFoundError says that a backfill has no record.
type BackfillNotFoundError struct {
	Asset string
	ID    string
}

// Error names the backfill.
func (e *BackfillNotFoundError) Error() string {
	return fmt.Sprintf("backfill %s of %s is not recorded: check its name, which is its execution's", e.ID, e.Asset)
}

// RunNotFoundError says that a run has no record.
type RunNotFoundError struct {
	Asset string
	ID    string
}

// Error names the run.
func (e *RunNotFoundError) Error() string {
	return fmt.Sprintf("run %s of %s is not recorded", e.ID, e.Asset)
}

// RunExistsError says that another run is recorded under the same id.
type RunExistsError struct {
	Asset string
	ID    string
}

// Error names the run.
func (e *RunExistsError) Error() string {
	return fmt.Sprintf("run %s of %s is recorded already", e.ID, e.Asset)
}

// RunEndedError says that a run's end is recorded already, and stays.
type RunEndedError struct {
	Asset   string
	ID      string
	Outcome Outcome // as recorded
}

// Error names the run and how it ended.
func (e *RunEndedError) Error() string {
	return fmt.Sprintf("run %s of %s has ended already, as %s", e.ID, e.Asset, e.Outcome)
}
