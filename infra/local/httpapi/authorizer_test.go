package httpapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/httpapi"
	"delfos/infra/local/lambda"
)

// guarded is an API with the route /event behind an authorizer, which answers what the
// Authorization header says, and /event/open without.
type guarded struct {
	server    *httptest.Server
	functions *lambda.Service

	mu    sync.Mutex
	now   time.Time
	calls map[string]int // by function
}

func (g *guarded) Invoke(ctx context.Context, request lambda.Request) (lambda.Response, error) {
	g.mu.Lock()
	g.calls[request.Function]++
	g.mu.Unlock()
	return g.functions.Invoke(ctx, request)
}

func (g *guarded) clock() time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.now
}

func (g *guarded) pass(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now = g.now.Add(d)
}

// called tells how often the function was, and forgets it.
func (g *guarded) called(function string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	calls := g.calls[function]
	g.calls[function] = 0
	return calls
}

func guard(t *testing.T, authorizer httpapi.Authorizer) *guarded {
	t.Helper()
	g := &guarded{functions: startFunctions(t), now: time.Date(2026, 2, 26, 1, 2, 3, 0, time.UTC), calls: map[string]int{}}
	handler, err := httpapi.New(httpapi.API{
		ID: "api", AccountID: "123456789012", Region: "eu-west-1", Logger: slog.New(slog.DiscardHandler),
		Routes: []httpapi.Route{
			{Key: "ANY /event/{proxy+}", Function: "raw"},
			{Key: "ANY /event", Function: "raw", Authorizer: authorizer.Name},
			{Key: "ANY /event/{day}/runs", Function: "raw", Authorizer: authorizer.Name},
		},
		Authorizers: []httpapi.Authorizer{authorizer},
	}, g, g.clock, func() string { return "request-1" })
	if err != nil {
		t.Fatal(err)
	}
	g.server = httptest.NewServer(handler)
	t.Cleanup(g.server.Close)
	return g
}

func tokenAuthorizer(ttl time.Duration) httpapi.Authorizer {
	return httpapi.Authorizer{Name: "token", Function: "identity", IdentitySource: []string{"$request.header.Authorization"}, TTL: ttl}
}

const (
	yes = `{"isAuthorized":true}`
	no  = `{"isAuthorized":false}`
)

func TestWhatTheAuthorizerSaysDecidesWhetherTheFunctionRuns(t *testing.T) {
	t.Parallel()
	const fault = "Internal Server Error"
	for name, test := range map[string]struct {
		header       string
		status       int
		message      string // "" where the function has answered
		asked, calls int
	}{
		"yes":                 {yes, 200, "", 1, 1},
		"no":                  {no, 403, "Forbidden", 1, 0},
		"no header":           {"", 401, "Unauthorized", 0, 0},
		"it fails":            {"fail", 500, fault, 1, 0},
		"no JSON":             {"yes", 500, fault, 1, 0},
		"no answer":           {"{}", 500, fault, 1, 0},
		"null":                {`{"isAuthorized":null}`, 500, fault, 1, 0},
		"text":                {`{"isAuthorized":"true"}`, 500, fault, 1, 0},
		"an IAM policy":       {`{"principalId":"a","policyDocument":{"Version":"2012-10-17","Statement":[]}}`, 500, fault, 1, 0},
		"both":                {`{"isAuthorized":true,"policyDocument":{}}`, 500, fault, 1, 0},
		"a context that's no": {`{"isAuthorized":true,"context":[1]}`, 500, fault, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := guard(t, tokenAuthorizer(0))
			var headers []string
			if test.header != "" {
				headers = []string{"AUTHORIZATION", test.header}
			}
			got := send(t, g.server, "GET", "/event", "", headers...)
			if got.status != test.status {
				t.Errorf("%d %s, want %d", got.status, got.body, test.status)
			}
			if want := fmt.Sprintf(`{"message":%q}`, test.message); test.message != "" && strings.TrimSpace(got.body) != want {
				t.Errorf("%s, want %s", got.body, want)
			}
			if asked, calls := g.called("identity"), g.called("raw"); asked != test.asked || calls != test.calls {
				t.Errorf("the authorizer was asked %d times and the function %d; want %d and %d", asked, calls, test.asked, test.calls)
			}
		})
	}
}

func TestAnAuthorizerThatCannotBeInvokedLetsNobodyThrough(t *testing.T) {
	t.Parallel()
	for _, function := range []string{"busy", "gone"} {
		authorizer := tokenAuthorizer(time.Hour)
		authorizer.Function = function
		g := guard(t, authorizer)
		for range 2 { // and it is not remembered
			if got := send(t, g.server, "GET", "/event", "", "Authorization", yes); got.status != 500 {
				t.Errorf("%s: %d %s, want 500", function, got.status, got.body)
			}
		}
		if asked, calls := g.called(function), g.called("raw"); asked != 2 || calls != 0 {
			t.Errorf("%s was asked %d times, and the function %d; want 2 and 0", function, asked, calls)
		}
	}
}

func TestOnlyRoutesThatNameTheAuthorizerAskIt(t *testing.T) {
	t.Parallel()
	g := guard(t, tokenAuthorizer(0))
	for target, status := range map[string]int{"/event": 401, "/event/2026/runs": 401, "/event/open": 200, "/none": 404} {
		if got := send(t, g.server, "GET", target, ""); got.status != status {
			t.Errorf("%s: %d, want %d", target, got.status, status)
		}
	}
	if asked := g.called("identity"); asked != 0 {
		t.Errorf("the authorizer was asked %d times", asked)
	}
}

func TestAnAnswerHoldsForItsIdentityOnEveryRouteUntilItsTimeIsUp(t *testing.T) {
	t.Parallel()
	const ttl = 300 * time.Second
	g := guard(t, tokenAuthorizer(ttl))
	ask := func(target, header string, status, asked int) {
		t.Helper()
		if got := send(t, g.server, "GET", target, "", "Authorization", header); got.status != status {
			t.Errorf("%s with %s: %d %s, want %d", target, header, got.status, got.body, status)
		}
		if got := g.called("identity"); got != asked {
			t.Errorf("%s with %s: the authorizer was asked %d times, want %d", target, header, got, asked)
		}
	}
	ask("/event", yes, 200, 1)
	ask("/event", yes, 200, 0)
	ask("/event/2026/runs", yes, 200, 0)
	ask("/event", no, 403, 1)
	ask("/event/2026/runs", no, 403, 0)
	ask("/event", yes+" ", 200, 0) // HTTP takes the space away
	ask("/event", " "+yes+"\t", 200, 0)
	ask("/event", `{"isAuthorized": true}`, 200, 1)
	ask("/event", "fail", 500, 1)
	ask("/event", "fail", 500, 1)

	g.pass(ttl - time.Nanosecond)
	ask("/event", yes, 200, 0)
	ask("/event", no, 403, 0)
	g.pass(time.Nanosecond)
	ask("/event", yes, 200, 1)
	ask("/event", no, 403, 1)
	ask("/event", yes, 200, 0)
}

func TestIdentityIsAllOfItsSourcesInTheirPlaces(t *testing.T) {
	t.Parallel()
	authorizer := tokenAuthorizer(time.Hour)
	authorizer.IdentitySource = append(authorizer.IdentitySource, "$request.header.X-Tenant")
	g := guard(t, authorizer)
	for i, test := range []struct {
		first, second string
		status, asked int
	}{
		{yes, "", 401, 0},
		{"", yes, 401, 0},
		{yes, no, 200, 1},
		{no, yes, 403, 1},
		{yes, no, 200, 0},
		{yes, "another", 200, 1},
	} {
		got := send(t, g.server, "GET", "/event", "", "Authorization", test.first, "X-Tenant", test.second)
		if asked := g.called("identity"); got.status != test.status || asked != test.asked {
			t.Errorf("%d: %d after the authorizer was asked %d times, want %d after %d", i, got.status, asked, test.status, test.asked)
		}
	}
}

func TestStrangersThatMakeUpIdentitiesTakeNoMoreThanSoMuchMemory(t *testing.T) {
	t.Parallel()
	calls := 0
	handler, err := httpapi.New(httpapi.API{
		Routes: []httpapi.Route{{Key: "$default", Function: "f", Authorizer: "token"}}, Authorizers: []httpapi.Authorizer{tokenAuthorizer(time.Hour)},
	}, invokerFunc(func(context.Context, lambda.Request) (lambda.Response, error) {
		calls++
		return lambda.Response{Payload: []byte(no)}, nil
	}), time.Now, func() string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	const most = 10_000
	for i := range most + 1 {
		request := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
		request.Header.Set("Authorization", fmt.Sprint(i))
		handler.ServeHTTP(httptest.NewRecorder(), request)
	}
	request := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
	request.Header.Set("Authorization", "0")
	handler.ServeHTTP(httptest.NewRecorder(), request)
	if calls != most+2 {
		t.Errorf("the authorizer was asked %d times, want %d: the first is forgotten", calls, most+2)
	}
}

func TestAnAuthorizerIsAskedInPayloadFormatTwoAndItsContextReachesTheFunction(t *testing.T) {
	t.Parallel()
	g := guard(t, tokenAuthorizer(0))
	event := receive(t, g.server, "PUT", "/event/2026-02-26/runs?v=1&v=2", `{"x":1}`,
		"Authorization", "show", "Content-Type", "application/json", "User-Agent", "test", "Cookie", "a=1; b=2", "X-Amzn-Trace-Id", "Root=1")
	if event.RequestContext.Authorizer == nil {
		t.Fatal("the function hears nothing of the authorizer")
	}
	if event.Body != `{"x":1}` {
		t.Errorf("the function's body is %q", event.Body)
	}
	host := strings.TrimPrefix(g.server.URL, "http://")
	_, port, _ := strings.Cut(host, ":")
	prefix, _, _ := strings.Cut(host, ".")
	var want map[string]any
	text := fmt.Sprintf(`{
		"version": "2.0", "type": "REQUEST", "routeArn": "arn:aws:execute-api:eu-west-1:123456789012:api/$default/PUT/event/2026-02-26/runs",
		"identitySource": ["show"], "routeKey": "ANY /event/{day}/runs", "rawPath": "/event/2026-02-26/runs", "rawQueryString": "v=1&v=2",
		"cookies": ["a=1", "b=2"], "queryStringParameters": {"v": "1,2"}, "pathParameters": {"day": "2026-02-26"},
		"headers": {
			"authorization": "show", "content-type": "application/json", "content-length": "7", "accept-encoding": "gzip", "user-agent": "test", "host": %q,
			"x-amzn-trace-id": "Root=1", "x-forwarded-for": "127.0.0.1", "x-forwarded-port": %q, "x-forwarded-proto": "http"
		},
		"requestContext": {
			"accountId": "123456789012", "apiId": "api", "domainName": %q, "domainPrefix": %q, "requestId": "request-1",
			"routeKey": "ANY /event/{day}/runs", "stage": "$default", "time": "26/Feb/2026:01:02:03 +0000", "timeEpoch": 1772067723000,
			"http": {"method": "PUT", "path": "/event/2026-02-26/runs", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "test"}
		}
	}`, host, port, host, prefix)
	if err := json.Unmarshal([]byte(text), &want); err != nil {
		t.Fatal(err)
	}
	got := event.RequestContext.Authorizer.Lambda
	// What aws-lambda-go adds to a request's context, and API Gateway does not.
	context, _ := got["requestContext"].(map[string]any)
	delete(context, "authentication")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAnAuthorizerThatIsNotServedIsRefusedByName(t *testing.T) {
	t.Parallel()
	for says, change := range map[string]func(*httpapi.Authorizer){
		`"$request.querystring.token"`: func(a *httpapi.Authorizer) { a.IdentitySource = []string{"$request.querystring.token"} },
		`"$context.routeKey"`:          func(a *httpapi.Authorizer) { a.IdentitySource = append(a.IdentitySource, "$context.routeKey") },
		`"$request.header."`:           func(a *httpapi.Authorizer) { a.IdentitySource = []string{"$request.header."} },
		"no identity source":           func(a *httpapi.Authorizer) { a.IdentitySource = nil },
		"TTL 1h0m0.000000001s":         func(a *httpapi.Authorizer) { a.TTL = time.Hour + 1 },
		"TTL -1ns":                     func(a *httpapi.Authorizer) { a.TTL = -1 },
		"no function":                  func(a *httpapi.Authorizer) { a.Function = "" },
		"no name":                      func(a *httpapi.Authorizer) { a.Name = "" },
		`no authorizer "token"`:        func(a *httpapi.Authorizer) { a.Name = "other" },
	} {
		authorizer := tokenAuthorizer(0)
		change(&authorizer)
		_, err := httpapi.New(httpapi.API{
			Routes: []httpapi.Route{{Key: "$default", Function: "f", Authorizer: "token"}}, Authorizers: []httpapi.Authorizer{authorizer},
		}, nil, time.Now, func() string { return "" })
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want an error that says %s", err, says)
		}
	}
	twice := []httpapi.Authorizer{tokenAuthorizer(0), tokenAuthorizer(0)}
	if _, err := httpapi.New(httpapi.API{Authorizers: twice}, nil, time.Now, func() string { return "" }); err == nil || !strings.Contains(err.Error(), `"token" is there twice`) {
		t.Errorf("two of one name: %v", err)
	}
}
