package e2e

import (
	"slices"
	"syscall"
	"testing"
	"time"
)

func TestARunPausedBeyondItsLeaseCannotPublish(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	day := 0
	for name, test := range map[string]struct {
		at   step
		held bool // the message waits as long as the process, as on a slow network
	}{
		"amid a page":                   {dataHalf, false},
		"before its last renewal":       {"renew asked", false},
		"before the transaction":        {beginAsked, true},
		"within the transaction":        {beginAsked, false},
		"amid the COPY":                 {copying, true},
		"after the COPY":                {copied, false},
		"as it commits, held meanwhile": {commitAsked, true},
	} {
		for _, overtaken := range []bool{false, true} {
			date := dateOf(day)
			day++
			t.Run(name+map[bool]string{true: ", overtaken"}[overtaken], func(t *testing.T) {
				t.Parallel()
				d := w.deploy(t, date, settings{lease: 3 * time.Second}) // a third of it suffices a busy machine for a call
				stands := w.write(t, date, 1)
				d.publish(t)
				w.write(t, date, 2)
				wake, resume := d.pauseAt(test.at, test.held)
				paused := d.start(t)
				select {
				case <-wake:
				case o := <-paused:
					t.Fatalf("the run was to be paused %s, and ended as %q %s", name, o.errorType, o.message)
				}
				d.awaitLeaseEnd(t)
				sleeper := d.runs(t)[0].ID
				var later outcome
				if overtaken {
					stands = w.write(t, date, 3)
					later = d.publish(t)
				}
				resume()
				o := <-paused
				if !slices.Contains([]string{"LeaseLost", "TargetUnavailable", "Superseded", "StatusUnavailable"}, o.errorType) {
					t.Errorf("the paused run ended as %q %s %+v; want an error that says it could not publish", o.errorType, o.message, o.materialization)
				}
				d.awaitNoSession(t)
				d.holds(t, date, stands)
				if overtaken {
					d.succeededAs(t, later)
					// Its successor records its end, unless it did so itself before it was paused.
					if slept := d.runOf(t, sleeper); slept.Failure == nil || slept.Failure.Type != o.errorType {
						d.diedAs(t, slept, false)
					}
					return
				}
				d.failedAs(t, o, o.errorType)
				d.publish(t)
			})
		}
	}
}

// pauseAt stops the process when it reaches a step. wake is closed then; resume
// lets it go on.
func (d *deployment) pauseAt(at step, held bool) (wake <-chan struct{}, resume func()) {
	stopped, resumed := make(chan struct{}), make(chan struct{})
	var paused []int
	d.at(at, func() verdict {
		paused = d.processes()
		for _, pid := range paused {
			_ = syscall.Kill(pid, syscall.SIGSTOP) // it may have ended just now
		}
		close(stopped)
		if held {
			<-resumed
		}
		return pass
	})
	return stopped, func() {
		close(resumed)
		for _, pid := range paused {
			_ = syscall.Kill(pid, syscall.SIGCONT)
		}
	}
}
