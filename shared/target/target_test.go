package target_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"delfos/infra/local/postgres/postgrestest"
	"delfos/shared/partition"
	dbtarget "delfos/shared/schema/target"
	"delfos/shared/target"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

var (
	key  = partition.MustParseKey("2026-02-20")
	span = spanOf(key)
)

func spanOf(key partition.Key) partition.Span {
	calendar, err := partition.NewCalendar("UTC", key)
	if err != nil {
		panic(err)
	}
	return calendar.Span(key)
}

// newPool is a pool on a new, migrated target. change may be nil.
func newPool(t testing.TB, change func(*pgxpool.Config)) *pgxpool.Pool {
	t.Helper()
	return connect(t, postgrestest.Database(t, dbtarget.Migrations), change)
}

func connect(t testing.TB, dsn string, change func(*pgxpool.Config)) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(config)
	}
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// publication has a row every ten minutes and signal, each of which is value.
func publication(generation int64, value float64, signals ...string) target.Publication {
	if len(signals) == 0 {
		signals = []string{"wind_speed_mean", "power_mean"}
	}
	p := target.Publication{
		Partition: key, Span: span, RunID: fmt.Sprintf("run-%d", generation), Generation: generation,
		Fingerprint: fmt.Sprintf("fingerprint-%v", value), RowsRead: 1440,
		LeaseLeft: func() time.Duration { return time.Minute },
	}
	for at := span.Start; at.Before(span.End); at = at.Add(10 * time.Minute) {
		for _, signal := range signals {
			p.Rows = append(p.Rows, target.Row{Time: at, Signal: signal, Value: value})
		}
	}
	return p
}

// content is all that the target holds, as "timestamp signal" to value.
func content(t testing.TB, pool *pgxpool.Pool) map[string]float64 {
	t.Helper()
	rows, err := pool.Query(t.Context(), `SELECT timestamp, name, value FROM data JOIN signal ON id = signal_id`)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	var at time.Time
	var signal string
	var value *float64
	_, err = pgx.ForEachRow(rows, []any{&at, &signal, &value}, func() error {
		if value == nil {
			nan := math.NaN()
			value = &nan
		}
		values[at.UTC().Format(time.RFC3339)+" "+signal] = *value
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func contentOf(p target.Publication) map[string]float64 {
	values := map[string]float64{}
	for _, row := range p.Rows {
		values[row.Time.Format(time.RFC3339)+" "+row.Signal] = row.Value
	}
	return values
}

func mustReplace(t testing.TB, l *target.Loader, p target.Publication) target.Published {
	t.Helper()
	published, err := l.Replace(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return published
}

// holds checks that the target holds exactly the publications.
func holds(t testing.TB, pool *pgxpool.Pool, publications ...target.Publication) {
	t.Helper()
	want := map[string]float64{}
	for _, p := range publications {
		maps.Copy(want, contentOf(p))
	}
	got := content(t, pool)
	if cmp.Equal(want, got, cmpopts.EquateNaNs()) {
		return
	}
	if len(want) != len(got) {
		t.Errorf("the target holds %d rows, want %d", len(got), len(want))
	}
	for at, value := range want {
		if found, ok := got[at]; !ok || !cmp.Equal(found, value, cmpopts.EquateNaNs()) {
			t.Errorf("the target holds %v at %s (there: %v), want %v", found, at, ok, value)
			return
		}
	}
}

func isUnavailable(t testing.TB, err error) {
	t.Helper()
	if _, ok := errors.AsType[*target.UnavailableError](err); !ok {
		t.Errorf("got %v (%T), want an UnavailableError", err, err)
	}
}

func TestReplacePublishesADay(t *testing.T) {
	t.Parallel()
	pool := newPool(t, nil)
	loader := target.New(pool)
	p := publication(1, 8.5)
	p.Rows[3].Value = math.NaN()
	p.Rows[4].Value = -math.MaxFloat64
	p.Rows[5].Value = math.SmallestNonzeroFloat64

	before := time.Now()
	published := mustReplace(t, loader, p)
	if published.RowsWritten != 288 || published.PublishedAt.Location() != time.UTC ||
		published.PublishedAt.Before(before.Add(-time.Minute)) || published.PublishedAt.After(time.Now().Add(time.Minute)) {
		t.Errorf("published %+v", published)
	}
	holds(t, pool, p)

	got, found, err := loader.Current(t.Context(), key)
	want := target.Materialization{
		RunID: "run-1", Generation: 1, Fingerprint: "fingerprint-8.5",
		RowsRead: 1440, RowsWritten: 288, PublishedAt: published.PublishedAt,
	}
	if err != nil || !found {
		t.Fatalf("found: %v, %v", found, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestCurrentOfADayThatWasNeverPublishedIsNotFound(t *testing.T) {
	t.Parallel()
	_, found, err := target.New(newPool(t, nil)).Current(t.Context(), key)
	if found || err != nil {
		t.Errorf("found: %v, %v", found, err)
	}
}

func TestReplaceReplacesAllOfTheDayAndNothingElse(t *testing.T) {
	t.Parallel()
	pool := newPool(t, nil)
	loader := target.New(pool)
	var others []target.Publication
	for _, days := range []int{-1, 1} {
		other := publication(1, float64(days))
		other.Partition = key.AddDays(days)
		other.Span = spanOf(other.Partition)
		for i := range other.Rows {
			other.Rows[i].Time = other.Rows[i].Time.AddDate(0, 0, days)
		}
		mustReplace(t, loader, other)
		others = append(others, other)
	}
	mustReplace(t, loader, publication(1, 1, "wind_speed_mean", "power_mean", "power_std"))
	fewer := publication(2, 2, "wind_speed_mean")
	fewer.Rows = fewer.Rows[10:20]
	mustReplace(t, loader, fewer)
	holds(t, pool, append(others, fewer)...)
}

func TestReplaceWithoutRowsPublishesAnEmptyDay(t *testing.T) {
	t.Parallel()
	pool := newPool(t, nil)
	loader := target.New(pool)
	mustReplace(t, loader, publication(1, 1))
	empty := publication(2, 0)
	empty.Rows, empty.RowsRead = nil, 0
	if published := mustReplace(t, loader, empty); published.RowsWritten != 0 {
		t.Errorf("published %+v", published)
	}
	holds(t, pool)
	if m, found, err := loader.Current(t.Context(), key); !found || err != nil || m.Generation != 2 {
		t.Errorf("current: %+v, %v, %v", m, found, err)
	}
}

func TestReplaceMayBeRepeatedByTheSameRun(t *testing.T) {
	t.Parallel()
	pool := newPool(t, nil)
	loader := target.New(pool)
	p := publication(3, 7)
	for range 3 {
		mustReplace(t, loader, p)
	}
	holds(t, pool, p)
}

func TestReplaceNeverGoesBackwards(t *testing.T) {
	t.Parallel()
	pool := newPool(t, nil)
	loader := target.New(pool)
	current := publication(5, 5)
	mustReplace(t, loader, current)
	stranger := publication(5, 6)
	stranger.RunID = "another run"
	for name, p := range map[string]target.Publication{
		"an earlier generation":              publication(4, 4),
		"the same generation, another run's": stranger,
	} {
		_, err := loader.Replace(t.Context(), p)
		var superseded *target.SupersededError
		if !errors.As(err, &superseded) {
			t.Errorf("%s: got %v, want a SupersededError", name, err)
			continue
		}
		want := target.SupersededError{Partition: key, Generation: p.Generation, Current: 5, CurrentRunID: "run-5"}
		if *superseded != want {
			t.Errorf("%s: got %+v, want %+v", name, *superseded, want)
		}
	}
	holds(t, pool, current)
	if n := pool.Stat().NewConnsCount(); n > 2 {
		t.Errorf("a refusal cost connections: %d were made", n)
	}
}

func TestReplaceRefusesWhatIsNotAPublication(t *testing.T) {
	t.Parallel()
	pool := newPool(t, nil)
	loader := target.New(pool)
	for _, c := range []struct {
		name   string
		change func(*target.Publication)
		want   string
	}{
		{"no run", func(p *target.Publication) { p.RunID = "" }, "a run"},
		{"generation 0", func(p *target.Publication) { p.Generation = 0 }, "a generation above 0"},
		{"no lease", func(p *target.Publication) { p.LeaseLeft = nil }, "a lease"},
		{"a row before the day", func(p *target.Publication) { p.Rows[0].Time = span.Start.Add(-1) }, "outside the day"},
		{"a row at the day's end", func(p *target.Publication) { p.Rows[0].Time = span.End }, "outside the day"},
		{"a row twice", func(p *target.Publication) { p.Rows[2] = p.Rows[0] }, "duplicate key"},
		{"a signal without a statistic", func(p *target.Publication) { p.Rows[0].Signal = "power" }, "signal_name_check"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := publication(1, 1)
			c.change(&p)
			_, err := loader.Replace(t.Context(), p)
			var unavailable *target.UnavailableError
			if err == nil || !strings.Contains(err.Error(), c.want) || errors.As(err, &unavailable) {
				t.Errorf("got %v, want a permanent error with %q", err, c.want)
			}
		})
	}
	t.Cleanup(func() {
		if _, found, err := loader.Current(context.Background(), key); found || err != nil {
			t.Errorf("something was published: %v, %v", found, err)
		}
	})
}

// A warm function may outlive a target that is dropped and made anew, in which
// ids stand for other signals.
func TestReplaceSurvivesATargetThatWasMadeAnew(t *testing.T) {
	t.Parallel()
	pool := newPool(t, nil)
	loader := target.New(pool)
	mustReplace(t, loader, publication(1, 1))
	_, err := pool.Exec(t.Context(), `
		TRUNCATE materialization, data, signal RESTART IDENTITY;
		INSERT INTO signal (name) VALUES ('wind_speed_mean'), ('ambient_temperature_mean'), ('power_mean')`)
	if err != nil {
		t.Fatal(err)
	}
	p := publication(1, 2)
	mustReplace(t, loader, p)
	holds(t, pool, p)
}

func TestSignalsKeepTheirIDs(t *testing.T) {
	t.Parallel()
	pool := newPool(t, nil)
	loader := target.New(pool)
	mustReplace(t, loader, publication(1, 1, "power_mean"))
	mustReplace(t, loader, publication(2, 1, "power_std", "power_mean"))
	var ids string
	err := pool.QueryRow(t.Context(), `SELECT string_agg(name || '=' || id, ' ' ORDER BY id) FROM signal`).Scan(&ids)
	if err != nil || ids != "power_mean=1 power_std=2" {
		t.Errorf("got %q, %v", ids, err)
	}
}
