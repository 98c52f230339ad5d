package bench

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"delfos/infra/local/httpapi"
	"delfos/infra/local/lambda"
	"delfos/infra/local/logs"
	"delfos/shared/bearer"
	"delfos/shared/source/sourcedb"
	"delfos/shared/source/sourcehttp"
)

const token = "a token for benchmarks"

const dayQuery = "start=2026-02-20&end=2026-02-21&variables=wind_speed&variables=power"

// BenchmarkDayThroughAPI reads a day of two variables raw by pgx, through the API's
// handler over plain HTTP (within 1.3 of raw), and through the local HTTP API, for
// which the function's real process answers events.
func BenchmarkDayThroughAPI(b *testing.B) {
	dsn, pool := minutes(b)
	api := serveAPI(b, pool)
	functions := newLambda(b)
	register(b, functions, "sourceapi", 512, map[string]string{"API_TOKEN": token, "SOURCE_DSN": dsn})
	gateway := serveLambda(b, functions)
	memory := make([]byte, 1<<20)
	inTurns(b,
		&side{name: "raw", do: func() error { return readRaw(b.Context(), pool) }},
		&side{name: "http", do: func() error { return readHTTP(b.Context(), api, memory) }},
		&side{name: "lambda", do: func() error { return readHTTP(b.Context(), gateway, memory) }},
	)
}

func serveAPI(b *testing.B, pool *pgxpool.Pool) *httptest.Server {
	b.Helper()
	api := httptest.NewServer(sourcehttp.New(sourcehttp.Options{Store: sourcedb.New(pool), Token: bearer.Fixed(token), Logger: silent}))
	b.Cleanup(api.Close)
	return api
}

// readRaw looks at every row as it comes, in no type of Go's.
func readRaw(ctx context.Context, pool *pgxpool.Pool) error {
	rows, err := pool.Query(ctx, `SELECT timestamp, wind_speed, power FROM data
		WHERE timestamp >= $1 AND timestamp < $2 ORDER BY timestamp`, span.Start, span.End)
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
func readHTTP(ctx context.Context, api *httptest.Server, memory []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, api.URL+"/data?"+dayQuery, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := api.Client().Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}
	_, err = io.ReadFull(response.Body, memory[:response.ContentLength])
	return err
}

// serveLambda is the API as the local stack serves it: an HTTP API whose every
// request is an event for the function's process.
func serveLambda(b *testing.B, functions *lambda.Service) *httptest.Server {
	b.Helper()
	handler, err := httpapi.New(httpapi.API{
		ID: "bench", AccountID: accountID, Routes: []httpapi.Route{{Key: "$default", Function: "sourceapi"}},
	}, functions, time.Now, uuid.NewString)
	if err != nil {
		b.Fatal(err)
	}
	api := httptest.NewServer(handler)
	b.Cleanup(api.Close)
	return api
}

func newLambda(b *testing.B) *lambda.Service {
	b.Helper()
	store, err := logs.Open(logs.Options{})
	if err != nil {
		b.Fatal(err)
	}
	functions, err := lambda.New(lambda.Options{Region: region, AccountID: accountID, Logs: store})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := errors.Join(functions.Close(), store.Close()); err != nil {
			b.Error(err)
		}
	})
	return functions
}

const (
	region    = "us-east-1"
	accountID = "000000000000"
)

// register runs one of the repository's functions as its real process.
func register(b *testing.B, functions *lambda.Service, name string, memoryMB int, environment map[string]string) {
	b.Helper()
	err := functions.Register(lambda.Function{
		Name: name, Command: []string{bootstrap(b, name)}, Environment: environment, MemoryMB: memoryMB, Timeout: 2 * time.Minute,
	})
	if err != nil {
		b.Fatal(err)
	}
}
