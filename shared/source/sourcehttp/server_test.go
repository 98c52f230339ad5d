package sourcehttp_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	sourceschema "delfos/infra/db/source"
	"delfos/infra/local/postgres/postgrestest"
	"delfos/shared/postgres"
	"delfos/shared/source/sourcedb"
	"delfos/shared/source/sourcehttp"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

const token = "a token for tests"

// api is the handler over a database of its own.
type api struct {
	pool    *pgxpool.Pool
	handler http.Handler
}

// newAPI makes an API with the options given, over a new database.
func newAPI(t testing.TB, options sourcehttp.Options) *api {
	t.Helper()
	pool, err := postgres.Connect(t.Context(), postgres.Settings{DSN: postgrestest.Database(t, sourceschema.Migrations)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	options.Store, options.Token = sourcedb.New(pool), token
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	return &api{pool, sourcehttp.New(options)}
}

func (a *api) exec(t testing.TB, sql string, args ...any) {
	t.Helper()
	if _, err := a.pool.Exec(context.Background(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

// minutes fills the day of 2026-02-20 with 1,440 samples.
func (a *api) minutes(t testing.TB) {
	t.Helper()
	a.exec(t, `INSERT INTO data SELECT '2026-02-20Z'::timestamptz + i * interval '1 minute',
		8 + sin(i), 600 + 300 * cos(i), 11 + sin(i / 700.0) FROM generate_series(0, 1439) AS i`)
}

// get asks with the token.
func (a *api) get(t testing.TB, target string, headers ...string) *http.Response {
	t.Helper()
	return a.ask(t, http.MethodGet, target, append([]string{"Authorization", "Bearer " + token}, headers...)...)
}

// ask sends a request over real HTTP.
func (a *api) ask(t testing.TB, method, target string, headers ...string) *http.Response {
	t.Helper()
	server := httptest.NewServer(a.handler)
	defer server.Close()
	request, err := http.NewRequestWithContext(context.Background(), method, server.URL+target, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	response, err := server.Client().Transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	response.Body = io.NopCloser(strings.NewReader(string(body)))
	return response
}

func bodyOf(t testing.TB, response *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
