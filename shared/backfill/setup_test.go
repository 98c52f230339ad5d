package backfill_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/oklog/ulid/v2"

	"delfos/infra/local/dynamodb/dynamodbtest"
	"delfos/infra/local/postgres/postgrestest"
	"delfos/shared/backfill"
	"delfos/shared/bearer"
	"delfos/shared/etl"
	"delfos/shared/partition"
	dbsource "delfos/shared/schema/source"
	"delfos/shared/source"
	"delfos/shared/source/sourcedb"
	"delfos/shared/source/sourcehttp"
	"delfos/shared/status"
	"delfos/shared/status/statustest"
	"delfos/shared/target"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// world is a planner with a real source database, API and status, in which days can
// be published.
type world struct {
	*backfill.Planner
	source *pgxpool.Pool
	status *status.Store
	runner *etl.Runner

	asked     atomic.Int64 // requests to the API
	unchanged atomic.Int64 // answers without a body: 304
	rows      atomic.Int64 // that the API had from the database
}

func newWorld(t *testing.T) *world {
	t.Helper()
	const token = "a token for tests"
	w := &world{status: statustest.NewStore(t, dynamodbtest.Client(t))}
	dsn := postgrestest.Database(t, dbsource.Migrations)
	w.source = pool(t, dsn, nil)
	api := httptest.NewServer(sourcehttp.New(sourcehttp.Options{Store: sourcedb.New(pool(t, dsn, rowCounter{&w.rows})), Token: bearer.Fixed(token), Logger: slog.New(slog.DiscardHandler)}))
	t.Cleanup(api.Close)
	client, err := source.NewClient(source.ClientOptions{
		BaseURL: api.URL, Token: bearer.Fixed(token), HTTPClient: &http.Client{Transport: counting{api.Client().Transport, w}},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Planner = &backfill.Planner{
		Asset: "turbine-1", Variables: []string{"wind_speed", "power"}, Calendar: calendar(t, "UTC", "2026-02-20"),
		Status: w.status, Source: client, Now: func() time.Time { return now }, Logger: slog.New(slog.DiscardHandler),
	}
	w.runner = &etl.Runner{
		Settings: etl.Settings{
			Asset: "turbine-1", Variables: w.Variables, Calendar: w.Calendar,
			Window: 10 * time.Minute, SampleInterval: time.Minute, Lease: time.Minute, RunRetention: time.Hour,
		},
		Source: client, Target: nowhere{}, Status: w.status,
		Now: w.Now, NewRunID: func() string { return ulid.Make().String() }, Logger: w.Logger,
	}
	return w
}

func pool(t *testing.T, dsn string, tracer pgx.QueryTracer) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	config.ConnConfig.Tracer = tracer
	p, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// rowCounter counts the rows that queries answer with.
type rowCounter struct{ rows *atomic.Int64 }

func (rowCounter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}

func (c rowCounter) TraceQueryEnd(_ context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	c.rows.Add(data.CommandTag.RowsAffected())
}

// counting counts what goes through it.
type counting struct {
	http.RoundTripper
	w *world
}

func (c counting) RoundTrip(request *http.Request) (*http.Response, error) {
	c.w.asked.Add(1)
	response, err := c.RoundTripper.RoundTrip(request)
	if err == nil && response.StatusCode == http.StatusNotModified {
		c.w.unchanged.Add(1)
	}
	return response, err
}

// nowhere is a target that takes everything.
type nowhere struct{}

func (nowhere) Replace(_ context.Context, p target.Publication) (target.Published, error) {
	return target.Published{RowsWritten: int64(len(p.Rows)), PublishedAt: now}, nil
}

// fill gives the source a sample a minute of so many days.
func (w *world) fill(t *testing.T, days int) {
	t.Helper()
	_, err := w.source.Exec(t.Context(), `
		INSERT INTO data SELECT at, 8 + 4 * sin(extract(epoch FROM at) / 3600), 900, 15
		FROM generate_series($1::timestamptz, $1::timestamptz + $2 * interval '1 day' - interval '1 minute', interval '1 minute') AS at`,
		w.Calendar.Span(first).Start, days)
	if err != nil {
		t.Fatal(err)
	}
}

// publish runs days, by their distance from the first.
func (w *world) publish(t *testing.T, offsets ...int) {
	t.Helper()
	for _, offset := range offsets {
		_, err := w.runner.Run(t.Context(), etl.Request{
			Partition: first.AddDays(offset), Trigger: status.TriggerManual, Attempt: 1,
		}, etl.Origin{})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// plan makes a dry run's plan.
func (w *world) plan(t *testing.T, text string) backfill.Plan {
	t.Helper()
	plan, err := w.Plan(t.Context(), request(t, text), "")
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func keys(offsets ...int) []partition.Key {
	list := make([]partition.Key, len(offsets))
	for i, offset := range offsets {
		list[i] = first.AddDays(offset)
	}
	return list
}
