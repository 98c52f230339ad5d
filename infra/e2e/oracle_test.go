package e2e

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// published is a value of the target, by window and signal.
type published map[string]float64

func key(at time.Time, signal string) string { return at.UTC().Format(time.RFC3339) + " " + signal }

func open(t testing.TB, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(t.Context()) })
	return conn
}

// read gathers rows of (time, signal, value); NULL is NaN.
func read(t testing.TB, conn *pgx.Conn, sql string, args ...any) published {
	t.Helper()
	rows, err := conn.Query(t.Context(), sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	values := published{}
	var at time.Time
	var signal string
	var value *float64
	_, err = pgx.ForEachRow(rows, []any{&at, &signal, &value}, func() error {
		if _, twice := values[key(at, signal)]; twice {
			return fmt.Errorf("%s stands twice", key(at, signal))
		}
		values[key(at, signal)] = math.NaN()
		if value != nil {
			values[key(at, signal)] = *value
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return values
}

// target reads what is published of [start, end).
func target(t testing.TB, dsn string, start, end time.Time) published {
	t.Helper()
	return targetOn(t, open(t, dsn), start, end)
}

func targetOn(t testing.TB, conn *pgx.Conn, start, end time.Time) published {
	t.Helper()
	return read(t, conn, `
		SELECT timestamp, name, value FROM data JOIN signal ON signal.id = signal_id
		WHERE timestamp >= $1 AND timestamp < $2`, start, end)
}

// oracle computes [start, end) in SQL, straight from the source.
func oracle(t testing.TB, dsn string, start, end time.Time) published {
	t.Helper()
	return oracleOn(t, open(t, dsn), start, end)
}

func oracleOn(t testing.TB, conn *pgx.Conn, start, end time.Time) published {
	t.Helper()
	return read(t, conn, `
		SELECT date_bin('10 minutes', timestamp, $1), signal, value
		FROM (
			SELECT date_bin('10 minutes', timestamp, $1) AS timestamp, variable,
			       avg(x) AS mean, min(x) AS min, max(x) AS max, stddev_samp(x) AS std
			FROM data, LATERAL (VALUES ('wind_speed', wind_speed), ('power', power)) AS v(variable, x)
			WHERE timestamp >= $1 AND timestamp < $2 AND x IS NOT NULL
			GROUP BY 1, 2
		) windows, LATERAL (VALUES
			(variable || '_mean', mean), (variable || '_min', min), (variable || '_max', max), (variable || '_std', std)
		) AS s(signal, value)`, start, end)
}

// tolerance is relative.
const tolerance = 1e-9

func compare(t testing.TB, got, want published) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d rows in the target, want %d", len(got), len(want))
	}
	reported := 0
	for name, wanted := range want {
		value, ok := got[name]
		if ok && equal(value, wanted) {
			continue
		}
		if reported++; reported <= 5 {
			t.Errorf("%s = %v (there: %t), want %v", name, value, ok, wanted)
		}
	}
}

func equal(a, b float64) bool {
	if math.IsNaN(a) || math.IsNaN(b) {
		return math.IsNaN(a) && math.IsNaN(b)
	}
	return math.Abs(a-b) <= tolerance*max(1, math.Abs(a), math.Abs(b))
}

func day(text string) (start, end time.Time) {
	start, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return start, start.AddDate(0, 0, 1)
}
