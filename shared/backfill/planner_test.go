package backfill_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delfos/shared/backfill"
	"delfos/shared/partition"
	"delfos/shared/source"
	"delfos/shared/status"
)

func TestOneChangedRowMakesItsDayStaleAndNoOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fill(t, 5)
	w.publish(t, 0, 1, 2, 3, 4)
	w.asked.Store(0)
	w.rows.Store(0)
	plan := w.plan(t, `{"select":"stale","to":"2026-02-24"}`)
	if diff := cmp.Diff(map[backfill.Why][]partition.Key{"unchanged": keys(0, 1, 2, 3, 4)}, plan.Excluded, days); diff != "" || len(plan.Partitions) != 0 {
		t.Fatalf("before any change: %v\n%s", plan.Partitions, diff)
	}
	if asked, unchanged, rows := w.asked.Load(), w.unchanged.Load(), w.rows.Load(); asked != 5 || unchanged != 5 || rows != 5 {
		t.Errorf("%d requests, %d without a body, %d rows of the database; want 5 of each: a row is a day's fingerprint", asked, unchanged, rows)
	}

	if _, err := w.source.Exec(t.Context(), `UPDATE data SET power = power + 0.001 WHERE timestamp = '2026-02-22T12:34:00Z'`); err != nil {
		t.Fatal(err)
	}
	shown := w.plan(t, `{"select":"stale","to":"2026-02-24"}`)
	if diff := cmp.Diff(keys(2), shown.Partitions, days); diff != "" {
		t.Fatalf("want (-) but have (+):\n%s", diff)
	}
	p, err := w.status.Partition(t.Context(), "turbine-1", first.AddDays(2))
	if err != nil || p.Data != status.DataStale {
		t.Errorf("the day is %s, %v", p.Data, err)
	}

	w.asked.Store(0)
	if again := w.plan(t, `{"select":"stale","to":"2026-02-24"}`); again.Hash != shown.Hash || w.asked.Load() != 4 {
		t.Errorf("hash %s, then %s; %d requests, want 4: what is stale needs no asking", shown.Hash, again.Hash, w.asked.Load())
	}
	w.publish(t, 2)
	if left := w.plan(t, `{"select":"stale","to":"2026-02-24"}`); len(left.Partitions) != 0 {
		t.Errorf("once it is published again, %v is stale", left.Partitions)
	}
}

func TestALateRowMakesItsDayStale(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fill(t, 1)
	w.publish(t, 0)
	if _, err := w.source.Exec(t.Context(), `INSERT INTO data VALUES ('2026-02-20T12:00:30Z', 8, 900, 15)`); err != nil {
		t.Fatal(err)
	}
	if plan := w.plan(t, `{"select":"stale"}`); len(plan.Partitions) != 1 {
		t.Errorf("plan = %+v", plan)
	}
}

func TestAPlanThatWasShownIsThePlanThatRuns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fill(t, 5)
	w.publish(t, 1)
	shown := w.plan(t, `{"to":"2026-02-23"}`)
	if diff := cmp.Diff(keys(0, 2, 3), shown.Partitions, days); diff != "" {
		t.Fatal(diff)
	}
	launch := request(t, `{"to":"2026-02-23","plan_hash":"`+shown.Hash+`"}`)
	planned, err := w.Plan(t.Context(), launch, "february")
	if err != nil || planned.Hash != shown.Hash {
		t.Fatalf("plan = %+v, %v", planned, err)
	}
	recorded, err := w.status.Backfill(t.Context(), "turbine-1", "february")
	want := &status.BackfillPlan{From: first, To: first.AddDays(3), Partitions: 3, Hash: shown.Hash}
	if diff := cmp.Diff(want, recorded.Plan, days); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}

	w.publish(t, 2)
	_, err = w.Plan(t.Context(), launch, "march")
	changed, ok := err.(*backfill.PlanChanged) //nolint:errorlint // the type itself counts
	if !ok || !strings.Contains(changed.Error(), shown.Hash) || !strings.Contains(changed.Error(), "2 partitions") {
		t.Errorf("once the state has changed: %v", err)
	}
	if _, err := w.status.Backfill(t.Context(), "turbine-1", "march"); err == nil {
		t.Error("the refused plan is recorded")
	}
}

func TestADryRunRecordsNoBackfill(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if plan := w.plan(t, `{}`); len(plan.Partitions) != 10 {
		t.Errorf("plan = %+v", plan)
	}
	if list, err := w.status.Backfills(t.Context(), "turbine-1", status.Page{}); err != nil || len(list.Backfills) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestTheAnswerIsTheContractWithTheStateMachine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fill(t, 3)
	w.publish(t, 1)
	plan, err := backfill.Handler(w.Planner)(t.Context(), []byte(`{"request":{"to":"2026-02-22","order":"newest","reason":"late"},"backfill_id":"b"}`))
	if err != nil {
		t.Fatal(err)
	}
	have, err := json.Marshal(plan)
	want := `{"asset":"turbine-1","from":"2026-02-20","to":"2026-02-22","select":"missing","order":"newest","max_concurrency":4,"reason":"late",` +
		`"partitions":["2026-02-22","2026-02-20"],"included":{"missing":["2026-02-20","2026-02-22"]},"excluded":{"materialized":["2026-02-21"]},` +
		`"plan_hash":"` + plan.Hash + `"}`
	if diff := cmp.Diff(want, string(have)); err != nil || diff != "" || len(plan.Hash) != 64 {
		t.Error(err, diff)
	}
	empty, err := backfill.Handler(w.Planner)(t.Context(), []byte(`{"request":{"to":"2026-02-21","from":"2026-02-21"}}`))
	if text, _ := json.Marshal(empty); err != nil || !strings.Contains(string(text), `"partitions":[],"included":{},`) {
		t.Errorf("nothing to do: %s, %v", text, err)
	}
}

// askAtOnce is how many days the source is asked about at the same time.
const askAtOnce = 8

// asks is a source that answers as the function says, and counts.
type asks struct {
	answer      func(context.Context, source.Query) (bool, error)
	now         atomic.Int64
	tooMany     atomic.Bool
	everStarted atomic.Int64
}

func (a *asks) Changed(ctx context.Context, query source.Query, _ source.Fingerprint) (bool, error) {
	a.everStarted.Add(1)
	if a.now.Add(1) > askAtOnce {
		a.tooMany.Store(true)
	}
	defer a.now.Add(-1)
	return a.answer(ctx, query)
}

// records is a status of so many materialized days.
type records struct {
	backfill.Status
	days  int
	stale atomic.Int64
}

func (r *records) Partitions(context.Context, string, partition.Key, partition.Key) ([]status.Partition, error) {
	var list []status.Partition
	for i := range r.days {
		record := standing()["materialized"]
		record.Key = first.AddDays(i)
		list = append(list, record)
	}
	return list, nil
}

func (r *records) MarkStale(context.Context, string, partition.Key, int64, time.Time) (bool, error) {
	r.stale.Add(1)
	return true, nil
}

// planStale plans the stale ones of 1,000 materialized days.
func planStale(ctx context.Context, t *testing.T, ask *asks) (backfill.Plan, error) {
	t.Helper()
	planner := &backfill.Planner{
		Asset: "turbine-1", Variables: []string{"power"}, Calendar: calendar(t, "UTC", "2026-02-20"),
		Status: &records{days: 1000}, Source: ask, Logger: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return now.AddDate(3, 0, 0) },
	}
	return planner.Plan(ctx, request(t, `{"select":"stale"}`), "")
}

func TestTheSourceIsAskedAboutEightDaysAtOnce(t *testing.T) {
	t.Parallel()
	var arrived atomic.Int64
	all := make(chan struct{})
	ask := &asks{}
	ask.answer = func(context.Context, source.Query) (bool, error) {
		if arrived.Add(1) == askAtOnce {
			close(all)
		}
		<-all
		return false, nil
	}
	plan, err := planStale(t.Context(), t, ask)
	if err != nil || len(plan.Partitions) != 0 || ask.everStarted.Load() != 1000 || ask.tooMany.Load() {
		t.Errorf("%v; %d asked, too many at once: %v", err, ask.everStarted.Load(), ask.tooMany.Load())
	}
}

func TestTheFirstErrorOfTheSourceEndsTheAsking(t *testing.T) {
	t.Parallel()
	ask := &asks{answer: func(ctx context.Context, query source.Query) (bool, error) {
		if query.Span.Start.Day() == 22 {
			return false, &source.UnavailableError{Attempts: 6, Last: errors.New("503")}
		}
		<-ctx.Done() // the error ends all others
		return false, ctx.Err()
	}}
	_, err := planStale(t.Context(), t, ask)
	if _, ok := err.(*backfill.SourceUnavailable); !ok || !strings.Contains(err.Error(), "partition 2026-02-22") { //nolint:errorlint // the type itself counts
		t.Errorf("Plan = %T %v", err, err)
	}
	if n := ask.everStarted.Load(); n > askAtOnce {
		t.Errorf("%d days were asked about", n)
	}
}

func TestAPlanDoesNotOutliveItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	ask := &asks{answer: func(ctx context.Context, _ source.Query) (bool, error) {
		cancel()
		<-ctx.Done()
		return false, &source.UnavailableError{Attempts: 1, Last: ctx.Err()}
	}}
	_, err := planStale(ctx, t, ask)
	if _, ok := err.(*backfill.SourceUnavailable); !ok || ask.everStarted.Load() > askAtOnce { //nolint:errorlint // the type itself counts
		t.Errorf("Plan = %T %v; %d asked", err, err, ask.everStarted.Load())
	}
}

func TestErrorsHaveTheTypeThatTheStateMachineNames(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		cause error
		want  any
	}{
		{&status.UnavailableError{Operation: "Query"}, &backfill.StatusUnavailable{}},
		{&source.UnavailableError{}, &backfill.SourceUnavailable{}},
		{&source.UnauthorizedError{Status: 401}, &backfill.SourceRejected{}},
		{&source.RejectedError{Status: 422}, &backfill.SourceRejected{}},
		{&source.InvalidDataError{Page: 1}, &backfill.SourceRejected{}},
		{&status.TableNotFoundError{Table: "x"}, &backfill.InternalFailure{}},
		{backfill.NewInvalidEvent(errors.New("no")), &backfill.InvalidEvent{}},
	} {
		have := backfill.Convert(test.cause)
		if typeOf(have) != typeOf(test.want) || !errors.Is(have, test.cause) && typeOf(test.want) != typeOf(test.cause) {
			t.Errorf("Convert(%T) = %T, want a %T that wraps it", test.cause, have, test.want)
		}
	}
	if err := backfill.Convert(nil); err != nil {
		t.Error(err)
	}
}

func typeOf(value any) string { return fmt.Sprintf("%T", value) }
