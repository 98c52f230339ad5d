package statustest

import (
	"testing"

	"delfos/shared/status"
)

var cancelTests = map[string]func(*testing.T, fixture){
	"CancelEndsTheLeaseAndHidesNoData": func(t *testing.T, f fixture) {
		published := f.complete(t, f.claim(t, runA, start), after(1))
		f.claim(t, runB, after(2))
		p, err := f.store.Cancel(deadline(t), f.asset, day, "not now", after(3))
		if err != nil {
			t.Fatal(err)
		}
		f.expect(t, status.Partition{
			Data: status.DataMaterialized, Materialization: &published,
			Attempt: status.AttemptCancelled, Failure: &status.Failure{Type: status.FailureCancelled, Message: "not now"},
			Generation: 2, RunID: runB, UpdatedAt: after(3),
		})
		f.expect(t, p)
		same(t, f.claim(t, runC, after(3)).Generation, 3)
	},
	"CancelTwiceIsCancelOnce": func(t *testing.T, f fixture) {
		f.claim(t, runA, start)
		f.cancel(t, after(1))
		f.cancel(t, after(1))
	},
	"CancelTellsThatNothingIsRunning": func(t *testing.T, f fixture) {
		nothing := &status.NotRunningError{Asset: f.asset, Partition: day}
		_, err := f.store.Cancel(deadline(t), f.asset, day, "not now", start)
		wantError(t, err, nothing)
		f.expect(t, status.Partition{Data: status.DataMissing})

		f.claim(t, runA, start)
		dead := f.partition(t)
		_, err = f.store.Cancel(deadline(t), f.asset, day, "not now", after(15))
		wantError(t, err, nothing)
		f.expect(t, dead)
	},
	"CancelRunEndsTheLeaseOfThatRunAlone": func(t *testing.T, f fixture) {
		published := f.complete(t, f.claim(t, runA, start), after(1))
		f.claim(t, runB, after(2))
		held := f.partition(t)
		_, err := f.store.CancelRun(deadline(t), f.asset, day, runA, "not now", after(3))
		wantError(t, err, &status.NotRunningError{Asset: f.asset, Partition: day, RunID: runA})
		f.expect(t, held)

		for range 2 { // the second recognises the first
			p, err := f.store.CancelRun(deadline(t), f.asset, day, runB, "not now", after(3))
			if err != nil {
				t.Fatal(err)
			}
			f.expect(t, status.Partition{
				Data: status.DataMaterialized, Materialization: &published,
				Attempt: status.AttemptCancelled, Failure: &status.Failure{Type: status.FailureCancelled, Message: "not now"},
				Generation: 2, RunID: runB, UpdatedAt: after(3),
			})
			f.expect(t, p)
		}
	},
	"CancelRunOfALeaseThatRanOutOrEndedChangesNothing": func(t *testing.T, f fixture) {
		lease := f.claim(t, runA, start)
		for _, end := range []func(){func() {}, func() { f.fail(t, lease, after(16)) }} {
			end()
			before := f.partition(t)
			_, err := f.store.CancelRun(deadline(t), f.asset, day, runA, "not now", after(17))
			wantError(t, err, &status.NotRunningError{Asset: f.asset, Partition: day, RunID: runA})
			f.expect(t, before)
		}
	},
	"CancelRunOfNoRunIsRefused": func(t *testing.T, f fixture) {
		f.claim(t, runA, start)
		if _, err := f.store.CancelRun(deadline(t), f.asset, day, "", "not now", after(1)); err == nil {
			t.Error("want an error")
		}
		same(t, f.partition(t).Attempt, status.AttemptRunning)
	},
}
