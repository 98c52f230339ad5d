package statustest

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"delfos/shared/partition"
	"delfos/shared/status"
)

// world is what the interleavings check the store against: the record as it
// should be, and every lease ever given.
type world struct {
	f      fixture
	key    partition.Key
	now    time.Time
	record status.Partition
	leases []status.Lease
	stored status.Partition // as last read
}

var interleaved atomic.Int32

// interleavings runs random transitions of any lease ever given, old or new, in
// any order, against a model in a few lines of Go.
func interleavings(t *testing.T, f fixture) {
	rapid.Check(t, func(t *rapid.T) {
		w := &world{f: f, key: day.AddDays(int(interleaved.Add(1))), now: start}
		w.record = status.Partition{Asset: f.asset, Key: w.key, Data: status.DataMissing}
		w.stored = w.record
		w.claim(t)
		transitions := []func(*rapid.T){w.claim, w.renew, w.complete, w.fail, w.cancel, w.cancelRun, w.markStale, w.waive}
		for range rapid.IntRange(1, 20).Draw(t, "transitions") {
			w.now = w.now.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "seconds pass")) * time.Second)
			transitions[rapid.IntRange(0, len(transitions)-1).Draw(t, "transition")](t)
			w.check(t)
		}
	})
}

func (w *world) claim(t *rapid.T) {
	run := fmt.Sprintf("run-%d", len(w.leases))
	lease, previous, err := w.f.store.Claim(t.Context(), status.Claim{
		Asset: w.f.asset, Partition: w.key, RunID: run, Now: w.now, LeaseUntil: w.now.Add(leaseTime),
	})
	if !w.allowed(t, !w.record.LeaseLive(w.now), err) {
		return
	}
	equal(t, previous, w.record)
	w.leases = append(w.leases, lease)
	w.record.Attempt, w.record.RunID, w.record.Failure = status.AttemptRunning, run, nil
	w.record.Generation++
	w.record.LeaseUntil, w.record.UpdatedAt = w.now.Add(leaseTime), w.now
}

func (w *world) renew(t *rapid.T) {
	lease := w.anyLease(t)
	_, err := w.f.store.Renew(t.Context(), lease, w.now, w.now.Add(leaseTime))
	if w.allowed(t, w.owns(lease) && w.record.LeaseLive(w.now), err) {
		w.record.LeaseUntil, w.record.UpdatedAt = w.now.Add(leaseTime), w.now
	}
}

func (w *world) complete(t *rapid.T) {
	lease := w.anyLease(t)
	m := materialization(lease, start)
	recorded := w.record.Materialization
	known := recorded != nil && recorded.RunID == lease.RunID
	later := recorded != nil && recorded.Generation >= lease.Generation
	overtaken := w.record.Generation > lease.Generation
	err := w.f.store.Complete(t.Context(), lease, m, w.now)
	if !w.allowed(t, w.owns(lease) || known || overtaken && !later, err) {
		return
	}
	if w.owns(lease) {
		w.ended(status.AttemptSucceeded, nil)
	} else if known {
		return
	}
	w.record.Data, w.record.Materialization, w.record.UpdatedAt = status.DataMaterialized, &m, w.now
	w.record.WaivedReason = ""
}

func (w *world) fail(t *rapid.T) {
	lease := w.anyLease(t)
	least := rapid.Int64Range(0, 20).Draw(t, "least generation")
	failure := status.Failure{Type: "OutOfTime"}
	raised := max(lease.Generation, least)
	again := w.record.RunID == lease.RunID && w.record.Attempt == status.AttemptFailed && w.record.Generation == raised
	running := w.owns(lease) && w.record.Attempt == status.AttemptRunning
	err := w.f.store.Fail(t.Context(), lease, failure, w.now, least)
	if w.allowed(t, again || running, err) && running {
		w.ended(status.AttemptFailed, &failure)
		w.record.Generation = raised
	}
}

func (w *world) cancel(t *rapid.T) {
	live := w.record.LeaseLive(w.now)
	_, err := w.f.store.Cancel(t.Context(), w.f.asset, w.key, "not now", w.now)
	if w.allowed(t, live || w.record.Attempt == status.AttemptCancelled, err) && live {
		w.ended(status.AttemptCancelled, &status.Failure{Type: status.FailureCancelled, Message: "not now"})
	}
}

func (w *world) cancelRun(t *rapid.T) {
	lease := w.anyLease(t)
	own := w.record.RunID == lease.RunID
	live := own && w.record.LeaseLive(w.now)
	_, err := w.f.store.CancelRun(t.Context(), w.f.asset, w.key, lease.RunID, "not now", w.now)
	if w.allowed(t, live || own && w.record.Attempt == status.AttemptCancelled, err) && live {
		w.ended(status.AttemptCancelled, &status.Failure{Type: status.FailureCancelled, Message: "not now"})
	}
}

func (w *world) markStale(t *rapid.T) {
	generation := w.anyLease(t).Generation
	published := w.record.Materialization != nil && w.record.Materialization.Generation == generation
	stale, err := w.f.store.MarkStale(t.Context(), w.f.asset, w.key, generation, w.now)
	if err != nil || stale != published {
		t.Fatalf("stale: have %v, %v; want %v", stale, err, published)
	}
	if published && w.record.Data != status.DataStale {
		w.record.Data, w.record.UpdatedAt = status.DataStale, w.now
	}
}

func (w *world) waive(t *rapid.T) {
	hasData := w.record.Materialization != nil
	_, err := w.f.store.Waive(t.Context(), w.f.asset, w.key, "no wind", w.now)
	if w.allowed(t, !hasData, err) {
		w.record.Data, w.record.WaivedReason, w.record.UpdatedAt = status.DataWaived, "no wind", w.now
	}
}

func (w *world) ended(attempt status.AttemptState, failure *status.Failure) {
	w.record.Attempt, w.record.Failure = attempt, failure
	w.record.LeaseUntil, w.record.UpdatedAt = time.Time{}, w.now
}

// anyLease draws one of the leases ever given, live or long lost.
func (w *world) anyLease(t *rapid.T) status.Lease {
	return rapid.SampledFrom(w.leases).Draw(t, "lease")
}

func (w *world) owns(lease status.Lease) bool {
	return w.record.RunID == lease.RunID && w.record.Generation == lease.Generation
}

// allowed checks that the store did what the model says, and tells whether it
// changed the record; a refusal is a typed error.
func (w *world) allowed(t *rapid.T, want bool, err error) bool {
	t.Helper()
	_, busy := errors.AsType[*status.BusyError](err)
	_, lost := errors.AsType[*status.LeaseLostError](err)
	_, nothing := errors.AsType[*status.NotRunningError](err)
	_, hasData := errors.AsType[*status.HasDataError](err)
	refused := busy || lost || nothing || hasData
	if err != nil && !refused {
		t.Fatalf("have the error %v", err)
	}
	if want == refused {
		t.Fatalf("allowed: %v; have the error %v", want, err)
	}
	return want
}

// check compares the stored record with the model, and with the invariants that
// hold whatever the model says.
func (w *world) check(t *rapid.T) {
	stored, err := w.f.store.Partition(t.Context(), w.f.asset, w.key)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, stored, w.record)
	if stored.Generation < w.stored.Generation {
		t.Fatalf("the generation went back from %d to %d", w.stored.Generation, stored.Generation)
	}
	if before := w.stored.Materialization; before != nil {
		if now := stored.Materialization; now == nil || now.Generation < before.Generation ||
			stored.Data != status.DataMaterialized && stored.Data != status.DataStale {
			t.Fatalf("the data of generation %d is hidden by %+v", before.Generation, stored)
		}
	}
	if stored.LeaseLive(w.now) && stored.Attempt != status.AttemptRunning {
		t.Fatalf("a lease is live without a running attempt: %+v", stored)
	}
	w.stored = stored
}

func equal(t *rapid.T, got, want status.Partition) {
	t.Helper()
	if diff := cmp.Diff(want, got, days); diff != "" {
		t.Fatalf("want (-) but have (+):\n%s", diff)
	}
}
