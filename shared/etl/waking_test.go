package etl_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"delfos/shared/etl"
	"delfos/shared/status"
	"delfos/shared/target"
)

// SQLSTATEs of a database that is on its way up, and of a connection that broke.
const (
	startingUp        = "57P03"
	connectionFailure = "08006"
)

// refusing is a target that refuses with these SQLSTATEs, one after the other, before it
// does its part.
type refusing struct {
	etl.Target

	codes []string
	then  func() // after each refusal; may be nil
}

// Replace takes the next.
func (r *refusing) Replace(ctx context.Context, p target.Publication) (target.Published, error) {
	if len(r.codes) == 0 {
		return r.Target.Replace(ctx, p)
	}
	code := r.codes[0]
	r.codes = r.codes[1:]
	if r.then != nil {
		r.then()
	}
	return target.Published{}, &target.UnavailableError{Operation: "connect", Cause: &pgconn.PgError{Code: code}}
}

func TestARunWaitsForATargetThatIsWakingBesideItsUsualAttempts(t *testing.T) {
	t.Parallel()
	for name, codes := range map[string][]string{
		"for longer than it tries": {startingUp, startingUp, startingUp, startingUp},
		"and then breaks off":      {startingUp, startingUp, startingUp, connectionFailure},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, "UTC")
			b.fill(t, b.Settings.Calendar.Span(firstDay), b.Settings.SampleInterval)
			b.Target = &refusing{Target: b.Target, codes: codes}
			if _, err := b.run(t, "2026-02-20"); err != nil || len(b.published(t)) != 1152 {
				t.Errorf("Run = %v; %d rows in the target, want 1152", err, len(b.published(t)))
			}
		})
	}
}

func TestARunDoesNotWaitForATargetThatWakesForEver(t *testing.T) {
	t.Parallel()
	b := setup(t, "UTC")
	b.fill(t, b.Settings.Calendar.Span(firstDay), b.Settings.SampleInterval)
	waking := &refusing{Target: b.Target, codes: []string{startingUp, startingUp, startingUp, startingUp, startingUp}}
	waking.then = func() {
		if len(waking.codes) == 4 {
			b.clock.Advance(41 * time.Second)
		}
	}
	b.Target = waking
	_, err := b.run(t, "2026-02-20")
	if _, ok := errors.AsType[*etl.TargetUnavailable](err); !ok || len(b.published(t)) != 0 {
		t.Errorf("Run = %v; %d rows in the target, want none", err, len(b.published(t)))
	}
}

func TestARunThatIsCancelledWhileItsTargetWakesDoesNotPublish(t *testing.T) {
	t.Parallel()
	b := setup(t, "UTC")
	b.fill(t, b.Settings.Calendar.Span(firstDay), b.Settings.SampleInterval)
	waking := &refusing{Target: b.Target, codes: []string{startingUp, startingUp}}
	waking.then = func() {
		if _, err := b.status.Cancel(t.Context(), "turbine-1", firstDay, "not wanted", b.clock.Now()); err != nil && len(waking.codes) == 1 {
			t.Error(err)
		}
	}
	b.Target = waking
	_, err := b.run(t, "2026-02-20")
	if e, ok := errors.AsType[*etl.Cancelled](err); !ok || len(waking.codes) != 1 || len(b.published(t)) != 0 {
		t.Errorf("Run = %T %v; %d refusals are left, want 1; %d rows in the target", e, err, len(waking.codes), len(b.published(t)))
	}
	runs, err := b.status.RunsOf(t.Context(), "turbine-1", firstDay, status.Page{})
	if err != nil || len(runs.Runs) != 1 || runs.Runs[0].Outcome != status.OutcomeCancelled {
		t.Errorf("runs = %+v, %v", runs, err)
	}
}
