package sourcehttp_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"delfos/infra/local/postgres/postgrestest"
	"delfos/shared/bearer"
	"delfos/shared/postgres"
	"delfos/shared/source/sourcedb"
	"delfos/shared/source/sourcehttp"
)

const (
	window = "start=2026-02-20&end=2026-02-21"
	power  = "&variables=power"
)

// refusals are bad inputs: what is asked, and the problem that it must be answered
// with.
var refusals = []struct {
	name, query string
	problem     string // the type, without its prefix
	location    string
	says        string
}{
	{"nothing at all", "", "missing-parameter", "query.start", "start is missing"},
	{"no start", "end=2026-02-21" + power, "missing-parameter", "query.start", "start is missing"},
	{"no end", "start=2026-02-21" + power, "missing-parameter", "query.end", "end is missing"},
	{"no variables", window, "missing-parameter", "query.variables", "variables is missing"},
	{"empty start", "start=&end=2026-02-21" + power, "malformed-time", "query.start", "start cannot be read"},
	{"a start that is no time", "start=yesterday&end=2026-02-21" + power, "malformed-time", "query.start", "YYYY-MM-DD"},
	{"a day that does not exist", "start=2026-02-30&end=2026-03-21" + power, "malformed-time", "query.start", "start"},
	{"an hour that does not exist", "start=2026-02-20T24:00:00Z&end=2026-02-21" + power, "malformed-time", "query.start", "start"},
	{"a plus that became a space", "start=2026-02-20T00:00:00+01:00&end=2026-02-21" + power, "malformed-time", "query.start", "%2B"},
	{"nanoseconds", "start=2026-02-20T00:00:00.1234567Z&end=2026-02-21" + power, "malformed-time", "query.start", "6 digits"},
	{"the year 0", "start=0000-01-01&end=2026-02-21" + power, "malformed-time", "query.start", "0001"},
	{"a timestamp in seconds", "start=1771545600&end=1771632000" + power, "malformed-time", "query.start", "start"},
	{"SQL in a time", "start=2026-02-20'%3B+DROP+TABLE+data%3B--&end=2026-02-21" + power, "malformed-time", "query.start", "start"},
	{"reversed", "start=2026-02-21&end=2026-02-20" + power, "reversed-window", "query.end", "end must be after start"},
	{"empty window", "start=2026-02-20&end=2026-02-20" + power, "reversed-window", "query.end", "end must be after start"},
	{"too long", "start=2026-01-01&end=2026-02-01T00:00:00.000001Z" + power, "window-too-long", "query.end", "at most 31 days"},
	{"unknown variable", window + "&variables=rotor_speed", "unknown-variable", "query.variables", "ambient_temperature"},
	{"empty variable", window + "&variables=", "unknown-variable", "query.variables", "unknown"},
	{"a list with commas", window + "&variables=power,wind_speed", "unknown-variable", "query.variables", "variables=wind_speed&variables=power"},
	{"SQL in a variable", window + "&variables=power+FROM+data%3B--", "unknown-variable", "query.variables", "unknown"},
	{"repeated variable", window + power + power, "repeated-variable", "query.variables", "repeated"},
	{"unknown parameter", window + power + "&offset=3", "unknown-parameter", "query.offset", "start, end, variables, limit, cursor"},
	{"a parameter in capitals", window + power + "&LIMIT=3", "unknown-parameter", "query.LIMIT", "unknown"},
	{"SQL as a parameter", window + power + "&1%3D1--=1", "unknown-parameter", "query.1=1--", "unknown"},
	{"repeated start", "start=2026-02-20&" + window + power, "repeated-parameter", "query.start", "start is given 2 times"},
	{"repeated limit", window + power + "&limit=1&limit=1", "repeated-parameter", "query.limit", "limit is given 2 times"},
	{"limit 0", window + power + "&limit=0", "limit-out-of-range", "query.limit", "from 1 to 20000"},
	{"limit over the maximum", window + power + "&limit=20001", "limit-out-of-range", "query.limit", "from 1 to 20000"},
	{"negative limit", window + power + "&limit=-1", "limit-out-of-range", "query.limit", "whole number"},
	{"a limit of 2^64", window + power + "&limit=18446744073709551617", "limit-out-of-range", "query.limit", "whole number"},
	{"a limit in words", window + power + "&limit=ten", "limit-out-of-range", "query.limit", "whole number"},
	{"SQL in the limit", window + power + "&limit=1;DELETE+FROM+data", "limit-out-of-range", "query.limit", "whole number"},
	{"a forged cursor", window + power + "&cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "invalid-cursor", "query.cursor", "follow the Link"},
	{"a cursor that is none", window + power + "&cursor='%20OR%201=1", "invalid-cursor", "query.cursor", "follow the Link"},
	{"an empty cursor", window + power + "&cursor=", "invalid-cursor", "query.cursor", "follow the Link"},
	{"a cut escape", window + power + "&limit=%4", "malformed-query", "query", "percent-encoded UTF-8"},
	{"a wrong escape", window + power + "&limit=%zz", "malformed-query", "query", "percent-encoded UTF-8"},
	{"no UTF-8, escaped", window + power + "&limit=%ff%fe", "malformed-query", "query", "percent-encoded UTF-8"},
	{"a NUL", window + "&variables=power%00", "unknown-variable", "query.variables", "unknown"},
}

func TestBadInputIsAProblemThatNamesTheParameterAndTheRule(t *testing.T) {
	t.Parallel()
	api := newAPI(t, sourcehttp.Options{})
	api.minutes(t)
	for _, test := range refusals {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			api.everyWay(t, func(t *testing.T, way ask) {
				got := way.get(t, "/data?"+test.query)
				p := problemOf(t, got)
				if got.status != http.StatusUnprocessableEntity || p.Type != "urn:problem-type:delfos:"+test.problem {
					t.Fatalf("status %d, %+v; want 422, %s", got.status, p, test.problem)
				}
				if p.Errors[0].Location != test.location || !strings.Contains(p.Errors[0].Message, test.says) {
					t.Errorf("errors[0] = %+v; want %s to say %q", p.Errors[0], test.location, test.says)
				}
			})
		})
	}
	t.Cleanup(func() {
		if got := api.overHTTP(t, http.MethodGet, dayTarget, "Authorization", "Bearer "+token); bytes.Count(got.body, []byte("timestamp")) != 1440 {
			t.Errorf("after all of them the day has %d samples", bytes.Count(got.body, []byte("timestamp")))
		}
	})
}

func TestRawBytesThatAreNoUTF8AreRefused(t *testing.T) {
	t.Parallel()
	got := ask(newAPI(t, sourcehttp.Options{}).overHTTP).get(t, "/data?"+window+power+"&limit=\xff")
	if p := problemOf(t, got); got.status != 422 || p.Type != "urn:problem-type:delfos:malformed-query" {
		t.Errorf("status %d, %+v", got.status, p)
	}
}

func TestAllThatIsWrongWithAQueryIsToldAtOnce(t *testing.T) {
	t.Parallel()
	api := newAPI(t, sourcehttp.Options{})
	p := problemOf(t, ask(api.overHTTP).get(t, "/data?start=x&variables=y&limit=0&z=1"))
	var locations []string
	for _, e := range p.Errors {
		locations = append(locations, e.Location)
	}
	if got := strings.Join(locations, " "); got != "query.z query.start query.end query.variables query.limit" {
		t.Errorf("errors are at %s", got)
	}
}

func TestAnEchoedValueIsCutAndStaysUTF8(t *testing.T) {
	t.Parallel()
	api := newAPI(t, sourcehttp.Options{})
	p := problemOf(t, ask(api.overHTTP).get(t, "/data?"+window+"&variables="+strings.Repeat("ü", 1000)))
	if got, _ := p.Errors[0].Value.(string); got != strings.Repeat("ü", 100)+"…" {
		t.Errorf("value = %q", got)
	}
}

func TestWhatIsNotThereOrNotAllowedIsAProblem(t *testing.T) {
	t.Parallel()
	api := newAPI(t, sourcehttp.Options{})
	bearer := []string{"Authorization", "Bearer " + token}
	for _, test := range []struct {
		name, method, target string
		headers              []string
		status               int
		problem              string
		header, value        string // one that must be there
	}{
		{"unknown path", "GET", "/nothing", bearer, 404, "not-found", "", ""},
		{"the root", "GET", "/", nil, 404, "not-found", "", ""},
		{"a path below data", "GET", "/data/1", bearer, 404, "not-found", "", ""},
		{"two slashes", "GET", "//data", bearer, 404, "not-found", "", ""},
		{"a path with a space and a percent sign", "GET", "/a b%", bearer, 404, "not-found", "", ""},
		{"a path with a question mark", "GET", "/\u00fc#%3F", bearer, 404, "not-found", "", ""},
		{"an unknown file of the documentation", "GET", "/docs/secret.js", nil, 404, "not-found", "", ""},
		{"POST", "POST", "/data?" + window + power, bearer, 405, "method-not-allowed", "Allow", "GET, HEAD"},
		{"DELETE without a token", "DELETE", "/data", nil, 405, "method-not-allowed", "Allow", "GET, HEAD"},
		{"OPTIONS", "OPTIONS", "/health", nil, 405, "method-not-allowed", "Allow", "GET, HEAD"},
		{"a query of 4 KB and one byte", "GET", "/data?" + strings.Repeat("x", 4097), bearer, 414, "query-too-long", "", ""},
		{"no token", "GET", "/data", nil, 401, "missing-token", "Www-Authenticate", `Bearer realm="source"`},
		{"no token for the variables", "GET", "/variables", nil, 401, "missing-token", "Www-Authenticate", `Bearer realm="source"`},
		{"another scheme", "GET", "/data", []string{"Authorization", "Basic " + token}, 401, "missing-token", "Www-Authenticate", `Bearer realm="source"`},
		{"a wrong token", "GET", "/data", []string{"Authorization", "Bearer wrong"}, 401, "wrong-token", "Www-Authenticate", `Bearer realm="source", error="invalid_token"`},
		{"an empty token", "GET", "/data", []string{"Authorization", "Bearer"}, 401, "wrong-token", "", ""},
		{"a part of the token", "GET", "/data", []string{"Authorization", "Bearer " + token[:5]}, 401, "wrong-token", "", ""},
		{"a parameter of /variables", "GET", "/variables?x=1", bearer, 422, "unknown-parameter", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			api.everyWay(t, func(t *testing.T, way ask) {
				got := way(t, test.method, test.target, test.headers...)
				p := problemOf(t, got)
				if got.status != test.status || p.Type != "urn:problem-type:delfos:"+test.problem {
					t.Errorf("status %d, %+v; want %d, %s", got.status, p, test.status, test.problem)
				}
				if test.header != "" && got.header.Get(test.header) != test.value {
					t.Errorf("%s = %q, want %q", test.header, got.header.Get(test.header), test.value)
				}
			})
		})
	}
}

func TestADatabaseThatIsDownIs503AndAFaultOfOursIs500(t *testing.T) {
	t.Parallel()
	server := postgrestest.NewServer(t)
	api := overDatabase(t, server.DSN("postgres"), sourcehttp.Options{})
	way := ask(api.overHTTP)
	if got := way.get(t, dayTarget); got.status != 500 || strings.Contains(string(got.body), "relation") {
		t.Errorf("without a table: status %d, %s; want 500 without the database's words", got.status, got.body)
	}
	postgrestest.Kill(t, server)
	api.pool.Reset() // a backend outlives its server for a moment, and answers
	for _, target := range []string{dayTarget, "/variables", "/health"} {
		for name, way := range api.ways() {
			got := way.get(t, target, "If-None-Match", `"x"`)
			p := problemOf(t, got)
			if got.status != 503 || p.Type != "urn:problem-type:delfos:source-unavailable" || got.header.Get("Retry-After") != "2" {
				t.Errorf("%s of %s: status %d, Retry-After %q, %+v", name, target, got.status, got.header.Get("Retry-After"), p)
			}
		}
	}
}

// A paused cluster takes connections and says nothing until it has woken.
func TestADatabaseThatIsWakingIs503WithRetryAfterBeforeClientsGiveUp(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	pool, err := postgres.Connect(t.Context(), postgres.Settings{
		DSN: fmt.Sprintf("postgres://u:p@%s/d?sslmode=disable", listener.Addr()), ConnectTimeout: 20 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	waking := &api{pool, sourcehttp.New(sourcehttp.Options{Store: sourcedb.New(pool), Token: bearer.Fixed(token), Logger: slog.New(slog.DiscardHandler)})}
	got := ask(waking.overHTTP).get(t, dayTarget)
	if got.status != 503 || got.header.Get("Retry-After") != "2" {
		t.Errorf("status %d, Retry-After %q: %s", got.status, got.header.Get("Retry-After"), got.body)
	}
}

func TestTheLogTellsOfEachRequestAndOfNoSecretAndNoQuery(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	api := newAPI(t, sourcehttp.Options{
		Logger:       slog.New(slog.NewTextHandler(&log, nil)),
		NewRequestID: func() string { return "request-7" },
	})
	api.minutes(t)
	got := ask(api.overHTTP).get(t, dayTarget)
	line := log.String()
	for _, want := range []string{"method=GET", "path=/data", "status=200", "rows=1440", "duration_ms=", "request_id=request-7"} {
		if !strings.Contains(line, want) {
			t.Errorf("the log lacks %s: %s", want, line)
		}
	}
	if strings.Contains(line, token) || strings.Contains(line, "2026-02-20") || strings.Contains(line, "wind_speed") {
		t.Errorf("the log tells too much: %s", line)
	}
	if got.header.Get("X-Request-Id") != "request-7" {
		t.Errorf("X-Request-Id = %q", got.header.Get("X-Request-Id"))
	}
	if got := ask(api.overLambda).get(t, "/health"); got.header.Get("X-Request-Id") != "gateway-1" {
		t.Errorf("X-Request-Id = %q, want API Gateway's", got.header.Get("X-Request-Id"))
	}
}

func TestAnAPIWithoutATokenDoesNotStart(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("it started")
		}
	}()
	sourcehttp.New(sourcehttp.Options{})
}
