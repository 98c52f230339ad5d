package sourcehttp_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"delfos/shared/source/sourcehttp"
)

// BenchmarkDay reads one day of two variables in turns raw by pgx, by pgx into Go's
// types, through the API over plain HTTP, and through the API as a Lambda event. It
// reports the medians in microseconds and the API's ratios to pgx: for values as
// precise as sensors give them, and for values of 16 digits, the most that a float64
// takes. Only a machine with two idle cores shows the figures: PostgreSQL takes one.
func BenchmarkDay(b *testing.B) {
	b.Run("sensors", func(b *testing.B) {
		benchmarkDay(b, "UPDATE data SET wind_speed = round(wind_speed::numeric, 2), power = round(power::numeric, 1)")
	})
	b.Run("all digits", func(b *testing.B) { benchmarkDay(b, "") })
}

func benchmarkDay(b *testing.B, adapt string) {
	api := newAPI(b, sourcehttp.Options{})
	api.minutes(b)
	api.exec(b, adapt)
	api.exec(b, "CLUSTER data USING data_pkey")
	api.exec(b, "VACUUM ANALYZE data")
	server := httptest.NewServer(api.handler)
	defer server.Close()
	lambda := sourcehttp.Lambda(api.handler)
	memory := make([]byte, 1<<20)
	ways := []struct {
		name  string
		read  func() error
		taken []time.Duration
	}{
		{name: "raw", read: func() error {
			return readRows(api.pool, func(rows pgx.Rows) error { _ = rows.RawValues(); return nil })
		}},
		{name: "scan", read: func() error { return readRows(api.pool, scan) }},
		{name: "http", read: func() error { return readHTTP(server, memory) }},
		{name: "lambda", read: func() error { return readEvent(lambda) }},
	}
	for b.Loop() {
		for i := range ways {
			began := time.Now()
			if err := ways[i].read(); err != nil {
				b.Fatal(err)
			}
			ways[i].taken = append(ways[i].taken, time.Since(began))
		}
	}
	for i, way := range ways {
		b.ReportMetric(median(way.taken)*1e6, way.name+"-p50-µs")
		for _, pgx := range ways[:min(i, 2)] {
			b.ReportMetric(median(way.taken)/median(pgx.taken), way.name+"/"+pgx.name)
		}
	}
}

// median is in seconds.
func median(durations []time.Duration) float64 {
	return slices.Sorted(slices.Values(durations))[len(durations)/2].Seconds()
}

func readRows(pool *pgxpool.Pool, row func(pgx.Rows) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	rows, err := pool.Query(ctx, `SELECT timestamp, wind_speed, power FROM data
		WHERE timestamp >= $1 AND timestamp < $2 ORDER BY timestamp`,
		time.Date(2026, 2, 20, 0, 0, 0, 0, time.UTC), time.Date(2026, 2, 21, 0, 0, 0, 0, time.UTC))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func scan(rows pgx.Rows) error {
	var at time.Time
	var windSpeed, power *float64
	return rows.Scan(&at, &windSpeed, &power)
}

// readHTTP reads the body into memory that it is given, as source.Client does.
func readHTTP(server *httptest.Server, memory []byte) error {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, server.URL+dayTarget, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := server.Client().Do(request)
	if err != nil {
		return err
	}
	_, err = io.ReadFull(response.Body, memory[:response.ContentLength])
	return errors.Join(err, response.Body.Close())
}

func readEvent(lambda sourcehttp.LambdaHandler) error {
	_, err := lambda(context.Background(), event(http.MethodGet, dayTarget, "Authorization", "Bearer "+token))
	return err
}
