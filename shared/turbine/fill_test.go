package turbine_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"delfos/infra/local/postgres/postgrestest"
	"delfos/shared/schema/source"
	"delfos/shared/turbine"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

var (
	from = time.Date(2026, 2, 20, 3, 0, 0, 0, time.UTC) // a midnight in São Paulo
	to   = from.AddDate(0, 0, 3)
)

const all = 3 * 24 * 60

func TestFillWritesEachMinuteOnce(t *testing.T) {
	t.Parallel()
	conn := sourceDatabase(t)
	var heard []int
	inserted, err := turbine.Fill(t.Context(), conn, turbine.New(1), from, to, func(done, total int) { heard = append(heard, done, total) })
	if err != nil || inserted != all {
		t.Fatalf("inserted %d, %v", inserted, err)
	}
	if len(heard) != 8 || heard[6] != 4 || heard[7] != 4 {
		t.Errorf("progress: %v, want 4 of 4 days at the end", heard)
	}
	rows, err := conn.Query(t.Context(), "SELECT timestamp, wind_speed, power, ambient_temperature FROM data ORDER BY timestamp")
	if err != nil {
		t.Fatal(err)
	}
	var at time.Time
	var got [3]float64
	want := from
	_, err = pgx.ForEachRow(rows, []any{&at, &got[0], &got[1], &got[2]}, func() error {
		wind, power, ambient := turbine.New(1).Sample(want)
		if !at.Equal(want) || got != [3]float64{wind, power, ambient} {
			return errors.New("not the sample of " + want.String())
		}
		want = want.Add(time.Minute)
		return nil
	})
	if err != nil || !want.Equal(to) {
		t.Errorf("the samples end at %v, want %v: %v", want, to, err)
	}
	if inserted, err = turbine.Fill(t.Context(), conn, turbine.New(1), from, to, nil); err != nil || inserted != 0 {
		t.Errorf("again: inserted %d, %v", inserted, err)
	}
}

func TestFillGoesOnWhereItWasCutShort(t *testing.T) {
	t.Parallel()
	conn := sourceDatabase(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	first, err := turbine.Fill(ctx, conn, turbine.New(1), from, to, func(done, _ int) {
		if done == 2 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || first != 45*60 {
		t.Fatalf("inserted %d, %v: want the 21 and 24 hours before the cancellation", first, err)
	}
	conn = again(t, conn)
	rest, err := turbine.Fill(t.Context(), conn, turbine.New(1), from, to, nil)
	if err != nil || first+rest != all {
		t.Errorf("inserted %d and %d, %v: want %d in all", first, rest, err, all)
	}
}

func TestFillKeepsWhatIsThereAndClosesGaps(t *testing.T) {
	t.Parallel()
	conn := sourceDatabase(t)
	const edited = "INSERT INTO data (timestamp, power) VALUES ('2026-02-20 04:00Z', 42), ('2026-02-20 04:00:30Z', 43)"
	if _, err := conn.Exec(t.Context(), edited); err != nil {
		t.Fatal(err)
	}
	inserted, err := turbine.Fill(t.Context(), conn, turbine.New(1), from, to, nil)
	if err != nil || inserted != all-1 {
		t.Errorf("inserted %d, %v: want %d", inserted, err, all-1)
	}
	var kept int
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM data WHERE power IN (42, 43) AND wind_speed IS NULL").Scan(&kept); err != nil || kept != 2 {
		t.Errorf("%d of 2 samples are as they were, %v", kept, err)
	}
}

func TestFillRefusesBoundsThatAreNone(t *testing.T) {
	t.Parallel()
	conn := sourceDatabase(t)
	for want, bounds := range map[string][2]time.Time{
		"to must not be before from": {to, from},
		"both must be whole minutes": {from.Add(time.Second), to},
	} {
		if _, err := turbine.Fill(t.Context(), conn, turbine.New(1), bounds[0], bounds[1], nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v", bounds, err)
		}
	}
	if inserted, err := turbine.Fill(t.Context(), conn, turbine.New(1), from, from, nil); inserted != 0 || err != nil {
		t.Errorf("an empty span: %d, %v", inserted, err)
	}
}

func BenchmarkFillDay(b *testing.B) {
	conn := sourceDatabase(b)
	start := from
	for b.Loop() {
		end := start.AddDate(0, 0, 1)
		if _, err := turbine.Fill(b.Context(), conn, turbine.New(1), start, end, nil); err != nil {
			b.Fatal(err)
		}
		start = end
	}
	b.ReportMetric(float64(b.N)*24*60/b.Elapsed().Seconds(), "rows/s")
}

func sourceDatabase(t testing.TB) *pgx.Conn {
	t.Helper()
	return connect(t, postgrestest.Database(t, source.Migrations))
}

// again is a new connection: a cancelled one is closed.
func again(t testing.TB, conn *pgx.Conn) *pgx.Conn {
	t.Helper()
	return connect(t, conn.Config().ConnString())
}

func connect(t testing.TB, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}
