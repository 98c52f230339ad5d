package report

import (
	"delfos/shared/partition"
	"delfos/shared/status"
)

// Types of failures of partitions that no run of the backfill has said how it went.
const (
	NotRun        = "NotRun"        // no run of the backfill is recorded: the function could not even begin
	StillRunning  = "StillRunning"  // its run had not ended when the report was made
	PartitionBusy = "PartitionBusy" // no run of the backfill is recorded, and another run holds the partition
)

// Report is what became of the planned partitions, in the order of the plan: each is
// in one of the first four lists; but where some are to run again, which is no end,
// only these are listed, so that the state machine's data stays small.
type Report struct {
	BackfillID   string         `json:"backfill_id"`
	Counts       Counts         `json:"counts"`
	Materialized Days           `json:"materialized"`
	Failed       Days           `json:"failed"`
	Cancelled    Days           `json:"cancelled"`
	Waived       Days           `json:"waived,omitempty"`
	Errors       map[string]int `json:"errors,omitempty"` // how many failed of each type
	Again        Days           `json:"again"`            // what a redrive is to run: what failed or was cancelled
}

// Counts are the lengths of a report's lists.
type Counts struct {
	Planned      int `json:"planned"`
	Materialized int `json:"materialized"`
	Failed       int `json:"failed"`
	Cancelled    int `json:"cancelled"`
	Waived       int `json:"waived,omitempty"`
}

// verdict is what became of one partition.
type verdict struct {
	key     partition.Key
	outcome Outcome         // none of a backfill under way
	failure *status.Failure // why it failed or was cancelled
}

// newReport gathers the verdicts.
func newReport(backfillID string, verdicts []verdict) Report {
	r := Report{BackfillID: backfillID, Errors: map[string]int{}}
	for _, v := range verdicts {
		switch v.outcome {
		case Materialized:
			r.Materialized = append(r.Materialized, v.key)
		case Waived:
			r.Waived = append(r.Waived, v.key)
		case Cancelled:
			r.Cancelled = append(r.Cancelled, v.key)
		default:
			r.Failed = append(r.Failed, v.key)
			r.Errors[v.failure.Type]++
		}
	}
	r.Counts = Counts{len(verdicts), len(r.Materialized), len(r.Failed), len(r.Cancelled), len(r.Waived)}
	return r
}

// unfinished are the partitions that failed or were cancelled, in the plan's order.
func unfinished(verdicts []verdict) Days {
	var days Days
	for _, v := range verdicts {
		if v.outcome == Failed || v.outcome == Cancelled {
			days = append(days, v.key)
		}
	}
	return days
}
