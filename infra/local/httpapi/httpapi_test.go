package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/httpapi"
	"delfos/infra/local/lambda"
	"delfos/infra/local/logs"
)

// bootstrap is the function under testdata, built once.
var bootstrap string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "httpapi-test-")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary directory
	bootstrap = filepath.Join(dir, "bootstrap")
	build := exec.CommandContext(context.Background(), "go", "build", "-o", bootstrap, "./testdata/bootstrap")
	if output, err := build.CombinedOutput(); err != nil {
		panic(fmt.Sprintf("%v\n%s", err, output))
	}
	return m.Run()
}

// serve puts an API in front of real functions, "web", "raw" and "identity", and of
// "busy", which has no concurrency.
func serve(t *testing.T, routes ...httpapi.Route) *httptest.Server {
	t.Helper()
	return listen(t, startFunctions(t), routes...)
}

func startFunctions(t *testing.T) *lambda.Service {
	t.Helper()
	store, err := logs.Open(logs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	functions, err := lambda.New(lambda.Options{Region: "eu-west-1", AccountID: "123456789012", Logs: store, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := functions.Close(); err != nil {
			t.Error(err)
		}
	})
	none := 0
	for _, function := range []lambda.Function{
		{Name: "web"},
		{Name: "raw", Environment: map[string]string{"ANSWER": "raw"}},
		{Name: "identity", Environment: map[string]string{"ANSWER": "identity"}},
		{Name: "busy", ReservedConcurrency: &none},
	} {
		function.Command, function.Timeout = []string{bootstrap}, time.Minute
		if err := functions.Register(function); err != nil {
			t.Fatal(err)
		}
	}
	return functions
}

func listen(t *testing.T, functions httpapi.Invoker, routes ...httpapi.Route) *httptest.Server {
	t.Helper()
	now := func() time.Time { return time.Date(2026, 2, 26, 1, 2, 3, 4e6, time.UTC) }
	handler, err := httpapi.New(httpapi.API{ID: "api", AccountID: "123456789012", Routes: routes}, functions, now, func() string { return "request-1" })
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

var (
	toWeb = httpapi.Route{Key: "$default", Function: "web"}
	toRaw = httpapi.Route{Key: "$default", Function: "raw"}
)

// reply is a response, read.
type reply struct {
	status int
	header http.Header
	body   string
}

// send makes one request and follows no redirect.
func send(t *testing.T, server *httptest.Server, method, target, body string, headers ...string) reply {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, server.URL+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }() // it is read
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{response.StatusCode, response.Header, string(content)}
}

func TestARequestReachesAWebApplicationAndItsAnswerComesBack(t *testing.T) {
	t.Parallel()
	server := serve(t, toWeb)
	tests := map[string]struct {
		method, target string
		want           string
	}{
		"repeated parameters": {"GET", "/data?variables=a&variables=b&start=x", `"values":{"start":["x"],"variables":["a","b"]}`},
		"an encoded query":    {"GET", "/data?q=a%26b%2Bc+d%2C", `"values":{"q":["a\u0026b+c d,"]}`},
		"an undecodable one":  {"GET", "/data?q=%zz", `"query":"q=%zz"`},
		"encoded non-UTF-8":   {"GET", "/data?q=%ff", `"query":"q=%ff"`},
		"a space in the path": {"GET", "/a%20b", `"path":"/a b"`},
		"letters beyond":      {"GET", "/%C3%A9", `"path":"/é"`},
		"another method":      {"DELETE", "/data", `"method":"DELETE"`},
		"OPTIONS":             {"OPTIONS", "/data", `"method":"OPTIONS"`},
		"the host":            {"GET", "/", `"host":"` + strings.TrimPrefix(server.URL, "http://") + `"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := send(t, server, test.method, test.target, ""); got.status != 200 || !strings.Contains(got.body, test.want) {
				t.Errorf("%d %s, want %s", got.status, got.body, test.want)
			}
		})
	}
}

func TestHeadersOfRedirectsAndConditionalRequestsComeThrough(t *testing.T) {
	t.Parallel()
	server := serve(t, toWeb)
	if got := send(t, server, "GET", "/moved", ""); got.status != 302 || got.header.Get("Location") != "/seen?from=moved" {
		t.Errorf("redirect: %+v", got)
	}
	const link = `<https://example.org/cached?cursor=a%2Cb>; rel="next"`
	first := send(t, server, "GET", "/cached", "")
	if first.status != 200 || first.body != "content" || first.header.Get("ETag") != `"v1"` || first.header.Get("Link") != link {
		t.Errorf("first: %+v", first)
	}
	again := send(t, server, "GET", "/cached", "", "If-None-Match", `"v1"`)
	if again.status != 304 || again.body != "" || again.header.Get("ETag") != `"v1"` || again.header.Get("Link") != link {
		t.Errorf("again: %+v", again)
	}
	if head := send(t, server, "HEAD", "/cached", ""); head.status != 200 || head.body != "" || head.header.Get("ETag") != `"v1"` {
		t.Errorf("HEAD: %+v", head)
	}
}

func TestCookiesGoBothWays(t *testing.T) {
	t.Parallel()
	got := send(t, serve(t, toWeb), "GET", "/cookies", "", "Cookie", "a=1; b=2")
	if diff := cmp.Diff([]string{"a=1!; Path=/", "b=2!; Path=/"}, got.header.Values("Set-Cookie")); diff != "" {
		t.Error(diff)
	}
}

func TestBodiesComeThroughByteForByte(t *testing.T) {
	t.Parallel()
	server := serve(t, toWeb)
	binary := make([]byte, 256)
	for i := range binary {
		binary[i] = byte(i)
	}
	for name, test := range map[string]struct{ contentType, body string }{
		"text":           {"text/plain; charset=utf-8", "é\n"},
		"JSON":           {"application/json", `{"a":"b"}`},
		"problem":        {"application/problem+json", `{"status":422}`},
		"a form":         {"application/x-www-form-urlencoded", "a=b&c=%20"},
		"binary":         {"application/octet-stream", string(binary)},
		"not as it says": {"text/plain", string(binary)},
		"3 MB":           {"application/octet-stream", strings.Repeat("\xff\x00\x7f", 1<<20)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := send(t, server, "POST", "/body", test.body, "Content-Type", test.contentType)
			if got.status != 200 || got.body != test.body || got.header.Get("Content-Type") != test.contentType {
				t.Errorf("%d, %s, %d bytes of %d", got.status, got.header.Get("Content-Type"), len(got.body), len(test.body))
			}
		})
	}
}

// receive gives the event that a request became.
func receive(t *testing.T, server *httptest.Server, method, target, body string, headers ...string) events.APIGatewayV2HTTPRequest {
	t.Helper()
	got := send(t, server, method, target, body, headers...)
	var event events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal([]byte(got.body), &event); err != nil {
		t.Fatalf("%d %s: %v", got.status, got.body, err)
	}
	return event
}

func TestAnEventIsOfPayloadFormatTwo(t *testing.T) {
	t.Parallel()
	server := serve(t, httpapi.Route{Key: "ANY /event/{day}/{rest+}", Function: "raw"})
	event := receive(t, server, "PUT", "/event/2026-02-26/a/b%20c?v=1&v=2&w=%2C", `{"x":1}`,
		"Content-Type", "application/json", "User-Agent", "test", "Cookie", "a=1; b=2", "X-Many", "one", "X-Many", "two")
	host := strings.TrimPrefix(server.URL, "http://")
	for name, want := range map[string]string{"host": host, "content-type": "application/json", "x-many": "one,two", "cookie": ""} {
		if event.Headers[name] != want {
			t.Errorf("header %s: %q, want %q", name, event.Headers[name], want)
		}
	}
	event.Headers, event.RequestContext.DomainPrefix = nil, ""
	want := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: "ANY /event/{day}/{rest+}", RawPath: "/event/2026-02-26/a/b c", RawQueryString: "v=1&v=2&w=%2C",
		Cookies:               []string{"a=1", "b=2"},
		QueryStringParameters: map[string]string{"v": "1,2", "w": ","},
		PathParameters:        map[string]string{"day": "2026-02-26", "rest": "a/b c"},
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey: "ANY /event/{day}/{rest+}", AccountID: "123456789012", Stage: "$default", RequestID: "request-1", APIID: "api",
			DomainName: host, Time: "26/Feb/2026:01:02:03 +0000", TimeEpoch: 1772067723004,
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
				Method: "PUT", Path: "/event/2026-02-26/a/b c", Protocol: "HTTP/1.1", SourceIP: "127.0.0.1", UserAgent: "test",
			},
		},
		Body: `{"x":1}`,
	}
	if diff := cmp.Diff(want, event); diff != "" {
		t.Error(diff)
	}
}

func TestOnlyBodiesThatAreTextComeAsTheyAre(t *testing.T) {
	t.Parallel()
	server := serve(t, toRaw)
	for contentType, encoded := range map[string]bool{
		"text/csv": false, "application/json": false, "application/problem+json": false, "application/xml": false,
		"application/x-www-form-urlencoded": true, "image/png": true, "application/octet-stream": true,
	} {
		event := receive(t, server, "POST", "/event", "body", "Content-Type", contentType)
		want := "body"
		if encoded {
			want = "Ym9keQ=="
		}
		if event.IsBase64Encoded != encoded || event.Body != want {
			t.Errorf("%s: %q, encoded %v", contentType, event.Body, event.IsBase64Encoded)
		}
	}
}

func TestTheMostSpecificRouteIsTaken(t *testing.T) {
	t.Parallel()
	var routes []httpapi.Route
	for _, key := range []string{
		"$default", "ANY /{proxy+}", "GET /event/{proxy+}", "GET /event/{day}", "ANY /event/{day}", "GET /event/fixed", "GET /event/{day}/runs", "ANY /",
	} {
		routes = append(routes, httpapi.Route{Key: key, Function: "raw"})
	}
	server := serve(t, routes...)
	for request, want := range map[string]string{
		"GET /event/fixed":       "GET /event/fixed",
		"PUT /event/fixed":       "ANY /event/{day}",
		"GET /event/2026":        "GET /event/{day}",
		"OPTIONS /event/2026":    "ANY /event/{day}",
		"GET /event/2026/runs":   "GET /event/{day}/runs",
		"GET /event/2026/runs/1": "GET /event/{proxy+}",
		"PUT /event/2026/runs":   "ANY /{proxy+}",
		"GET /event":             "ANY /{proxy+}",
	} {
		method, path, _ := strings.Cut(request, " ")
		if got := receive(t, server, method, path, "").RouteKey; got != want {
			t.Errorf("%s took %s, want %s", request, got, want)
		}
	}
}

func TestAFunctionsAnswerIsReadAsByAPIGateway(t *testing.T) {
	t.Parallel()
	server := serve(t, toRaw)
	const broken = `{"message":"Internal Server Error"}`
	for name, test := range map[string]struct {
		answer, body, contentType string
		status                    int
	}{
		"all of it":                {`{"statusCode":201,"headers":{"Content-Type":"text/csv"},"body":"a,b"}`, "a,b", "text/csv", 201},
		"base64":                   {`{"statusCode":200,"headers":{"content-type":"x/y"},"body":"/wA=","isBase64Encoded":true}`, "\xff\x00", "x/y", 200},
		"no content type":          {`{"statusCode":200,"body":"text"}`, "text", "text/plain;charset=UTF-8", 200},
		"no body":                  {`{"statusCode":204}`, "", "", 204},
		"no status code":           {`{"any":"thing"}`, `{"any":"thing"}`, "application/json", 200},
		"a list":                   {`[1,2]`, `[1,2]`, "application/json", 200},
		"multiValueHeaders":        {`{"statusCode":200,"multiValueHeaders":{"Content-Type":["a/b"]},"body":"x"}`, "x", "text/plain;charset=UTF-8", 200},
		"not JSON":                 {`{"statusCode":200`, broken, "application/json", 500},
		"a status that is none":    {`{"statusCode":99}`, broken, "application/json", 500},
		"a status beyond":          {`{"statusCode":600}`, broken, "application/json", 500},
		"a status code in words":   {`{"statusCode":"ok"}`, broken, "application/json", 500},
		"a body that is no text":   {`{"statusCode":200,"body":{"a":1}}`, broken, "application/json", 500},
		"a body that is no base64": {`{"statusCode":200,"body":"%","isBase64Encoded":true}`, broken, "application/json", 500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := send(t, server, "POST", "/answer", test.answer, "Content-Type", "application/json")
			if got.status != test.status || strings.TrimSpace(got.body) != test.body || got.header.Get("Content-Type") != test.contentType {
				t.Errorf("%d, %s, %q", got.status, got.header.Get("Content-Type"), got.body)
			}
		})
	}
}

// invokerFunc answers in the place of Lambda what Lambda takes too long to.
type invokerFunc func(context.Context, lambda.Request) (lambda.Response, error)

func (f invokerFunc) Invoke(ctx context.Context, request lambda.Request) (lambda.Response, error) {
	return f(ctx, request)
}

func TestWhatCannotBeAnsweredIsSaidInAPIGatewaysWords(t *testing.T) {
	t.Parallel()
	server := serve(t,
		httpapi.Route{Key: "GET /fail", Function: "raw"}, httpapi.Route{Key: "GET /busy", Function: "busy"},
		httpapi.Route{Key: "GET /gone", Function: "gone"}, httpapi.Route{Key: "POST /body", Function: "web"})
	slow := listen(t, invokerFunc(func(ctx context.Context, _ lambda.Request) (lambda.Response, error) {
		if _, bounded := ctx.Deadline(); !bounded {
			t.Error("the function may take for ever")
		}
		return lambda.Response{}, fmt.Errorf("wait for it: %w", context.DeadlineExceeded)
	}), toWeb)
	huge := string(bytes.Repeat([]byte("x"), 10<<20+1))
	for name, test := range map[string]struct {
		got     reply
		status  int
		message string
	}{
		"no route":            {send(t, server, "GET", "/none", ""), 404, "Not Found"},
		"no route, by method": {send(t, server, "PUT", "/fail", ""), 404, "Not Found"},
		"a trailing slash":    {send(t, server, "GET", "/fail/", ""), 404, "Not Found"},
		"a function error":    {send(t, server, "GET", "/fail", ""), 500, "Internal Server Error"},
		"no function":         {send(t, server, "GET", "/gone", ""), 500, "Internal Server Error"},
		"throttled":           {send(t, server, "GET", "/busy", ""), 503, "Service Unavailable"},
		"too slow":            {send(t, slow, "GET", "/", ""), 503, "Service Unavailable"},
		"a body over 10 MB":   {send(t, server, "POST", "/body", huge, "Content-Type", "text/plain"), 413, "Request Entity Too Large"},
		"headers over 10 kB":  {send(t, server, "GET", "/fail", "", "X-Long", strings.Repeat("x", 10_300)), 431, "Request Header Fields Too Large"},
	} {
		want := fmt.Sprintf(`{"message":%q}`, test.message)
		if test.got.status != test.status || strings.TrimSpace(test.got.body) != want {
			t.Errorf("%s: %d %s, want %d %s", name, test.got.status, test.got.body, test.status, want)
		}
	}
}

func TestARouteKeyThatNoHTTPAPITakesIsRefused(t *testing.T) {
	t.Parallel()
	for _, keys := range [][]string{{"data"}, {"FETCH /data"}, {"GET data"}, {"GET"}, {"GET /{a+}/b"}, {"GET /a", "GET /a"}} {
		var routes []httpapi.Route
		for _, key := range keys {
			routes = append(routes, httpapi.Route{Key: key, Function: "f"})
		}
		_, err := httpapi.New(httpapi.API{Routes: routes}, nil, time.Now, func() string { return "" })
		if err == nil || !strings.Contains(err.Error(), keys[0]) {
			t.Errorf("%q: got %v", keys, err)
		}
	}
}
