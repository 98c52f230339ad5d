package source_test

import (
	"context"
	"io"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"delfos/infra/local/postgres/postgrestest"
	"delfos/shared/bearer"
	"delfos/shared/partition"
	"delfos/shared/postgres"
	sourceschema "delfos/shared/schema/source"
	"delfos/shared/source"
	"delfos/shared/source/sourcedb"
	"delfos/shared/source/sourcehttp"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

const token = "a token for tests"

var (
	midnight = time.Date(2026, 2, 20, 0, 0, 0, 0, time.UTC)
	day      = source.Query{
		Span:      partition.Span{Start: midnight, End: midnight.Add(24 * time.Hour)},
		Variables: []string{"wind_speed", "power"},
	}
)

// fault answers a request in the API's place, or breaks the API's answer.
type fault func(w http.ResponseWriter, r *http.Request, api http.Handler)

// faultyAPI is the source API over a real database with a day of 1,440 samples,
// behind faults that come in turn, one a request, until none is left.
type faultyAPI struct {
	pool *pgxpool.Pool
	url  string

	mu       sync.Mutex
	faults   []fault
	requests int
}

func newFaultyAPI(t testing.TB, faults ...fault) *faultyAPI {
	t.Helper()
	pool, err := postgres.Connect(t.Context(), postgres.Settings{DSN: postgrestest.Database(t, sourceschema.Migrations)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if _, err := pool.Exec(t.Context(), `INSERT INTO data SELECT '2026-02-20Z'::timestamptz + i * interval '1 minute',
		nullif(8 + sin(i), 8), CASE i WHEN 7 THEN 'NaN' ELSE 600 + 300 * cos(i) END, 11 FROM generate_series(0, 1439) AS i`); err != nil {
		t.Fatal(err)
	}
	api := sourcehttp.New(sourcehttp.Options{Store: sourcedb.New(pool), Token: bearer.Fixed(token), Logger: slog.New(slog.DiscardHandler)})
	f := &faultyAPI{pool: pool, faults: faults}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if fault := f.next(); fault != nil {
			fault(w, r, api)
		} else {
			api.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

func (f *faultyAPI) next() fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests++
	if len(f.faults) == 0 {
		return nil
	}
	fault := f.faults[0]
	f.faults = f.faults[1:]
	return fault
}

func (f *faultyAPI) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.requests
}

// slept records the waits of a client instead of waiting.
type slept struct{ waits []time.Duration }

func (s *slept) sleep(ctx context.Context, wait time.Duration) error {
	s.waits = append(s.waits, wait)
	return ctx.Err()
}

// client reads the API; its waits are recorded, and as long as jitter allows.
func (f *faultyAPI) client(t testing.TB, options source.ClientOptions) (*source.Client, *slept) {
	t.Helper()
	waits := &slept{}
	options.BaseURL, options.Sleep = f.url, waits.sleep
	if options.Token == nil {
		options.Token = bearer.Fixed(token)
	}
	if options.Random == nil {
		options.Random = func() float64 { return 1 }
	}
	client, err := source.NewClient(options)
	if err != nil {
		t.Fatal(err)
	}
	return client, waits
}

// readAll gathers the pages, copied.
func readAll(ctx context.Context, client *source.Client, query source.Query) (*source.Rows, source.Fingerprint, error) {
	all := &source.Rows{Values: make([][]float64, len(query.Variables))}
	fingerprint, err := client.Read(ctx, query, func(page *source.Rows) error {
		all.Times = append(all.Times, page.Times...)
		for i, values := range page.Values {
			all.Values[i] = append(all.Values[i], values...)
		}
		return nil
	})
	return all, fingerprint, err
}

// checkDay checks that the rows are those of newFaultyAPI.
func checkDay(t testing.TB, rows *source.Rows) {
	t.Helper()
	if rows.Len() != 1440 {
		t.Errorf("%d rows, want 1440", rows.Len())
		return
	}
	for i := range rows.Times {
		if !rows.Time(i).Equal(midnight.Add(time.Duration(i) * time.Minute)) {
			t.Errorf("row %d is of %s", i, rows.Time(i))
		}
		windSpeed, power := rows.Values[0][i], rows.Values[1][i]
		if math.IsNaN(windSpeed) != (i == 0) || math.IsNaN(power) != (i == 7) ||
			math.Abs(power-600-300*math.Cos(float64(i))) > 1e-9 {
			t.Errorf("row %d is %v, %v", i, windSpeed, power)
		}
	}
}

// answer is a fault that answers with a status and a body.
func answer(status int, body string, headers ...string) fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// rewritten is a fault that changes what the API answers; length says how many
// bytes to announce, from the body before and after.
func rewritten(change func(body []byte) []byte, length func(before, after []byte) int) fault {
	return func(w http.ResponseWriter, r *http.Request, api http.Handler) {
		recorder := httptest.NewRecorder()
		api.ServeHTTP(recorder, r)
		maps.Copy(w.Header(), recorder.Header())
		before := recorder.Body.Bytes()
		after := change(before)
		w.Header().Set("Content-Length", strconv.Itoa(length(before, after)))
		w.WriteHeader(recorder.Code)
		_, _ = w.Write(after)
	}
}
