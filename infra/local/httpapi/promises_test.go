package httpapi_test

import (
	"io"
	"net"
	"strings"
	"testing"

	"delfos/infra/local/httpapi"
)

func TestTooLargeForLambdaIs413(t *testing.T) {
	t.Parallel()
	got := send(t, serve(t, toRaw), "POST", "/x", strings.Repeat("x", 7<<20), "Content-Type", "text/plain")
	if got.status != 413 {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestRawQueryBytesSurvive(t *testing.T) {
	t.Parallel()
	server := serve(t, toWeb)
	c, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, "GET /data?q=\xff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	b, _ := io.ReadAll(c)
	if !strings.Contains(strings.ToLower(string(b)), `"query":"q=%ff"`) {
		t.Errorf("%s", b)
	}
}

func TestInformationalStatusIs500(t *testing.T) {
	t.Parallel()
	got := send(t, serve(t, toRaw), "POST", "/x", `{"statusCode":150}`, "Content-Type", "application/json")
	if got.status != 500 {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestListNamingStatusCodeIsInferred(t *testing.T) {
	t.Parallel()
	got := send(t, serve(t, toRaw), "POST", "/x", `["statusCode"]`, "Content-Type", "application/json")
	if got.status != 200 {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestConnectionHeadersStay(t *testing.T) {
	t.Parallel()
	event := receive(t, serve(t, toRaw), "GET", "/event", "", "Te", "trailers", "Keep-Alive", "x")
	if event.Headers["te"] != "" || event.Headers["keep-alive"] != "" || event.Headers["x-forwarded-for"] == "" || event.Headers["x-amzn-trace-id"] == "" {
		t.Errorf("%v", event.Headers)
	}
	if got := send(t, serve(t, toRaw), "GET", "/event", ""); got.header.Get("Apigw-Requestid") == "" {
		t.Error("no apigw-requestid")
	}
}

func TestFunctionsConnectionHeaderIsDropped(t *testing.T) {
	t.Parallel()
	got := send(t, serve(t, toRaw), "POST", "/x", `{"statusCode":200,"headers":{"Connection":"close","Transfer-Encoding":"chunked"},"body":"abc"}`, "Content-Type", "application/json")
	if got.status != 200 || got.body != "abc" {
		t.Errorf("%+v", got)
	}
}

func TestBadVariablesAndNoFunctionAreRefused(t *testing.T) {
	t.Parallel()
	for _, route := range []httpapi.Route{{Key: "GET /{a", Function: "f"}, {Key: "GET /a{b}", Function: "f"}, {Key: "GET /a"}} {
		if _, err := httpapi.New(httpapi.API{Routes: []httpapi.Route{route}}, nil, nil, nil); err == nil {
			t.Errorf("%+v", route)
		}
	}
}
