package statustest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"

	"delfos/shared/partition"
	"delfos/shared/status"
)

var concurrencyTests = map[string]func(*testing.T, fixture){
	"OfFiftyClaimsAtOnceOneWins":        fiftyClaims,
	"NoGenerationIsEverGivenTwice":      generationsAreUnique,
	"AnyInterleavingKeepsTheInvariants": interleavings,
}

func fiftyClaims(t *testing.T, f fixture) {
	ctx := deadline(t)
	var (
		winners atomic.Int32
		busy    sync.Map
		begin   = make(chan struct{})
		group   errgroup.Group
	)
	for i := range 50 {
		run := fmt.Sprintf("01KJ%022d", i)
		group.Go(func() error {
			<-begin
			_, _, err := f.store.Claim(ctx, f.asks(run, start))
			var refused *status.BusyError
			switch {
			case err == nil:
				winners.Add(1)
				return nil
			case errors.As(err, &refused):
				busy.Store(refused.Owner, true)
				return nil
			default:
				return err
			}
		})
	}
	close(begin)
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	same(t, winners.Load(), 1)
	p := f.partition(t)
	same(t, p.Generation, 1)
	busy.Range(func(owner, _ any) bool {
		same(t, owner, any(p.RunID))
		return true
	})
}

// generationsAreUnique has eight workers claim, renew, publish, fail and lose
// leases on one partition, on a clock that jumps.
func generationsAreUnique(t *testing.T, f fixture) {
	const workers, claims = 8, 20
	ctx := deadline(t)
	var (
		clock atomic.Int64 // in seconds after the start
		mutex sync.Mutex
		given []int64
		group errgroup.Group
	)
	for worker := range workers {
		group.Go(func() error {
			for i := range claims {
				run := fmt.Sprintf("01KJ%011d%011d", worker, i)
				now := after(int(clock.Add(1)))
				lease, _, err := f.store.Claim(ctx, f.asks(run, now))
				if busy := new(status.BusyError); errors.As(err, &busy) {
					continue
				} else if err != nil {
					return err
				}
				mutex.Lock()
				given = append(given, lease.Generation)
				mutex.Unlock()
				if err := f.end(t, lease, i%4, after(int(clock.Add(int64(i%3)*8)))); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(given)
	if len(slices.Compact(slices.Clone(given))) != len(given) {
		t.Errorf("a generation was given twice: %v", given)
	}
	same(t, f.partition(t).Generation, given[len(given)-1])
}

// end ends a lease in one of four ways, or finds that it is lost.
func (f fixture) end(t *testing.T, lease status.Lease, way int, now time.Time) (err error) {
	t.Helper()
	ctx := deadline(t)
	switch way {
	case 0:
		err = f.store.Complete(ctx, lease, materialization(lease, now), now)
	case 1:
		err = f.store.Fail(ctx, lease, status.Failure{Type: "OutOfTime"}, now, 0)
	case 2:
		_, err = f.store.Renew(ctx, lease, now, now.Add(leaseTime))
	default: // it dies
	}
	if lost := new(status.LeaseLostError); errors.As(err, &lost) {
		return nil
	}
	return err
}

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
	ctx := deadline(t)
	rapid.Check(t, func(t *rapid.T) {
		w := &world{f: f, key: day.AddDays(int(interleaved.Add(1))), now: start}
		w.record = status.Partition{Asset: f.asset, Key: w.key, Data: status.DataMissing}
		w.stored = w.record
		t.Repeat(map[string]func(*rapid.T){
			"time passes": func(t *rapid.T) {
				w.now = w.now.Add(time.Duration(rapid.IntRange(1, 20).Draw(t, "seconds")) * time.Second)
			},
			"claim": func(t *rapid.T) {
				run := fmt.Sprintf("run-%d", len(w.leases))
				lease, previous, err := f.store.Claim(ctx, status.Claim{
					Asset: f.asset, Partition: w.key, RunID: run, Now: w.now, LeaseUntil: w.now.Add(leaseTime),
				})
				if w.allowed(t, !w.record.LeaseLive(w.now), err) {
					equal(t, previous, w.record)
					w.claimed(lease)
				}
			},
			"renew": func(t *rapid.T) {
				lease := w.any(t)
				_, err := f.store.Renew(ctx, lease, w.now, w.now.Add(leaseTime))
				if w.allowed(t, w.owns(lease) && w.record.LeaseLive(w.now), err) {
					w.record.LeaseUntil, w.record.UpdatedAt = w.now.Add(leaseTime), w.now
				}
			},
			"complete": func(t *rapid.T) {
				lease := w.any(t)
				m := materialization(lease, start)
				err := f.store.Complete(ctx, lease, m, w.now)
				if w.allowed(t, w.mayComplete(lease), err) {
					w.completed(lease, m)
				}
			},
			"fail": func(t *rapid.T) {
				lease := w.any(t)
				least := rapid.Int64Range(0, 20).Draw(t, "least generation")
				failure := status.Failure{Type: "OutOfTime"}
				raised := max(lease.Generation, least)
				again := w.record.RunID == lease.RunID && w.record.Attempt == status.AttemptFailed && w.record.Generation == raised
				err := f.store.Fail(ctx, lease, failure, w.now, least)
				if w.allowed(t, again || w.owns(lease) && w.record.Attempt == status.AttemptRunning, err) && !again {
					w.ended(status.AttemptFailed, &failure)
					w.record.Generation = raised
				}
			},
			"cancel": func(t *rapid.T) {
				live := w.record.LeaseLive(w.now)
				_, err := f.store.Cancel(ctx, f.asset, w.key, "not now", w.now)
				if w.allowed(t, live || w.record.Attempt == status.AttemptCancelled, err) && live {
					w.ended(status.AttemptCancelled, &status.Failure{Type: status.FailureCancelled, Message: "not now"})
				}
			},
			"": func(t *rapid.T) { w.check(t) },
		})
	})
}

// any draws one of the leases ever given, live or long lost.
func (w *world) any(t *rapid.T) status.Lease {
	if len(w.leases) == 0 {
		t.Skip("nothing has been claimed yet")
	}
	return rapid.SampledFrom(w.leases).Draw(t, "lease")
}

func (w *world) owns(lease status.Lease) bool {
	return w.record.RunID == lease.RunID && w.record.Generation == lease.Generation
}

func (w *world) mayComplete(lease status.Lease) bool {
	m := w.record.Materialization
	overtaken := w.record.Generation > lease.Generation
	return w.owns(lease) || (m != nil && m.RunID == lease.RunID) || overtaken && (m == nil || m.Generation < lease.Generation)
}

// allowed checks that the store did what the model says, and tells whether it
// changed the record; a refusal is a typed error.
func (w *world) allowed(t *rapid.T, want bool, err error) bool {
	t.Helper()
	var (
		busy    *status.BusyError
		lost    *status.LeaseLostError
		nothing *status.NotRunningError
	)
	refused := errors.As(err, &busy) || errors.As(err, &lost) || errors.As(err, &nothing)
	if err != nil && !refused {
		t.Fatalf("have the error %v", err)
	}
	if want == refused {
		t.Fatalf("allowed: %v; have the error %v", want, err)
	}
	return want
}

func (w *world) claimed(lease status.Lease) {
	w.leases = append(w.leases, lease)
	w.record.Attempt, w.record.RunID, w.record.Failure = status.AttemptRunning, lease.RunID, nil
	w.record.Generation++
	w.record.LeaseUntil, w.record.UpdatedAt = w.now.Add(leaseTime), w.now
}

func (w *world) completed(lease status.Lease, m status.Materialization) {
	switch {
	case w.owns(lease):
		w.ended(status.AttemptSucceeded, nil)
	case w.record.Materialization != nil && w.record.Materialization.Generation >= lease.Generation:
		return // it is recorded already
	}
	w.record.Data, w.record.Materialization, w.record.UpdatedAt = status.DataMaterialized, &m, w.now
}

func (w *world) ended(attempt status.AttemptState, failure *status.Failure) {
	w.record.Attempt, w.record.Failure = attempt, failure
	w.record.LeaseUntil, w.record.UpdatedAt = time.Time{}, w.now
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
		if now := stored.Materialization; now == nil || now.Generation < before.Generation || stored.Data != status.DataMaterialized {
			t.Fatalf("the data of generation %d is hidden by %+v", before.Generation, stored)
		}
	}
	if stored.LeaseLive(w.now) != (stored.Attempt == status.AttemptRunning && stored.LeaseUntil.After(w.now)) {
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
