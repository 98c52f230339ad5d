package sourcehttp_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/jackc/pgx/v5/pgxpool"

	"delfos/infra/local/postgres/postgrestest"
	"delfos/shared/bearer"
	"delfos/shared/postgres"
	sourceschema "delfos/shared/schema/source"
	"delfos/shared/source/sourcedb"
	"delfos/shared/source/sourcehttp"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

const (
	token     = "a token for tests"
	dayTarget = "/data?start=2026-02-20&end=2026-02-21&variables=wind_speed&variables=power"
)

// api is the handler over a database of its own.
type api struct {
	pool    *pgxpool.Pool
	handler http.Handler
}

// newAPI makes an API with the options given, over a new database.
func newAPI(t testing.TB, options sourcehttp.Options) *api {
	t.Helper()
	return overDatabase(t, postgrestest.Database(t, sourceschema.Migrations), options)
}

func overDatabase(t testing.TB, dsn string, options sourcehttp.Options) *api {
	t.Helper()
	pool, err := postgres.Connect(t.Context(), postgres.Settings{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	options.Store = sourcedb.New(pool)
	if options.Token == nil {
		options.Token = bearer.Fixed(token)
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	return &api{pool, sourcehttp.New(options)}
}

func (a *api) exec(t testing.TB, sql string) {
	t.Helper()
	if _, err := a.pool.Exec(context.Background(), sql); err != nil {
		t.Fatal(err)
	}
}

// minutes fills the day of 2026-02-20 with 1,440 samples.
func (a *api) minutes(t testing.TB) {
	t.Helper()
	a.exec(t, `INSERT INTO data SELECT '2026-02-20Z'::timestamptz + i * interval '1 minute',
		8 + sin(i), 600 + 300 * cos(i), 11 + sin(i / 700.0) FROM generate_series(0, 1439) AS i`)
}

// reply is what came back, by whichever way.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// ask sends one request; headers are names and values in turn.
type ask func(t testing.TB, method, target string, headers ...string) reply

// ways are the two by which requests reach the API: plain HTTP, and API Gateway's
// events.
func (a *api) ways() map[string]ask {
	return map[string]ask{"http": a.overHTTP, "lambda": a.overLambda}
}

// everyWay runs the test once for each way.
func (a *api) everyWay(t *testing.T, test func(*testing.T, ask)) {
	t.Helper()
	for name, way := range a.ways() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, way)
		})
	}
}

// get asks with the token.
func (way ask) get(t testing.TB, target string, headers ...string) reply {
	t.Helper()
	return way(t, http.MethodGet, target, append([]string{"Authorization", "Bearer " + token}, headers...)...)
}

func (a *api) overHTTP(t testing.TB, method, target string, headers ...string) reply {
	t.Helper()
	server := httptest.NewServer(a.handler)
	defer server.Close()
	request, err := http.NewRequestWithContext(context.Background(), method, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	path, query, _ := strings.Cut(target, "?")
	request.URL.Path, request.URL.RawQuery = path, query // http.NewRequest would refuse some
	for i := 0; i < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	response, err := server.Client().Transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{response.StatusCode, response.Header, body}
}

// overLambda goes through JSON both ways, as the Lambda runtime does.
func (a *api) overLambda(t testing.TB, method, target string, headers ...string) reply {
	t.Helper()
	var given events.APIGatewayV2HTTPRequest
	var taken events.APIGatewayV2HTTPResponse
	throughJSON(t, event(method, target, headers...), &given)
	answer, err := sourcehttp.Lambda(a.handler)(context.Background(), given)
	if err != nil {
		t.Fatalf("the function failed, which a client sees as a 500: %v", err)
	}
	if size := throughJSON(t, answer, &taken); size >= 6_291_556 {
		t.Errorf("the answer has %d bytes, more than Lambda sends", size)
	}
	r := reply{taken.StatusCode, http.Header{}, []byte(taken.Body)}
	if taken.IsBase64Encoded {
		if r.body, err = base64.StdEncoding.DecodeString(taken.Body); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range taken.Headers {
		r.header.Set(name, value)
	}
	return r
}

func throughJSON(t testing.TB, from, to any) (size int) {
	t.Helper()
	text, err := json.Marshal(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, to); err != nil {
		t.Fatal(err)
	}
	return len(text)
}

// event is what API Gateway makes of a request (payload format 2.0).
func event(method, target string, headers ...string) events.APIGatewayV2HTTPRequest {
	path, query, _ := strings.Cut(target, "?")
	e := events.APIGatewayV2HTTPRequest{Version: "2.0", RouteKey: "$default", RawPath: path, RawQueryString: query}
	e.RequestContext.HTTP.Method, e.RequestContext.HTTP.Path = method, path
	e.RequestContext.DomainName, e.RequestContext.RequestID = "api.example.com", "gateway-1"
	e.Headers = map[string]string{}
	for i := 0; i < len(headers); i += 2 {
		name := strings.ToLower(headers[i])
		if before, ok := e.Headers[name]; ok {
			e.Headers[name] = before + "," + headers[i+1]
		} else {
			e.Headers[name] = headers[i+1]
		}
	}
	return e
}

// problem is an RFC 9457 document.
type problem struct {
	Type, Title, Detail string
	Status              int
	Errors              []struct {
		Location, Message string
		Value             any
	}
}

func problemOf(t testing.TB, r reply) problem {
	t.Helper()
	if got := r.header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("Content-Type = %q, want application/problem+json", got)
	}
	var p problem
	decoder := json.NewDecoder(bytes.NewReader(r.body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&p); err != nil {
		t.Fatalf("%v in %s", err, r.body)
	}
	if p.Status != r.status || p.Title == "" || p.Detail == "" {
		t.Errorf("status %d with the problem %+v", r.status, p)
	}
	return p
}
