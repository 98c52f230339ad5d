package pipelinetest

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"golang.org/x/sync/errgroup"

	"delfos/shared/partition"
	"delfos/shared/status"
)

// FillStatus records so many runs, one a minute until now and spread evenly over all
// days, of which each day's last succeeded, but for every hundredth day, whose last run
// failed. Nothing is published.
func (w *World) FillStatus(t testing.TB, runs int) {
	t.Helper()
	days := partition.Days(w.First, w.Last)
	group, ctx := errgroup.WithContext(t.Context())
	group.SetLimit(8)
	began := w.Now().Add(-time.Duration(runs) * time.Minute)
	for i, key := range days {
		group.Go(func() error { // a day's runs one after the other
			for n := i; n < runs; n += len(days) {
				if err := w.record(ctx, key, i, n, began.Add(time.Duration(n)*time.Minute)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
}

func (w *World) record(ctx context.Context, key partition.Key, day, n int, at time.Time) error {
	random := rand.New(rand.NewPCG(uint64(day), uint64(n)))
	took := time.Duration(300+random.IntN(500)) * time.Millisecond
	run := status.Run{
		ID: ulid.MustNew(ulid.Timestamp(at), ulid.DefaultEntropy()).String(), Asset: Asset, Partition: key,
		Trigger: status.TriggerManual, Attempt: 1, Outcome: status.OutcomeRunning, StartedAt: at,
		LogGroup: EtlLogs, LogStream: "recorded", RequestID: "a7c10a4e-5b0c-4c58-8e3c-2c8f4f0f0e55",
	}
	lease, _, err := w.Status.Claim(ctx, status.Claim{Asset: Asset, Partition: key, RunID: run.ID, Now: at, LeaseUntil: at.Add(15 * time.Second)})
	if err != nil {
		return err
	}
	run.Generation = lease.Generation
	if err := w.Status.StartRun(ctx, run); err != nil {
		return err
	}
	end := status.Ending{Outcome: status.OutcomeSucceeded, At: at.Add(took), Generation: lease.Generation}
	if day%100 == 99 {
		failure := status.Failure{Type: "EmptyPartition", Message: "the source has no sample of " + key.String() + ": check the source, or allow it"}
		end.Outcome, end.Failure = status.OutcomeFailed, &failure
		if err := w.Status.Fail(ctx, lease, failure, end.At, 0); err != nil {
			return err
		}
		return w.Status.FinishRun(ctx, Asset, run.ID, end)
	}
	m := status.Materialization{
		RunID: run.ID, Generation: lease.Generation, RowsRead: 1440, Windows: 144, RowsWritten: 1152,
		Fingerprint: "1f0c5e2b9d6a4f83a1b2c3d4e5f60718", Coverage: 1, PublishedAt: end.At,
		Duration: status.Durations{Extract: took / 2, Aggregate: took / 10, Load: took / 4, Total: took},
	}
	if err := w.Status.Complete(ctx, lease, m, end.At); err != nil {
		return err
	}
	end.Materialization = &m
	return w.Status.FinishRun(ctx, Asset, run.ID, end)
}
