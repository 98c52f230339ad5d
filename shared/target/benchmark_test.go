package target_test

import (
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"delfos/shared/target"
)

var eight = []string{
	"wind_speed_mean", "wind_speed_min", "wind_speed_max", "wind_speed_std",
	"power_mean", "power_min", "power_max", "power_std",
}

// BenchmarkReplaceDay replaces a day in a target that holds a year, and reports how
// often the time of a plain COPY of the same rows, into the same table, that takes.
// Both run in turns, and the median of each counts.
func BenchmarkReplaceDay(b *testing.B) {
	pool := newPool(b, nil)
	loader := target.New(pool)
	fillYear(b, pool)
	p := publication(1, 1, eight...)
	id := map[string]int32{}
	rows, err := pool.Query(b.Context(), `SELECT id, name FROM signal`)
	if err != nil {
		b.Fatal(err)
	}
	var signal int32
	var name string
	if _, err := pgx.ForEachRow(rows, []any{&signal, &name}, func() error { id[name] = signal; return nil }); err != nil {
		b.Fatal(err)
	}
	copied := make([][]any, len(p.Rows))
	for i, row := range p.Rows {
		copied[i] = []any{row.Time, id[row.Signal], row.Value}
	}
	var plain, replace []time.Duration
	for b.Loop() {
		b.StopTimer()
		if _, err := pool.Exec(b.Context(), `DELETE FROM data WHERE timestamp >= $1 AND timestamp < $2`, span.Start, span.End); err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		if _, err := pool.CopyFrom(b.Context(), pgx.Identifier{"data"}, []string{"timestamp", "signal_id", "value"}, pgx.CopyFromRows(copied)); err != nil {
			b.Fatal(err)
		}
		plain = append(plain, time.Since(began))
		b.StartTimer()
		p.Generation++
		began = time.Now()
		mustReplace(b, loader, p)
		replace = append(replace, time.Since(began))
	}
	b.ReportMetric(float64(median(replace))/float64(median(plain)), "ratio")
	b.ReportMetric(float64(median(plain).Microseconds())/1000, "ms/copy")
	b.ReportMetric(float64(median(replace).Microseconds())/1000, "ms/replace")
}

// fillYear holds a row every ten minutes and signal, for the year up to the day.
func fillYear(b *testing.B, pool *pgxpool.Pool) {
	b.Helper()
	_, err := pool.Exec(b.Context(), `
		WITH s AS (INSERT INTO signal (name) SELECT unnest($1::text[]) RETURNING id)
		SELECT count(*) FROM s`, eight)
	if err != nil {
		b.Fatal(err)
	}
	_, err = pool.Exec(b.Context(), `
		INSERT INTO data SELECT t, id, random()
		FROM generate_series($1::timestamptz, $2::timestamptz - interval '10 minutes', interval '10 minutes') AS t, signal`,
		span.Start.AddDate(-1, 0, 0), span.End)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := pool.Exec(b.Context(), `VACUUM ANALYZE data`); err != nil {
		b.Fatal(err)
	}
}

func median(durations []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(durations))
	return sorted[len(sorted)/2]
}
