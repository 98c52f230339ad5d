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

	"github.com/jackc/pgx/v5/pgxpool"

	"delfos/shared/source/sourcehttp"
)

// BenchmarkDay reads one day of two variables in turns raw by pgx, through the API
// over plain HTTP, and through the API as a Lambda event, and reports the medians
// in microseconds and their ratios to raw: for values of three decimals, as sensors
// give them, and for values of 16 digits, the most that a float64 takes.
func BenchmarkDay(b *testing.B) {
	b.Run("three decimals", func(b *testing.B) {
		benchmarkDay(b, "UPDATE data SET wind_speed = round(wind_speed::numeric, 3), power = round(power::numeric, 3)")
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
	var raw, http, event []time.Duration
	measure := func(durations *[]time.Duration, read func() error) {
		began := time.Now()
		if err := read(); err != nil {
			b.Fatal(err)
		}
		*durations = append(*durations, time.Since(began))
	}
	for b.Loop() {
		measure(&raw, func() error { return readRaw(api.pool) })
		measure(&http, func() error { return readHTTP(server, memory) })
		measure(&event, func() error { return readEvent(lambda) })
	}
	report := func(durations []time.Duration, name string) {
		b.ReportMetric(median(durations).Seconds()*1e6, name+"-p50-µs")
		b.ReportMetric(median(durations).Seconds()/median(raw).Seconds(), name+"/raw")
	}
	b.ReportMetric(median(raw).Seconds()*1e6, "raw-p50-µs")
	report(http, "http")
	report(event, "lambda")
}

func median(durations []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(durations))
	return sorted[len(sorted)/2]
}

func readRaw(pool *pgxpool.Pool) error {
	rows, err := pool.Query(context.Background(), `SELECT timestamp, wind_speed, power FROM data
		WHERE timestamp >= $1 AND timestamp < $2 ORDER BY timestamp`,
		time.Date(2026, 2, 20, 0, 0, 0, 0, time.UTC), time.Date(2026, 2, 21, 0, 0, 0, 0, time.UTC))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		_ = rows.RawValues()
	}
	return rows.Err()
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
	_, err = io.ReadFull(response.Body, memory[:max(0,response.ContentLength)])
	return errors.Join(err, response.Body.Close())
}

func readEvent(lambda sourcehttp.LambdaHandler) error {
	_, err := lambda(context.Background(), event(http.MethodGet, dayTarget, "Authorization", "Bearer "+token))
	return err
}
