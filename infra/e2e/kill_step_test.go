package e2e

import (
	"fmt"
	"testing"
	"time"

	"delfos/shared/status"
)

// outlook is what is published after a kill.
type outlook string

const (
	oldDay outlook = "the old day"
	newDay outlook = "the new day"
	either outlook = "the old day or the new"
)

func TestKilledAtAnyStepARunLeavesAWholeDayAndTheNextPublishes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, test := range []struct {
		name     string
		at       step
		message  verdict // what becomes of the message under way
		leaves   outlook
		claimed  bool // by the run that is killed
		recorded bool // as running
	}{
		{"before the claim", claimAsked, cut, oldDay, false, false},
		{"after the claim", claimAnswered, cut, oldDay, true, false},
		{"after the run's record", recordAnswered, cut, oldDay, true, true},
		{"before the extract", dataAsked, cut, oldDay, true, true},
		{"amid a page", dataHalf, cut, oldDay, true, true},
		{"before the transaction", beginAsked, cut, oldDay, true, true},
		{"amid the COPY", copying, cut, oldDay, true, true},
		{"after the COPY", copied, pass, oldDay, true, true},
		{"before the commit", commitAsked, cut, oldDay, true, true},
		{"as the commit is under way", commitAsked, pass, either, true, true},
		{"after the commit", committed, cut, newDay, true, true},
		{"before the completion", completeAsked, cut, newDay, true, true},
		{"after the completion", completeAnswered, cut, newDay, true, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := w.deploy(t, dateOf(i), settings{lease: 4 * time.Second}) // a third of it suffices a busy machine for a call
			before := w.write(t, d.date, 1)
			d.publish(t)
			claims, runs := d.partition(t).Generation, len(d.runs(t))
			after := w.write(t, d.date, 2)
			d.at(test.at, func() verdict {
				d.kill()
				return test.message
			})
			if o := d.mustInvoke(t); !o.died() {
				t.Fatalf("the run was to die at %q, and ended as %q %s", test.at, o.errorType, o.message)
			}
			d.leaves(t, test.leaves, before, after)
			if got := d.partition(t).Generation - claims; got != int64(count(test.claimed)) {
				t.Errorf("the run that died claimed the day %d times, want %d", got, count(test.claimed))
			}
			dead := d.runs(t)
			if got := len(dead) - runs; got != count(test.recorded) {
				t.Fatalf("%d runs of the one that died are recorded, want %d", got, count(test.recorded))
			}

			again := d.publish(t)
			d.holds(t, d.date, after)
			d.succeededAs(t, again)
			if test.recorded {
				d.diedAs(t, d.runOf(t, dead[0].ID), test.at == completeAnswered)
			}
		})
	}
}

// dateOf is a day of its own for each case.
func dateOf(i int) string {
	first, _ := day("2026-02-20")
	return first.AddDate(0, 0, i).Format(time.DateOnly)
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

// leaves expects a whole day, and the right one, once the dead process's sessions
// have ended.
func (d *deployment) leaves(t testing.TB, want outlook, before, after published) {
	t.Helper()
	d.awaitNoSession(t)
	seen, err := d.look(t.Context(), d.date)
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case want == newDay:
		compare(t, seen.values, after)
	case want == oldDay || !matches(seen.values, after):
		compare(t, seen.values, before)
	}
}

// awaitNoSession waits until the target has noticed that the day's publisher is gone.
func (d *deployment) awaitNoSession(t testing.TB) {
	t.Helper()
	err := poll(t.Context(), func() bool {
		var sessions int
		err := d.target.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity
			WHERE xact_start IS NOT NULL AND application_name LIKE $1`, fmt.Sprintf("delfos publishes %s %%", d.date)).Scan(&sessions)
		return err == nil && sessions == 0
	})
	if err != nil {
		t.Fatalf("a transaction on %s goes on after its client's end: %v", d.date, err)
	}
}

// matches compares as compare does, without a word.
func matches(got, want published) bool {
	if len(got) != len(want) {
		return false
	}
	for name, wanted := range want {
		if value, ok := got[name]; !ok || !equal(value, wanted) {
			return false
		}
	}
	return true
}

// diedAs expects the record of a run that was killed: lost with its lease, unless
// its success was on record already.
func (d *deployment) diedAs(t testing.TB, run status.Run, completed bool) {
	t.Helper()
	switch {
	case completed && run.Outcome != status.OutcomeSucceeded:
		t.Errorf("the run that died after its completion is recorded as %s, %+v; want succeeded", run.Outcome, run.Failure)
	case !completed && (run.Outcome != status.OutcomeFailed || run.Failure == nil || run.Failure.Type != status.FailureLeaseExpired):
		t.Errorf("the run that died is recorded as %s, %+v; want failed, %s", run.Outcome, run.Failure, status.FailureLeaseExpired)
	}
}
