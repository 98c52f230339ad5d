package etl_test

import (
	"context"
	"encoding/csv"
	"errors"
	"io/fs"
	"log/slog"
	"math"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/oklog/ulid/v2"

	dbsource "delfos/infra/db/source"
	dbtarget "delfos/infra/db/target"
	"delfos/infra/local/awsjson"
	"delfos/infra/local/dynamodb"
	"delfos/infra/local/postgres/postgrestest"
	"delfos/shared/etl"
	"delfos/shared/partition"
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
	api := httptest.NewServer(sourcehttp.New(sourcehttp.Options{Store: sourcedb.New(b.source), Token: token}))
	t.Cleanup(api.Close)
	client, err := source.NewClient(source.ClientOptions{BaseURL: api.URL, Token: token, HTTPClient: api.Client()})
	if err != nil {
		t.Fatal(err)
	}
	b.status = statusStore(t)
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

func statusStore(t testing.TB) *status.Store {
	t.Helper()
	server, err := dynamodb.Open(dynamodb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	endpoint := httptest.NewServer(awsjson.Handler(server))
	t.Cleanup(endpoint.Close)
	client := awsdynamodb.New(awsdynamodb.Options{
		Region: "us-east-1", BaseEndpoint: &endpoint.URL, Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
	tables, err := statustest.CreateTables(t.Context(), client, "test")
	if err != nil {
		t.Fatal(err)
	}
	return status.New(client, tables)
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

func TestGoldenDaysComeOutExactThroughTheRealAPIAndTarget(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"full", "gaps", "stable"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, "UTC")
			samples := readCSV(t, name+".source.csv")
			for _, row := range samples {
				_, err := b.source.Exec(t.Context(), `INSERT INTO data (timestamp, wind_speed, power)
					VALUES ($1::timestamptz, nullif($2, '')::double precision, nullif($3, '')::double precision)`, row[0], row[1], row[2])
				if err != nil {
					t.Fatal(err)
				}
			}
			m, err := b.run(t, "2026-02-20")
			if err != nil {
				t.Fatal(err)
			}
			if want := int64(len(samples)); m.RowsRead != want || m.SamplesMissing != 1440-want {
				t.Errorf("%d samples read, %d missing; want %d and %d", m.RowsRead, m.SamplesMissing, want, 1440-want)
			}
			compareGolden(t, b.published(t), readCSV(t, name+".expected.csv"))
		})
	}
}

func compareGolden(t *testing.T, got map[string]float64, expected [][]string) {
	t.Helper()
	if len(got) != len(expected) {
		t.Errorf("%d rows in the target, want %d", len(got), len(expected))
	}
	for _, row := range expected {
		want := math.NaN()
		if row[2] != "" {
			want, _ = strconv.ParseFloat(row[2], 64)
		}
		value, ok := got[row[0]+" "+row[1]]
		same := math.Abs(value-want) <= 1e-9*math.Abs(want) || math.IsNaN(value) && math.IsNaN(want)
		if !ok || !same {
			t.Errorf("%s %s = %v (there: %t), want %v", row[0], row[1], value, ok, want)
		}
	}
}

func readCSV(t *testing.T, name string) [][]string {
	t.Helper()
	file, err := os.Open("../timeseries/testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

func TestADayWithoutASampleLeavesTheTargetAsItWas(t *testing.T) {
	t.Parallel()
	b := setup(t, "UTC")
	span := b.Settings.Calendar.Span(firstDay)
	b.fill(t, span, time.Minute)
	if _, err := b.run(t, "2026-02-20"); err != nil {
		t.Fatal(err)
	}
	before := b.published(t)
	if _, err := b.source.Exec(t.Context(), `DELETE FROM data`); err != nil {
		t.Fatal(err)
	}

	_, err := b.run(t, "2026-02-20")
	var empty *etl.EmptyPartition
	if !errors.As(err, &empty) || empty.Kind() != etl.Permanent || !strings.Contains(err.Error(), "allow_empty") {
		t.Fatalf("Run of an empty day = %v", err)
	}
	if after := b.published(t); len(after) != len(before) || len(after) != 1152 {
		t.Errorf("%d rows before, %d after", len(before), len(after))
	}
	day, err := b.status.Partition(t.Context(), "turbine-1", firstDay)
	if err != nil || day.Data != status.DataMaterialized || day.Attempt != status.AttemptFailed || day.Failure.Type != "EmptyPartition" {
		t.Errorf("the failed rerun left the status %+v, %v", day, err)
	}

	m, err := b.Run(t.Context(), etl.Request{Partition: firstDay, AllowEmpty: true, Trigger: status.TriggerManual, Attempt: 1}, etl.Origin{})
	if err != nil || m.RowsWritten != 0 || m.SamplesMissing != 1440 || m.Coverage != 0 || len(b.published(t)) != 0 {
		t.Errorf("with allow_empty: %+v, %v; %d rows left", m, err, len(b.published(t)))
	}
}

func TestADayOfNullsAloneHasNoSampleEither(t *testing.T) {
	t.Parallel()
	b := setup(t, "UTC")
	b.fill(t, b.Settings.Calendar.Span(firstDay), time.Minute)
	if _, err := b.run(t, "2026-02-20"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.source.Exec(t.Context(), `UPDATE data SET wind_speed = NULL, power = 'NaN'`); err != nil {
		t.Fatal(err)
	}
	_, err := b.run(t, "2026-02-20")
	if _, ok := errors.AsType[*etl.EmptyPartition](err); !ok || len(b.published(t)) != 1152 {
		t.Errorf("Run = %v; %d rows left in the target, want 1152", err, len(b.published(t)))
	}
}

func TestADayOutsideTheCalendarIsRefusedForGood(t *testing.T) {
	t.Parallel()
	b := setup(t, "America/Sao_Paulo")
	for day, at := range map[string]time.Time{
		"2026-02-19": time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
		"2026-02-26": time.Date(2026, 2, 27, 2, 59, 59, 0, time.UTC), // 23:59:59 in São Paulo
	} {
		b.clock.now = at
		_, err := b.run(t, day)
		var refused *etl.PartitionOutOfRange
		if !errors.As(err, &refused) || refused.Kind() != etl.Permanent || !strings.Contains(err.Error(), day) {
			t.Errorf("Run(%s) at %s = %v", day, at, err)
		}
	}
}

func TestADayHasAsManyWindowsAsItsTimeZoneGivesItHours(t *testing.T) {
	t.Parallel()
	for day, windows := range map[string]int64{"2026-03-28": 144, "2026-03-29": 138, "2026-10-25": 150} {
		t.Run(day, func(t *testing.T) {
			t.Parallel()
			b := setup(t, "Europe/Lisbon")
			span := b.Settings.Calendar.Span(partition.MustParseKey(day))
			b.fill(t, partition.Span{Start: span.Start.Add(-time.Hour), End: span.End.Add(time.Hour)}, time.Minute)
			m, err := b.run(t, day)
			if err != nil || m.Windows != windows || m.RowsWritten != 8*windows || m.RowsRead != 10*windows || m.SamplesMissing != 0 {
				t.Errorf("Run(%s) = %+v, %v; want %d windows", day, m, err, windows)
			}
		})
	}
}

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
	b.status = statusStore(t)
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

func TestTheAnswerIsTheMaterialization(t *testing.T) {
	t.Parallel()
	b := setup(t, "UTC")
	b.fill(t, b.Settings.Calendar.Span(firstDay), time.Minute)
	m, err := etl.Handler(b.Runner)(t.Context(), []byte(`{"scheduled_time":"2026-02-21T01:00:00Z"}`))
	if err != nil {
		t.Fatal(err)
	}
	recorded, err := b.status.Run(t.Context(), "turbine-1", m.RunID)
	if err != nil || recorded.Trigger != status.TriggerSchedule || recorded.Outcome != status.OutcomeSucceeded ||
		recorded.Materialization == nil || recorded.Materialization.Fingerprint != m.Fingerprint {
		t.Errorf("the run is recorded as %+v, %v", recorded, err)
	}
	var stored string
	err = b.target.QueryRow(t.Context(), `SELECT fingerprint FROM materialization WHERE partition = '2026-02-20' AND run_id = $1 AND generation = $2
		AND rows_read = 1440 AND rows_written = 1152`, m.RunID, m.Generation).Scan(&stored)
	if err != nil || stored != m.Fingerprint {
		t.Errorf("the target records fingerprint %q, %v; want %s", stored, err, m.Fingerprint)
	}
}
