package sourcedb_test

import (
	"context"
	"errors"
	"io"
	"math"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"pgregory.net/rapid"

	"delfos/infra/local/postgres/postgrestest"
	"delfos/shared/partition"
	"delfos/shared/postgres"
	sourceschema "delfos/shared/schema/source"
	"delfos/shared/source"
	"delfos/shared/source/sourcedb"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

var midnight = time.Date(2026, 2, 20, 0, 0, 0, 0, time.UTC)

func connect(t testing.TB, dsn string) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Connect(t.Context(), postgres.Settings{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func database(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return connect(t, postgrestest.Database(t, sourceschema.Migrations))
}

// sample is one row, nil for NULL.
type sample struct {
	at     time.Time
	values [3]*float64
}

// fill replaces the samples of the database.
func fill(t interface{ Fatal(...any) }, pool *pgxpool.Pool, samples ...sample) {
	ctx := context.Background()
	if _, err := pool.Exec(ctx, "TRUNCATE data"); err != nil {
		t.Fatal(err)
	}
	columns := append([]string{"timestamp"}, source.VariableNames()...)
	_, err := pool.CopyFrom(ctx, pgx.Identifier{"data"}, columns, pgx.CopyFromSlice(len(samples), func(i int) ([]any, error) {
		s := samples[i]
		return []any{s.at, s.values[0], s.values[1], s.values[2]}, nil
	}))
	if err != nil {
		t.Fatal(err)
	}
}

func window(start time.Time, duration time.Duration, variables ...string) source.Query {
	return source.Query{Span: partition.Span{Start: start, End: start.Add(duration)}, Variables: variables}
}

func read(t interface{ Fatal(...any) }, reader *sourcedb.Reader, query source.Query, limit int) *source.Rows {
	rows := &source.Rows{Values: make([][]float64, len(query.Variables))}
	err := reader.Read(context.Background(), query, limit, func(micros int64, values []float64) error {
		rows.Times = append(rows.Times, micros)
		for i, v := range values {
			rows.Values[i] = append(rows.Values[i], v)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestReadGivesTheHalfOpenWindowInTimeOrderWithNaNForWhatIsNotFinite(t *testing.T) {
	t.Parallel()
	pool := database(t)
	fill(t, pool,
		sample{midnight.Add(2 * time.Minute), [3]*float64{new(math.NaN()), new(math.Inf(1)), new(math.Inf(-1))}},
		sample{midnight.Add(-time.Microsecond), [3]*float64{new(-1.0), new(-1.0), new(-1.0)}},
		sample{midnight, [3]*float64{new(1.5), new(2.5), nil}},
		sample{midnight.Add(time.Minute), [3]*float64{nil, new(math.Copysign(0, -1)), new(3.0)}},
		sample{midnight.Add(time.Hour), [3]*float64{new(9.0), new(9.0), new(9.0)}},
	)
	got := read(t, sourcedb.New(pool), window(midnight, time.Hour, "power", "wind_speed"), 0)
	nan := math.NaN()
	want := &source.Rows{
		Times: []int64{
			midnight.UnixMicro(), midnight.Add(time.Minute).UnixMicro(), midnight.Add(2 * time.Minute).UnixMicro(),
		},
		Values: [][]float64{{2.5, math.Copysign(0, -1), nan}, {1.5, nan, nan}},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if !math.Signbit(got.Values[0][1]) {
		t.Error("the zero lost its sign")
	}
	if limited := read(t, sourcedb.New(pool), window(midnight, time.Hour, "power"), 2); limited.Len() != 2 {
		t.Errorf("a limit of 2 gave %d rows", limited.Len())
	}
}

func TestAnErrorOfTheCallerEndsTheReadingAndTheConnectionIsUsableAfterIt(t *testing.T) {
	t.Parallel()
	pool := database(t)
	fill(t, pool, sample{at: midnight}, sample{at: midnight.Add(time.Second)})
	reader, stop, calls := sourcedb.New(pool), errors.New("stop"), 0
	err := reader.Read(t.Context(), window(midnight, time.Hour, "power"), 0, func(int64, []float64) error {
		calls++
		return stop
	})
	if err != stop || calls != 1 { //nolint:errorlint // it must be returned as it is
		t.Errorf("Read = %v after %d calls, want the caller's error after 1", err, calls)
	}
	if got := read(t, reader, window(midnight, time.Hour, "power"), 0); got.Len() != 2 {
		t.Errorf("the next reading gave %d rows, want 2", got.Len())
	}
}

func TestReadRefusesWhatTheContractDoesNotHave(t *testing.T) {
	t.Parallel()
	reader := sourcedb.New(database(t))
	for name, test := range map[string]struct {
		query source.Query
		says  string
	}{
		"no variable":      {window(midnight, time.Hour), "at least one variable"},
		"unknown variable": {window(midnight, time.Hour, "power; DROP TABLE data"), "unknown"},
		"repeated":         {window(midnight, time.Hour, "power", "power"), "twice"},
		"reversed":         {window(midnight, -time.Hour, "power"), "more than 0"},
		"too long":         {window(midnight, source.MaxWindow+1, "power"), "at most"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := reader.Read(t.Context(), test.query, 0, nil)
			_, sumErr := reader.Fingerprint(t.Context(), test.query, 0)
			if err == nil || !strings.Contains(err.Error(), test.says) || sumErr == nil || sumErr.Error() != err.Error() {
				t.Errorf("Read = %v, Fingerprint = %v; want both to say %q", err, sumErr, test.says)
			}
		})
	}
}

func TestExtentIsTheFirstAndTheLastSample(t *testing.T) {
	t.Parallel()
	pool := database(t)
	reader := sourcedb.New(pool)
	if _, _, ok, err := reader.Extent(t.Context()); ok || err != nil {
		t.Errorf("Extent of nothing = %t, %v", ok, err)
	}
	fill(t, pool, sample{at: midnight.Add(time.Hour)}, sample{at: midnight})
	first, last, ok, err := reader.Extent(t.Context())
	if err != nil || !ok || !first.Equal(midnight) || !last.Equal(midnight.Add(time.Hour)) || first.Location() != time.UTC {
		t.Errorf("Extent = %v, %v, %t, %v", first, last, ok, err)
	}
}

func TestTheDatabaseRefusesATimestampThatIsNoInstant(t *testing.T) {
	t.Parallel()
	if _, err := database(t).Exec(t.Context(), "INSERT INTO data VALUES ('infinity')"); err == nil {
		t.Error("an infinite timestamp was stored")
	}
}

func TestGoAndSQLComputeTheSameFingerprint(t *testing.T) {
	t.Parallel()
	pool := database(t)
	reader := sourcedb.New(pool)
	pointer := func(value float64) *float64 { return &value }
	values := rapid.OneOf(
		rapid.Just[*float64](nil),
		rapid.Map(rapid.Float64(), pointer),
		rapid.Map(rapid.SampledFrom([]float64{
			0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, math.SmallestNonzeroFloat64,
		}), pointer),
	)
	rapid.Check(t, func(t *rapid.T) {
		offsets := rapid.SliceOfNDistinct(rapid.Int64Range(-10, 3_600_000_010), 0, 40, rapid.ID).Draw(t, "offsets")
		var samples []sample
		for _, offset := range offsets {
			s := sample{at: midnight.Add(time.Duration(offset) * time.Microsecond)}
			for i := range s.values {
				s.values[i] = values.Draw(t, "value")
			}
			samples = append(samples, s)
		}
		fill(t, pool, samples...)
		variables := rapid.Permutation(source.VariableNames()).Draw(t, "variables")
		query := window(midnight, time.Hour, variables[:rapid.IntRange(1, 3).Draw(t, "count")]...)
		limit := rapid.IntRange(0, 50).Draw(t, "limit")

		hasher := source.NewHasher(query.Variables)
		hasher.Add(read(t, reader, query, limit))
		got, err := reader.Fingerprint(context.Background(), query, limit)
		if err != nil || got != hasher.Sum() {
			t.Fatalf("SQL computes %s, %v; Go %s", got, err, hasher.Sum())
		}
	})
}

func TestADatabaseThatDoesNotAnswerIsUnavailableAndAMissingTableIsNot(t *testing.T) {
	t.Parallel()
	server := postgrestest.NewServer(t)
	pool := connect(t, server.DSN("postgres"))
	reader := sourcedb.New(pool)
	query := window(midnight, time.Hour, "power")

	var unavailable *sourcedb.UnavailableError
	err := reader.Read(t.Context(), query, 0, nil)
	if err == nil || errors.As(err, &unavailable) {
		t.Errorf("Read without a table = %v, want an error that is not *UnavailableError", err)
	}
	postgrestest.Kill(t, server)
	pool.Reset() // a backend outlives its server for a moment, and answers
	_, _, _, extentErr := reader.Extent(t.Context())
	_, sumErr := reader.Fingerprint(t.Context(), query, 0)
	for name, err := range map[string]error{
		"Ping": reader.Ping(t.Context()), "Read": reader.Read(t.Context(), query, 0, nil),
		"Extent": extentErr, "Fingerprint": sumErr,
	} {
		if !errors.As(err, &unavailable) {
			t.Errorf("%s of a dead server = %v, want *UnavailableError", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := reader.Ping(ctx); errors.As(err, &unavailable) || !errors.Is(err, context.Canceled) {
		t.Errorf("Ping by someone who has gone = %v, want context.Canceled", err)
	}
}

// cutConn fails, as a connection that was lost, after some bytes have been read.
type cutConn struct {
	net.Conn
	left int
}

func (c *cutConn) Read(into []byte) (int, error) {
	if c.left <= 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := c.Conn.Read(into[:min(len(into), c.left)])
	c.left -= n
	return n, err
}

func TestAConnectionLostWhileReadingIsUnavailable(t *testing.T) {
	t.Parallel()
	dsn := postgrestest.Database(t, sourceschema.Migrations)
	if _, err := connect(t, dsn).Exec(t.Context(), `INSERT INTO data
		SELECT '2026-02-20Z'::timestamptz + i * interval '1 minute', 1, 2, 3 FROM generate_series(0, 1439) AS i`); err != nil {
		t.Fatal(err)
	}
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	config.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		return &cutConn{conn, 20_000}, err
	}
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	rows := 0
	err = sourcedb.New(pool).Read(t.Context(), window(midnight, 24*time.Hour, "power"), 0, func(int64, []float64) error {
		rows++
		return nil
	})
	if !errors.As(err, new(*sourcedb.UnavailableError)) || rows == 0 || rows == 1440 {
		t.Errorf("Read = %v after %d rows, want *UnavailableError after some", err, rows)
	}
}
