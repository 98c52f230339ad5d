package e2e

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"delfos/infra/local/postgres/postgrestest"
)

// breakdowns of a target, each over when the function returns.
var breakdowns = map[string]func(testing.TB, *world){
	"its sessions are ended": func(t testing.TB, w *world) {
		t.Helper()
		_, err := w.target.Exec(context.WithoutCancel(t.Context()), `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
			WHERE datname = current_database() AND application_name LIKE 'delfos publishes %'`)
		if err != nil {
			t.Error(err)
		}
	},
	"it restarts": func(t testing.TB, w *world) {
		t.Helper()
		w.targetServer = postgrestest.Restart(t, w.targetServer)
	},
	"it crashes": func(t testing.TB, w *world) {
		t.Helper()
		postgrestest.Kill(t, w.targetServer)
		w.targetServer = postgrestest.Restart(t, w.targetServer)
	},
}

func TestATargetThatBreaksOffALoadTakesTheNextAttempt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	day := 0
	for name, breakDown := range breakdowns {
		for _, at := range []step{copying, commitAsked} {
			date := dateOf(day)
			day++
			t.Run(name+", "+string(at), func(t *testing.T) {
				t.Parallel()
				own := w.withTarget(t)
				d := own.deploy(t, date, settings{lease: 30 * time.Second})
				before := own.write(t, date, 1)
				d.publish(t)
				after := own.write(t, date, 2)
				over := make(chan struct{})
				d.at(at, func() verdict {
					defer close(over)
					breakDown(t, own)
					return pass
				})
				o := d.mustInvoke(t)
				<-over
				own.target.Reset()
				if o.errorType != "" { // a slow restart can outlast the attempts
					d.failedAs(t, o, "TargetUnavailable")
					d.holds(t, date, before)
					o = d.publish(t)
				}
				d.succeededAs(t, o)
				d.holds(t, date, after)
			})
		}
	}
}

func TestATargetThatBreaksOffEveryLoadKeepsTheOldDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.deploy(t, dateOf(0), settings{})
	before := w.write(t, d.date, 1)
	d.publish(t)
	after := w.write(t, d.date, 2)
	d.forget()
	var again func() verdict
	var over atomic.Bool // a step that is seen late breaks nothing any more
	again = func() verdict {
		if !over.Load() {
			breakdowns["its sessions are ended"](t, w)
			d.at(copying, again)
		}
		return pass
	}
	d.at(copying, again)
	o := d.mustInvoke(t)
	d.failedAs(t, o, "TargetUnavailable")
	d.holds(t, d.date, before)
	if loads := d.count(copying); loads < 2 {
		t.Errorf("the target was tried %d times, want more than once", loads)
	}
	over.Store(true)
	d.forget()
	d.succeededAs(t, d.publish(t))
	d.holds(t, d.date, after)
}

func TestATargetThatIsDownFailsTheRunAndKeepsTheOldDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t).withTarget(t)
	d := w.deploy(t, dateOf(0), settings{})
	before := w.write(t, d.date, 1)
	d.publish(t)
	after := w.write(t, d.date, 2)
	postgrestest.Kill(t, w.targetServer)
	d.failedAs(t, d.mustInvoke(t), "TargetUnavailable")
	w.targetServer = postgrestest.Restart(t, w.targetServer)
	w.target.Reset()
	d.holds(t, d.date, before)
	d.publish(t)
	d.holds(t, d.date, after)
}

func TestAConnectionLostAroundTheCommitIsNeverALie(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, test := range []struct {
		name   string
		at     step
		down   bool // nothing can be asked afterwards
		leaves outlook
		ends   string // error type, "" for success
		says   string
	}{
		{"before the server hears of it", commitAsked, false, newDay, "", ""}, // by another attempt
		{"before its answer", committed, false, newDay, "", ""},
		{"before its answer, and the target stays away", committed, true, newDay, "TargetUnavailable", "whether the day was published is not known"},
		{"before the server hears of it, and the target stays away", commitAsked, true, oldDay, "TargetUnavailable", "whether the day was published is not known"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := w.deploy(t, dateOf(i), settings{})
			before := w.write(t, d.date, 1)
			d.publish(t)
			after := w.write(t, d.date, 2)
			d.at(test.at, func() verdict {
				d.db.down.Store(test.down)
				return cut
			})
			o := d.mustInvoke(t)
			d.leaves(t, test.leaves, before, after)
			if test.ends == "" {
				d.succeededAs(t, o)
			} else {
				d.failedAs(t, o, test.ends)
			}
			if !strings.Contains(o.message, test.says) {
				t.Errorf("it says %q; want %q", o.message, test.says)
			}
			d.db.down.Store(false)
			d.succeededAs(t, d.publish(t))
			d.holds(t, d.date, after)
		})
	}
}
