package etl_test

import (
	"io/fs"
	"log/slog"
	"math"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/oklog/ulid/v2"

	"delfos/infra/local/dynamodb/dynamodbtest"
	"delfos/infra/local/postgres/postgrestest"
	"delfos/shared/bearer"
	"delfos/shared/etl"
	"delfos/shared/partition"
	dbsource "delfos/shared/schema/source"
	dbtarget "delfos/shared/schema/target"
	"delfos/shared/source"
	"delfos/shared/source/sourcedb"
	"delfos/shared/source/sourcehttp"
	"delfos/shared/status"
	"delfos/shared/status/statustest"
	"delfos/shared/target"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

var firstDay = partition.MustParseKey("2026-02-20")

// bundle is a runner with a real source, API, target and status.
type bundle struct {
	*etl.Runner
	source, target *pgxpool.Pool
	status         *status.Store
	clock          *clock
}

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func setup(t testing.TB, zone string) *bundle {
	t.Helper()
	const token = "a token for tests"
	b := &bundle{
		source: pool(t, dbsource.Migrations),
		target: pool(t, dbtarget.Migrations),
		clock:  &clock{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)},
	}
	api := httptest.NewServer(sourcehttp.New(sourcehttp.Options{Store: sourcedb.New(b.source), Token: bearer.Fixed(token)}))
	t.Cleanup(api.Close)
	client, err := source.NewClient(source.ClientOptions{BaseURL: api.URL, Token: bearer.Fixed(token), HTTPClient: api.Client()})
	if err != nil {
		t.Fatal(err)
	}
	b.status = statustest.NewStore(t, dynamodbtest.Client(t))
	b.Runner = &etl.Runner{
		Settings: etl.Settings{
			Asset: "turbine-1", Variables: []string{"wind_speed", "power"}, Calendar: calendar(t, zone),
			Window: 10 * time.Minute, SampleInterval: time.Minute, Lease: time.Minute, RunRetention: 24 * time.Hour,
		},
		Source: client, Target: target.New(b.target), Status: b.status,
		Now: b.clock.Now, NewRunID: func() string { return ulid.Make().String() }, Logger: slog.New(slog.DiscardHandler),
	}
	return b
}

func pool(t testing.TB, migrations fs.FS) *pgxpool.Pool {
	t.Helper()
	p, err := pgxpool.New(t.Context(), postgrestest.Database(t, migrations))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// fill gives the source samples of a span, one each step.
func (b *bundle) fill(t testing.TB, span partition.Span, step time.Duration) {
	t.Helper()
	_, err := b.source.Exec(t.Context(), `
		INSERT INTO data SELECT at, 8 + 4 * sin(extract(epoch FROM at) / 3600), 900 + 700 * sin(extract(epoch FROM at) / 5000), 15
		FROM generate_series($1::timestamptz, $2::timestamptz - $3::interval, $3::interval) AS at`, span.Start, span.End, step)
	if err != nil {
		t.Fatal(err)
	}
}

func (b *bundle) run(t testing.TB, day string) (etl.Materialization, error) {
	t.Helper()
	return b.Run(t.Context(), etl.Request{Partition: partition.MustParseKey(day), Trigger: status.TriggerManual, Attempt: 1}, etl.Origin{})
}

func (b *bundle) published(t testing.TB) map[string]float64 {
	t.Helper()
	rows, err := b.target.Query(t.Context(), `SELECT timestamp, name, value FROM data JOIN signal ON id = signal_id`)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	var at time.Time
	var signal string
	var value *float64
	if _, err := pgx.ForEachRow(rows, []any{&at, &signal, &value}, func() error {
		name := at.UTC().Format(time.RFC3339) + " " + signal
		values[name] = math.NaN()
		if value != nil {
			values[name] = *value
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return values
}
