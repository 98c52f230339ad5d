package statustest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

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
			if refused, ok := errors.AsType[*status.BusyError](err); ok {
				busy.Store(refused.Owner, true)
				return nil
			}
			if err == nil {
				winners.Add(1)
			}
			return err
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
				if _, busy := errors.AsType[*status.BusyError](err); busy {
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
	if _, lost := errors.AsType[*status.LeaseLostError](err); lost {
		return nil
	}
	return err
}
