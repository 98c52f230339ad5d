package status

import (
	"time"

	"delfos/shared/partition"
)

// Trigger is what started a run.
type Trigger string

// The triggers.
const (
	TriggerManual   Trigger = "manual"
	TriggerSchedule Trigger = "schedule"
	TriggerBackfill Trigger = "backfill"
)

// Outcome is how a run stands.
type Outcome string

// The outcomes; all but running are final.
const (
	OutcomeRunning   Outcome = "running"
	OutcomeSucceeded Outcome = "succeeded"
	OutcomeFailed    Outcome = "failed"
	OutcomeCancelled Outcome = "cancelled"
)

// Run is the record of one attempt at one partition. Times are UTC, cut to
// milliseconds; a zero time is none.
type Run struct {
	ID         string        `json:"run_id"` // a ULID: text order is time order
	Asset      string        `json:"asset"`
	Partition  partition.Key `json:"partition"`
	Trigger    Trigger       `json:"trigger"`
	Attempt    int           `json:"attempt"`               // 1 for the trigger's first try
	Generation int64         `json:"generation,omitempty"`  // 0 until it is known that the run has claimed
	BackfillID string        `json:"backfill_id,omitempty"` // the execution that asked for it

	Outcome         Outcome          `json:"outcome"`
	StartedAt       time.Time        `json:"started_at"`
	FinishedAt      time.Time        `json:"finished_at,omitzero"`
	Failure         *Failure         `json:"failure,omitempty"`
	Materialization *Materialization `json:"materialization,omitempty"`

	LogGroup  string `json:"log_group,omitempty"`
	LogStream string `json:"log_stream,omitempty"`
	RequestID string `json:"request_id,omitempty"` // Lambda's, which its log lines carry

	ExpiresAt time.Time `json:"expires_at,omitzero"` // when DynamoDB may drop the record; to the second
}

// longestRun is the most that a Lambda function may run for (Lambda Developer
// Guide, "Lambda quotas": function timeout 900 seconds).
const longestRun = 15 * time.Minute

// OutcomeAt is how the run stands at the instant now, and why it failed or was
// cancelled, if it did. p is the record of the run's partition: a run recorded as
// running has ended as the partition says, and has failed where its lease ran
// out, another run took it, or no function could be running for so long.
func (r Run) OutcomeAt(p Partition, now time.Time) (Outcome, *Failure) {
	if r.Outcome != OutcomeRunning {
		return r.Outcome, r.Failure
	}
	if p.RunID == r.ID {
		switch attempt, failure := p.AttemptAt(now); attempt {
		case AttemptSucceeded:
			return OutcomeSucceeded, nil
		case AttemptFailed:
			return OutcomeFailed, failure
		case AttemptCancelled:
			return OutcomeCancelled, failure
		default:
			return OutcomeRunning, nil
		}
	}
	overtaken := r.Generation > 0 && p.Generation > r.Generation
	if overtaken || now.Sub(r.StartedAt) > longestRun {
		lost := LeaseExpired()
		return OutcomeFailed, &lost
	}
	return OutcomeRunning, nil
}
