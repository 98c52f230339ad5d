package status

import (
	"time"

	"delfos/shared/partition"
)

// DataState is what is known of a partition's data in the target.
type DataState string

// The states of data. A partition without a record is missing.
const (
	DataMissing      DataState = "missing"      // never published
	DataMaterialized DataState = "materialized" // published
	DataStale        DataState = "stale"        // published, and the source has changed since
	DataWaived       DataState = "waived"       // declared not to be expected
)

// AttemptState is how a partition's last attempt stands.
type AttemptState string

// The states of an attempt. Claim leads to running; the last three are ends.
const (
	AttemptNone      AttemptState = "" // never attempted
	AttemptQueued    AttemptState = "queued"
	AttemptRunning   AttemptState = "running"
	AttemptSucceeded AttemptState = "succeeded"
	AttemptFailed    AttemptState = "failed"
	AttemptCancelled AttemptState = "cancelled"
)

// Partition is the record of one day of an asset. Times are UTC, cut to
// milliseconds; a zero time is none.
type Partition struct {
	Asset string        `json:"asset"`
	Key   partition.Key `json:"partition"`

	Data            DataState        `json:"data"`
	Materialization *Materialization `json:"materialization,omitempty"` // the last one published
	WaivedReason    string           `json:"waived_reason,omitempty"`

	Attempt    AttemptState `json:"attempt,omitempty"`
	Generation int64        `json:"generation"`            // of the last claim; 0 before the first
	RunID      string       `json:"run_id,omitempty"`      // of the last attempt
	BackfillID string       `json:"backfill_id,omitempty"` // the execution that asked for the last attempt, if one did
	LeaseUntil time.Time    `json:"lease_until,omitzero"`  // while an attempt is running
	Failure    *Failure     `json:"failure,omitempty"`     // why the last attempt failed or was cancelled
	UpdatedAt  time.Time    `json:"updated_at,omitzero"`
}

// LeaseLive tells whether a run holds the partition at the instant now. A lease
// is over at LeaseUntil itself.
func (p Partition) LeaseLive(now time.Time) bool {
	return p.LeaseUntil.After(now)
}

// AttemptAt is how the last attempt stands at the instant now, and why it
// failed or was cancelled, if it did. An attempt recorded as running whose lease
// ran out has failed: its process died, or is cut off.
func (p Partition) AttemptAt(now time.Time) (AttemptState, *Failure) {
	if p.Attempt == AttemptRunning && !p.LeaseLive(now) {
		lost := LeaseExpired()
		return AttemptFailed, &lost
	}
	return p.Attempt, p.Failure
}
