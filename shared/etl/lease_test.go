package etl_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"delfos/infra/local/dynamodb/dynamodbtest"
	"delfos/shared/etl"
	"delfos/shared/source"
	"delfos/shared/status"
	"delfos/shared/status/statustest"
)

func TestOfFiftyRunsAtOnceOnePublishesAndTheOthersAreBusy(t *testing.T) {
	t.Parallel()
	b := setup(t, "UTC")
	b.fill(t, b.Settings.Calendar.Span(firstDay), time.Minute)
	slow := &gate{Source: b.Source, open: make(chan struct{})}
	b.Source = slow
	const runs = 50
	errs := make(chan error, runs)
	for range runs {
		go func() {
			_, err := b.run(t, "2026-02-20")
			errs <- err
		}()
	}
	for range runs - 1 {
		err := <-errs
		var busy *etl.PartitionBusy
		if !errors.As(err, &busy) || busy.Kind() != etl.Busy || !strings.Contains(err.Error(), "holds it until 2026-11-23T12:01:00Z") {
			t.Errorf("one of the others: %v", err)
		}
	}
	close(slow.open)
	if err := <-errs; err != nil {
		t.Errorf("the one that publishes: %v", err)
	}
	if n := len(b.published(t)); n != 1152 {
		t.Errorf("%d rows in the target", n)
	}
}

// gate holds every reading back until it is open.
type gate struct {
	etl.Source
	open chan struct{}
}

func (g *gate) Read(ctx context.Context, q source.Query, page func(*source.Rows) error) (source.Fingerprint, error) {
	select {
	case <-g.open:
		return g.Source.Read(ctx, q, page)
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func TestARunPausedBeyondItsLeaseCannotPublish(t *testing.T) {
	t.Parallel()
	for name, other := range map[string]bool{"nobody took the lease": false, "another run took it": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, "UTC")
			b.fill(t, b.Settings.Calendar.Span(firstDay), time.Minute)
			paused := *b.Runner
			paused.Source = pause{b.Source, func() {
				b.clock.Advance(2 * time.Minute)
				if other {
					if _, err := b.run(t, "2026-02-20"); err != nil {
						t.Error(err)
					}
				}
			}}
			_, err := paused.Run(t.Context(), etl.Request{Partition: firstDay, Trigger: status.TriggerManual, Attempt: 1}, etl.Origin{})
			if _, ok := errors.AsType[*etl.LeaseLost](err); !ok {
				t.Fatalf("the paused run = %v, want a lost lease", err)
			}
			if want := map[bool]int{false: 0, true: 1152}[other]; len(b.published(t)) != want {
				t.Errorf("%d rows in the target, want %d", len(b.published(t)), want)
			}
			day, _ := b.status.Partition(t.Context(), "turbine-1", firstDay)
			if attempt, _ := day.AttemptAt(b.clock.Now()); other && attempt != status.AttemptSucceeded || !other && attempt != status.AttemptFailed {
				t.Errorf("the partition's last attempt is %s", attempt)
			}
		})
	}
}

// pause does something after the rows have come.
type pause struct {
	etl.Source
	then func()
}

func (p pause) Read(ctx context.Context, q source.Query, page func(*source.Rows) error) (source.Fingerprint, error) {
	fingerprint, err := p.Source.Read(ctx, q, page)
	p.then()
	return fingerprint, err
}

func TestACancelledRunDoesNotPublishAndIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	b := setup(t, "UTC")
	b.fill(t, b.Settings.Calendar.Span(firstDay), time.Minute)
	cancelled := *b.Runner
	cancelled.Source = pause{b.Source, func() {
		if _, err := b.status.Cancel(t.Context(), "turbine-1", firstDay, "not wanted", b.clock.Now()); err != nil {
			t.Error(err)
		}
	}}
	_, err := cancelled.Run(t.Context(), etl.Request{Partition: firstDay, Trigger: status.TriggerManual, Attempt: 1}, etl.Origin{})
	if e, ok := errors.AsType[*etl.Cancelled](err); !ok || e.Kind() != etl.Permanent || len(b.published(t)) != 0 {
		t.Errorf("Run = %v; %d rows in the target", err, len(b.published(t)))
	}
	runs, err := b.status.RunsOf(t.Context(), "turbine-1", firstDay, status.Page{})
	if err != nil || len(runs.Runs) != 1 || runs.Runs[0].Outcome != status.OutcomeCancelled {
		t.Errorf("runs = %+v, %v", runs, err)
	}
}

// deaf is a status that cannot be reached for renewals.
type deaf struct{ etl.Status }

func (d deaf) Renew(context.Context, status.Lease, time.Time, time.Time) (status.Lease, error) {
	return status.Lease{}, &status.UnavailableError{Operation: "UpdateItem", Table: "partitions", Cause: errors.New("out of reach")}
}

func TestARunThatCannotRenewItsLeaseSaysSo(t *testing.T) {
	t.Parallel()
	b := setup(t, "UTC")
	b.Settings.Lease = time.Second
	b.Now = time.Now
	b.Status = deaf{b.status}
	b.Source = &gate{Source: b.Source, open: make(chan struct{})}
	b.fill(t, b.Settings.Calendar.Span(firstDay), time.Minute)
	_, err := b.run(t, "2026-02-20")
	if e, ok := errors.AsType[*etl.StatusUnavailable](err); !ok || e.Kind() != etl.Transient || !strings.Contains(err.Error(), "out of reach") {
		t.Errorf("Run = %T %v", err, err)
	}
}

func TestARunThatDiedIsRecordedAsFailedByTheNext(t *testing.T) {
	t.Parallel()
	b := setup(t, "UTC")
	b.fill(t, b.Settings.Calendar.Span(firstDay), time.Minute)
	died := status.Run{
		ID: ulid.Make().String(), Asset: "turbine-1", Partition: firstDay, Trigger: status.TriggerManual, Attempt: 1,
		Outcome: status.OutcomeRunning, StartedAt: b.clock.Now(),
	}
	if _, _, err := b.status.Claim(t.Context(), status.Claim{
		Asset: "turbine-1", Partition: firstDay, RunID: died.ID, Now: b.clock.Now(), LeaseUntil: b.clock.Now().Add(time.Minute),
	}); err != nil {
		t.Fatal(err)
	}
	if err := b.status.StartRun(t.Context(), died); err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(time.Minute)
	if _, err := b.run(t, "2026-02-20"); err != nil {
		t.Fatal(err)
	}
	run, err := b.status.Run(t.Context(), "turbine-1", died.ID)
	if err != nil || run.Outcome != status.OutcomeFailed || run.Failure == nil {
		t.Errorf("the run that died: %+v, %v", run, err)
	}
}

func TestARunSucceedsAgainAfterTheStatusTableWasLost(t *testing.T) {
	t.Parallel()
	b := setup(t, "UTC")
	b.fill(t, b.Settings.Calendar.Span(firstDay), time.Minute)
	for range 3 {
		if _, err := b.run(t, "2026-02-20"); err != nil {
			t.Fatal(err)
		}
	}
	b.status = statustest.NewStore(t, dynamodbtest.Client(t))
	b.Status = b.status
	_, err := b.run(t, "2026-02-20")
	var superseded *etl.Superseded
	if !errors.As(err, &superseded) || superseded.Kind() != etl.Transient {
		t.Fatalf("the first run with an empty status table = %v", err)
	}
	m, err := b.run(t, "2026-02-20")
	if err != nil || m.Generation != 4 {
		t.Errorf("the run after it = %+v, %v; want generation 4", m, err)
	}
}
