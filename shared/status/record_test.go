package status_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"delfos/shared/partition"
	"delfos/shared/status"
)

var now = time.Date(2026, time.February, 27, 1, 0, 0, 0, time.UTC)

func TestAnAttemptWhoseLeaseRanOutHasFailed(t *testing.T) {
	t.Parallel()
	failure := &status.Failure{Type: "OutOfTime", Message: "the function's time was too short"}
	lost := status.LeaseExpired()
	for name, test := range map[string]struct {
		partition status.Partition
		attempt   status.AttemptState
		failure   *status.Failure
	}{
		"never attempted": {status.Partition{}, status.AttemptNone, nil},
		"live": {
			status.Partition{Attempt: status.AttemptRunning, LeaseUntil: now.Add(time.Millisecond)},
			status.AttemptRunning, nil,
		},
		"run out at its end itself": {
			status.Partition{Attempt: status.AttemptRunning, LeaseUntil: now},
			status.AttemptFailed, &lost,
		},
		"succeeded": {status.Partition{Attempt: status.AttemptSucceeded}, status.AttemptSucceeded, nil},
		"failed":    {status.Partition{Attempt: status.AttemptFailed, Failure: failure}, status.AttemptFailed, failure},
	} {
		attempt, why := test.partition.AttemptAt(now)
		if attempt != test.attempt || !cmp.Equal(why, test.failure) {
			t.Errorf("%s: have %q, %v; want %q, %v", name, attempt, why, test.attempt, test.failure)
		}
	}
}

func TestARunThatNeverSaidHowItEndedHasEndedAsItsPartitionSays(t *testing.T) {
	t.Parallel()
	const own, other = "01KJA", "01KJB"
	failure := &status.Failure{Type: "OutOfTime", Message: "the function's time was too short"}
	lost := status.LeaseExpired()
	running := status.Run{ID: own, Outcome: status.OutcomeRunning, StartedAt: now.Add(-time.Minute)}
	claimed := running
	claimed.Generation = 4
	ancient := running
	ancient.StartedAt = now.Add(-15*time.Minute - 1)
	for name, test := range map[string]struct {
		run       status.Run
		partition status.Partition
		outcome   status.Outcome
		failure   *status.Failure
	}{
		"its end is recorded": {
			status.Run{ID: own, Outcome: status.OutcomeFailed, Failure: failure},
			status.Partition{RunID: own, Attempt: status.AttemptSucceeded},
			status.OutcomeFailed, failure,
		},
		"its lease is live": {
			ancient,
			status.Partition{RunID: own, Attempt: status.AttemptRunning, LeaseUntil: now.Add(1)},
			status.OutcomeRunning, nil,
		},
		"its lease ran out": {
			running,
			status.Partition{RunID: own, Attempt: status.AttemptRunning, LeaseUntil: now},
			status.OutcomeFailed, &lost,
		},
		"it succeeded": {
			running, status.Partition{RunID: own, Attempt: status.AttemptSucceeded}, status.OutcomeSucceeded, nil,
		},
		"it failed": {
			running,
			status.Partition{RunID: own, Attempt: status.AttemptFailed, Failure: failure},
			status.OutcomeFailed, failure,
		},
		"it was cancelled": {
			running,
			status.Partition{RunID: own, Attempt: status.AttemptCancelled, Failure: failure},
			status.OutcomeCancelled, failure,
		},
		"it has yet to claim": {
			running, status.Partition{RunID: other, Attempt: status.AttemptSucceeded, Generation: 3}, status.OutcomeRunning, nil,
		},
		"another run has claimed since": {
			claimed, status.Partition{RunID: other, Attempt: status.AttemptRunning, Generation: 5}, status.OutcomeFailed, &lost,
		},
		"no function runs for so long": {ancient, status.Partition{}, status.OutcomeFailed, &lost},
	} {
		outcome, why := test.run.OutcomeAt(test.partition, now)
		if outcome != test.outcome || !cmp.Equal(why, test.failure) {
			t.Errorf("%s: have %q, %v; want %q, %v", name, outcome, why, test.outcome, test.failure)
		}
	}
}

func TestTheJSONOfAMaterializationIsTheEtlFunctionsAnswer(t *testing.T) {
	t.Parallel()
	m := status.Materialization{
		RunID: "01KJA", Generation: 2, RowsRead: 1437, SamplesMissing: 3, Windows: 144, RowsWritten: 1152,
		Fingerprint: "sha256:1", Coverage: 0.5,
		Duration:    status.Durations{Extract: 12345678 * time.Nanosecond, Load: 9 * time.Millisecond, Total: time.Minute},
		PublishedAt: now,
	}
	have, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"run_id":"01KJA","generation":2,"rows_read":1437,"samples_missing":3,"windows":144,` +
		`"rows_written":1152,"fingerprint":"sha256:1","coverage":0.5,` +
		`"duration_ms":{"extract":12.345,"aggregate":0,"load":9,"total":60000},"published_at":"2026-02-27T01:00:00Z"}`
	if diff := cmp.Diff(want, string(have)); diff != "" {
		t.Error(diff)
	}
}

func TestTheJSONOfAPartitionLeavesOutWhatIsNotKnown(t *testing.T) {
	t.Parallel()
	have, err := json.Marshal(status.Partition{
		Asset: "turbine-1", Key: partition.MustParseKey("2026-02-20"), Data: status.DataMissing,
	})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"asset":"turbine-1","partition":"2026-02-20","data":"missing","generation":0}`
	if diff := cmp.Diff(want, string(have)); diff != "" {
		t.Error(diff)
	}
}

func TestDurationsSurviveJSONToTheMicrosecond(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) time.Duration {
			return time.Duration(rapid.Int64Range(0, int64(15*time.Minute/time.Microsecond)).Draw(t, name)) * time.Microsecond
		}
		want := status.Durations{Extract: draw("extract"), Aggregate: draw("aggregate"), Load: draw("load"), Total: draw("total")}
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var have status.Durations
		if err := json.Unmarshal(text, &have); err != nil {
			t.Fatal(err)
		}
		if have != want {
			t.Fatalf("%s became %v; want %v", text, have, want)
		}
	})
}

func FuzzDurations(f *testing.F) {
	f.Add([]byte(`{"extract":12.345,"aggregate":0.678,"load":9,"total":22.023}`))
	f.Add([]byte(`{"extract":-1e300}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var d status.Durations
		if json.Unmarshal(text, &d) != nil {
			return
		}
		if _, err := json.Marshal(d); err != nil {
			t.Errorf("%q was read as %v, which cannot be written: %v", text, d, err)
		}
	})
}

func TestErrorsSayWhatAndWhereAndWhatNext(t *testing.T) {
	t.Parallel()
	day := partition.MustParseKey("2026-02-20")
	for want, err := range map[string]error{
		"partition 2026-02-20 of turbine-1 is busy: run 01KJA holds it until 2026-02-27T01:00:00Z": &status.BusyError{
			Asset: "turbine-1", Partition: day, Owner: "01KJA", Until: now,
		},
		"run 01KJA no longer holds partition 2026-02-20 of turbine-1: run 01KJB has taken it": &status.LeaseLostError{
			Asset: "turbine-1", Partition: day, RunID: "01KJA", Reason: status.LostTaken, TakenBy: "01KJB",
		},
		"run 01KJA no longer holds partition 2026-02-20 of turbine-1: its lease ran out": &status.LeaseLostError{
			Asset: "turbine-1", Partition: day, RunID: "01KJA", Reason: status.LostExpired,
		},
		"no run holds partition 2026-02-20 of turbine-1: there is nothing to cancel": &status.NotRunningError{
			Asset: "turbine-1", Partition: day,
		},
		`the status table "delfos-runs" does not exist in this account and region: check RUNS_TABLE, and that the stack is up`: &status.TableNotFoundError{
			Table: "delfos-runs", Variable: "RUNS_TABLE",
		},
		"run 01KJA does not hold partition 2026-02-20 of turbine-1: there is nothing to cancel": &status.NotRunningError{
			Asset: "turbine-1", Partition: day, RunID: "01KJA",
		},
		"partition 2026-02-20 of turbine-1 has data (stale): only a day without data can be waived; to replace the data, run it again": &status.HasDataError{
			Asset: "turbine-1", Partition: day, Data: status.DataStale,
		},
		"backfill february of turbine-1 is not recorded: check its name, which is its execution's": &status.BackfillNotFoundError{
			Asset: "turbine-1", ID: "february",
		},
		"run 01KJA of turbine-1 has ended already, as failed": &status.RunEndedError{
			Asset: "turbine-1", ID: "01KJA", Outcome: status.OutcomeFailed,
		},
	} {
		if err.Error() != want {
			t.Errorf("have %q; want %q", err, want)
		}
	}
}
