package statustest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"delfos/shared/partition"
	"delfos/shared/status"
)

var readTests = map[string]func(*testing.T, fixture){
	"ADayWithoutARecordIsMissing": func(t *testing.T, f fixture) {
		f.expect(t, status.Partition{Data: status.DataMissing})
	},
	"PartitionsAreListedInOrderWithBothEnds": func(t *testing.T, f fixture) {
		for _, offset := range []int{4, 0, -1, 2, 5} {
			claim := f.asks(runA, start)
			claim.Partition = day.AddDays(offset)
			if _, _, err := f.store.Claim(deadline(t), claim); err != nil {
				t.Fatal(err)
			}
		}
		foreign := f.asks(runA, start)
		foreign.Asset += "-other"
		if _, _, err := f.store.Claim(deadline(t), foreign); err != nil {
			t.Fatal(err)
		}
		same(t, f.listed(t, day, day.AddDays(4)), []string{"2026-02-20", "2026-02-22", "2026-02-24"})
		same(t, f.listed(t, day, day), []string{"2026-02-20"})
		same(t, f.listed(t, day.AddDays(100), day.AddDays(200)), nil)
	},
	"PartitionsAreListedBeyondAPageOfOneMegabyte": func(t *testing.T, f fixture) {
		const days = 300 // of 4 KB each
		group, ctx := errgroup.WithContext(deadline(t))
		group.SetLimit(8)
		for offset := range days {
			group.Go(func() error {
				claim := f.asks(runA, start)
				claim.Partition = day.AddDays(offset)
				lease, _, err := f.store.Claim(ctx, claim)
				if err != nil {
					return err
				}
				return f.store.Fail(ctx, lease, status.Failure{Type: "Long", Message: strings.Repeat("x", 4096)}, start, 0)
			})
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, k := range partition.Days(day, day.AddDays(days-1)) {
			want = append(want, k.String())
		}
		same(t, f.listed(t, day, day.AddDays(1000)), want)
	},
	"AListOfPartitionsWithItsEndsReversedIsRefused": func(t *testing.T, f fixture) {
		if _, err := f.store.Partitions(deadline(t), f.asset, day, day.AddDays(-1)); err == nil {
			t.Error("want an error")
		}
	},
}

func (f fixture) listed(t *testing.T, first, last partition.Key) []string {
	t.Helper()
	partitions, err := f.store.Partitions(deadline(t), f.asset, first, last)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, p := range partitions {
		keys = append(keys, p.Key.String())
	}
	return keys
}

var runTests = map[string]func(*testing.T, fixture){
	"ARunIsRecordedFromItsStartToItsEnd": func(t *testing.T, f fixture) {
		run := f.run(runA)
		f.startRun(t, run)
		f.expectRun(t, run)

		m := materialization(status.Lease{RunID: runA, Generation: 7}, after(2))
		f.finishRun(t, status.Ending{Outcome: status.OutcomeSucceeded, At: after(3), Generation: 7, Materialization: &m})
		run.Outcome, run.FinishedAt, run.Generation, run.Materialization = status.OutcomeSucceeded, after(3), 7, &m
		f.expectRun(t, run)
	},
	"ARunsEndIsRecordedOnce": func(t *testing.T, f fixture) {
		f.startRun(t, f.run(runA))
		failure := status.LeaseExpired()
		failed := status.Ending{Outcome: status.OutcomeFailed, At: after(3), Failure: &failure}
		f.finishRun(t, failed)
		f.finishRun(t, failed)
		err := f.store.FinishRun(deadline(t), f.asset, runA, status.Ending{Outcome: status.OutcomeSucceeded, At: after(4)})
		wantError(t, err, &status.RunEndedError{Asset: f.asset, ID: runA, Outcome: status.OutcomeFailed})

		run := f.run(runA)
		run.Outcome, run.FinishedAt, run.Failure = status.OutcomeFailed, after(3), &failure
		f.expectRun(t, run)
	},
	"ARunIdIsOneRuns": func(t *testing.T, f fixture) {
		run := f.run(runA)
		f.startRun(t, run)
		f.startRun(t, run)
		other := run
		other.RequestID = "another"
		wantError(t, f.store.StartRun(deadline(t), other), &status.RunExistsError{Asset: f.asset, ID: runA})
		f.expectRun(t, run)
	},
	"ARunThatIsNotRecordedIsNotFoundAndNotFinished": func(t *testing.T, f fixture) {
		want := &status.RunNotFoundError{Asset: f.asset, ID: runA}
		_, err := f.store.Run(deadline(t), f.asset, runA)
		wantError(t, err, want)
		err = f.store.FinishRun(deadline(t), f.asset, runA, status.Ending{Outcome: status.OutcomeSucceeded, At: start})
		wantError(t, err, want)
		_, err = f.store.Run(deadline(t), f.asset, runA)
		wantError(t, err, want)
	},
	"RunsAreListedNewestFirstPageByPage": func(t *testing.T, f fixture) {
		ids := f.startRuns(t, 7)
		for limit := 1; limit <= 8; limit++ {
			var have []string
			for page := (status.Page{Limit: limit}); ; {
				runs, err := f.store.Runs(deadline(t), f.asset, page)
				if err != nil {
					t.Fatal(err)
				}
				if len(runs.Runs) == 0 || len(runs.Runs) > limit {
					t.Fatalf("a page of %d has %d runs", limit, len(runs.Runs))
				}
				have = append(have, idsOf(runs)...)
				if page.Before = runs.Next; page.Before == "" {
					break
				}
			}
			same(t, have, []string{ids[6], ids[5], ids[4], ids[3], ids[2], ids[1], ids[0]})
		}
	},
	"RunsOfAPartitionAreListedNewestFirst": func(t *testing.T, f fixture) {
		ids := f.startRuns(t, 7) // of two days in turn
		runs, err := f.store.RunsOf(deadline(t), f.asset, day, status.Page{Limit: 3})
		if err != nil {
			t.Fatal(err)
		}
		same(t, idsOf(runs), []string{ids[6], ids[4], ids[2]})
		runs, err = f.store.RunsOf(deadline(t), f.asset, day, status.Page{Before: runs.Next})
		if err != nil {
			t.Fatal(err)
		}
		same(t, idsOf(runs), []string{ids[0]})
		same(t, runs.Next, "")
		none, err := f.store.RunsOf(deadline(t), f.asset, day.AddDays(9), status.Page{})
		if err != nil {
			t.Fatal(err)
		}
		same(t, idsOf(none), nil)
	},
	"ALimitOutsideItsBoundsIsRefused": func(t *testing.T, f fixture) {
		for _, limit := range []int{-1, status.MaxPage + 1} {
			if _, err := f.store.Runs(deadline(t), f.asset, status.Page{Limit: limit}); err == nil {
				t.Errorf("limit %d: want an error", limit)
			}
		}
	},
	"ARunThatMakesNoSenseIsRefused": func(t *testing.T, f fixture) {
		for name, change := range map[string]func(*status.Run){
			"asset":      func(r *status.Run) { r.Asset = "" },
			"partition":  func(r *status.Run) { r.Partition = partition.Key{} },
			"run id":     func(r *status.Run) { r.ID = "" },
			"trigger":    func(r *status.Run) { r.Trigger = "chance" },
			"attempt":    func(r *status.Run) { r.Attempt = 0 },
			"started at": func(r *status.Run) { r.StartedAt = time.Time{} },
		} {
			run := f.run(runA)
			change(&run)
			if err := f.store.StartRun(deadline(t), run); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s: have the error %v; want one that names the field", name, err)
			}
		}
		runs, err := f.store.Runs(deadline(t), f.asset, status.Page{})
		if err != nil {
			t.Fatal(err)
		}
		same(t, idsOf(runs), nil)
	},
	"AnEndThatMakesNoSenseIsRefused": func(t *testing.T, f fixture) {
		f.startRun(t, f.run(runA))
		for name, ending := range map[string]status.Ending{
			"running":                  {Outcome: status.OutcomeRunning, At: start},
			"no outcome":               {At: start},
			"no time":                  {Outcome: status.OutcomeSucceeded},
			"failed without a failure": {Outcome: status.OutcomeFailed, At: start},
		} {
			if err := f.store.FinishRun(deadline(t), f.asset, runA, ending); err == nil {
				t.Errorf("%s: want an error", name)
			}
		}
		f.expectRun(t, f.run(runA))
	},
}

func (f fixture) run(id string) status.Run {
	return status.Run{
		ID: id, Asset: f.asset, Partition: day, Trigger: status.TriggerBackfill, Attempt: 2, BackfillID: "february",
		Outcome: status.OutcomeRunning, StartedAt: start,
		LogGroup: "/aws/lambda/delfos-EtlFunction", LogStream: "2026/02/27/[$LATEST]0123", RequestID: "5f3c",
		ExpiresAt: start.AddDate(1, 0, 0),
	}
}

func (f fixture) startRun(t *testing.T, run status.Run) {
	t.Helper()
	if err := f.store.StartRun(deadline(t), run); err != nil {
		t.Fatalf("start the run: %v", err)
	}
}

// startRuns records runs of two days in turn, the first of them day.
func (f fixture) startRuns(t *testing.T, count int) (ids []string) {
	t.Helper()
	for i := range count {
		run := f.run(fmt.Sprintf("01KJ%022d", i))
		run.Partition = day.AddDays(i % 2)
		f.startRun(t, run)
		ids = append(ids, run.ID)
	}
	return ids
}

// finishRun records the end of runA.
func (f fixture) finishRun(t *testing.T, ending status.Ending) {
	t.Helper()
	if err := f.store.FinishRun(deadline(t), f.asset, runA, ending); err != nil {
		t.Fatalf("finish the run: %v", err)
	}
}

func (f fixture) expectRun(t *testing.T, want status.Run) {
	t.Helper()
	got, err := f.store.Run(deadline(t), want.Asset, want.ID)
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, want)
}

func idsOf(page status.RunPage) (ids []string) {
	for _, run := range page.Runs {
		ids = append(ids, run.ID)
	}
	return ids
}
