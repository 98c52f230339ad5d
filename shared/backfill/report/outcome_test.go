package report_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"delfos/shared/backfill/report"
	"delfos/shared/partition"
	"delfos/shared/status"
)

const backfillID = "february"

var (
	first = partition.MustParseKey("2026-02-20")
	began = time.Date(2026, time.March, 2, 1, 0, 0, 0, time.UTC)
	days  = cmpopts.EquateComparable(partition.Key{})
)

func TestAPartitionStandsAsItsRecordSays(t *testing.T) {
	t.Parallel()
	now := began.Add(time.Hour)
	before := &status.Materialization{PublishedAt: began.Add(-time.Millisecond)}
	since := &status.Materialization{PublishedAt: began}
	failure := &status.Failure{Type: "EmptyPartition"}
	lost := status.LeaseExpired()
	for name, test := range map[string]struct {
		p       status.Partition
		outcome report.Outcome
		failure *status.Failure
	}{
		"never run":                 {status.Partition{}, report.Waiting, nil},
		"published long ago":        {status.Partition{Materialization: before, Attempt: status.AttemptSucceeded}, report.Waiting, nil},
		"published by its run":      {status.Partition{BackfillID: backfillID, Materialization: before, Attempt: status.AttemptSucceeded}, report.Materialized, nil},
		"published by another run":  {status.Partition{Materialization: since, Attempt: status.AttemptSucceeded}, report.Materialized, nil},
		"published and stale since": {status.Partition{Data: status.DataStale, Materialization: since}, report.Materialized, nil},
		"published, then failed by another": {
			status.Partition{BackfillID: "march", Materialization: since, Attempt: status.AttemptFailed, Failure: failure},
			report.Materialized, nil,
		},
		"its run failed": {
			status.Partition{BackfillID: backfillID, Materialization: before, Attempt: status.AttemptFailed, Failure: failure},
			report.Failed, failure,
		},
		"its run was cancelled": {
			status.Partition{BackfillID: backfillID, Attempt: status.AttemptCancelled, Failure: failure}, report.Cancelled, failure,
		},
		"its run died": {
			status.Partition{BackfillID: backfillID, Attempt: status.AttemptRunning, LeaseUntil: now}, report.Failed, &lost,
		},
		"its run is at it": {
			status.Partition{BackfillID: backfillID, Attempt: status.AttemptRunning, LeaseUntil: now.Add(1)}, report.Running, nil,
		},
		"another run is at it": {
			status.Partition{BackfillID: "march", Attempt: status.AttemptRunning, LeaseUntil: now.Add(1)}, report.Waiting, nil,
		},
		"waived since its run failed": {
			status.Partition{BackfillID: backfillID, Data: status.DataWaived, Attempt: status.AttemptFailed, Failure: failure}, report.Waived, nil,
		},
	} {
		outcome, why := report.Judge(test.p, status.Backfill{ID: backfillID, StartedAt: began}, now)
		if outcome != test.outcome || !cmp.Equal(why, test.failure) {
			t.Errorf("%s: have %s, %v; want %s, %v", name, outcome, why, test.outcome, test.failure)
		}
	}
}
