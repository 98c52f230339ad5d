package etl_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"delfos/shared/etl"
	"delfos/shared/target"
)

// asleep refuses connections as a PostgreSQL does that is on its way up, so often.
type asleep struct {
	etl.Target

	refusals int
}

// Replace counts the refusals down.
func (a *asleep) Replace(ctx context.Context, p target.Publication) (target.Published, error) {
	if a.refusals--; a.refusals >= 0 {
		return target.Published{}, &target.UnavailableError{Operation: "connect", Cause: &pgconn.PgError{
			Code: "57P03", Message: "the database system is starting up",
		}}
	}
	return a.Target.Replace(ctx, p)
}

func TestARunWaitsForATargetThatIsWakingBeyondItsUsualAttempts(t *testing.T) {
	t.Parallel()
	b := setup(t, "UTC")
	b.fill(t, b.Settings.Calendar.Span(firstDay), b.Settings.SampleInterval)
	b.Target = &asleep{b.Target, 4}
	if _, err := b.run(t, "2026-02-20"); err != nil || len(b.published(t)) != 1152 {
		t.Errorf("Run = %v; %d rows in the target, want 1152", err, len(b.published(t)))
	}
}
