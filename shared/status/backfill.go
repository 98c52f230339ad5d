package status

import (
	"encoding/json"
	"time"

	"delfos/shared/partition"
)

// BackfillState is how a backfill stands.
type BackfillState string

// The states; all but running are ends, which a redrive takes back.
const (
	BackfillRunning   BackfillState = "running"
	BackfillSucceeded BackfillState = "succeeded"
	BackfillFailed    BackfillState = "failed" // or timed out
	BackfillCancelled BackfillState = "cancelled"
)

// Backfill is the record of one execution of the state machine. Times are UTC, cut
// to milliseconds; a zero time is none.
type Backfill struct {
	Asset string `json:"asset"`
	ID    string `json:"backfill_id"` // the execution's name

	// What the execution's status changes tell; the ARN is empty until the first has come.
	ExecutionARN string          `json:"execution_arn,omitempty"`
	State        BackfillState   `json:"state"`
	Redrives     int             `json:"redrives"`          // how often the execution was redriven
	Request      json.RawMessage `json:"request,omitempty"` // the execution's input; none where it had more than 4 KB
	StartedAt    time.Time       `json:"started_at"`        // of the first start, whatever the redrives
	EndedAt      time.Time       `json:"ended_at,omitzero"`
	Failure      *Failure        `json:"failure,omitempty"` // the execution's error and cause, cut at 4 KB

	Plan      *BackfillPlan   `json:"plan,omitempty"`   // nil until it is made
	Counts    *BackfillCounts `json:"counts,omitempty"` // of the last end; nil before it, and where nobody counted
	UpdatedAt time.Time       `json:"updated_at,omitzero"`
}

// BackfillCounts is what had become of the planned partitions when a backfill ended,
// whatever others have made of them since. What is in none was never started.
type BackfillCounts struct {
	Materialized int `json:"materialized"`
	Failed       int `json:"failed"`
	Cancelled    int `json:"cancelled"`
	Waived       int `json:"waived"`
}

// BackfillPlan is what a backfill set out to do.
type BackfillPlan struct {
	From       partition.Key `json:"from"` // the range, both inclusive, that its partitions lie in
	To         partition.Key `json:"to"`
	Partitions int           `json:"partitions"` // how many of the range's are to be run
	Hash       string        `json:"plan_hash"`
}

// Stopped is the mark that the backfill's runs look for once they have claimed:
// nothing more is to be started, for the execution has been cancelled or has
// failed. A redrive takes it away.
func (b Backfill) Stopped() bool {
	return b.State == BackfillCancelled || b.State == BackfillFailed
}

// startLayout has a fixed width, so that text order is time order.
const startLayout = "2006-01-02T15:04:05.000Z"

// startKey is the key of the index by_start: names of executions are in no order.
func (b Backfill) startKey() string {
	return b.StartedAt.UTC().Format(startLayout) + "#" + b.ID
}
