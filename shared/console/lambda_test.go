package console_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"delfos/shared/bearer"
	"delfos/shared/console"
	"delfos/shared/console/site"
	"delfos/shared/console/site/sitetest"
	"delfos/shared/gateway"
	"delfos/shared/pipeline"
)

// fake is a pipeline of which no more is asked than the first page's.
type fake struct{ console.Pipeline }

func (f *fake) Overview(context.Context) pipeline.Overview { return pipeline.Overview{} }

func (f *fake) Ticks(context.Context, int) ([]pipeline.PastTick, error) { return nil, nil }

func newLambda(f *fake) gateway.Handler {
	return console.Lambda(console.New(console.Options{
		Site: site.Options{Asset: "turbine-1", Secret: bearer.Fixed("secret"), Logger: slog.New(slog.DiscardHandler)}, Pipeline: f,
	}))
}

// event is what API Gateway makes of a browser's request.
func event(method, path string, headers map[string]string) events.APIGatewayV2HTTPRequest {
	e := events.APIGatewayV2HTTPRequest{Version: "2.0", RouteKey: "$default", RawPath: path}
	e.RequestContext.HTTP.Method, e.RequestContext.HTTP.Path, e.RequestContext.RequestID = method, path, "gateway-1"
	e.Headers = map[string]string{"host": "console.example.com", "x-forwarded-proto": "https", "accept": "text/html,application/xhtml+xml"}
	maps.Copy(e.Headers, headers)
	return e
}

// invoke goes through JSON both ways, as the Lambda runtime does.
func invoke(t *testing.T, handler gateway.Handler, e events.APIGatewayV2HTTPRequest) (answer events.APIGatewayV2HTTPResponse, body string) {
	t.Helper()
	answer, err := handler(t.Context(), e)
	if err != nil {
		t.Fatalf("the function failed, which a browser sees as a 500: %v", err)
	}
	text, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatal(err)
	}
	if !answer.IsBase64Encoded {
		return answer, answer.Body
	}
	content, err := base64.StdEncoding.DecodeString(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(plain)
}

func TestAPageGoesThroughTheGatewayCompressed(t *testing.T) {
	t.Parallel()
	handler := newLambda(&fake{})
	answer, body := invoke(t, handler, event("GET", "/", map[string]string{"accept-encoding": "gzip, deflate, br, zstd"}))
	if answer.StatusCode != http.StatusOK || !answer.IsBase64Encoded || answer.Headers["Content-Encoding"] != "gzip" || !strings.Contains(body, "turbine-1") {
		t.Errorf("%d, base64 %t, %v", answer.StatusCode, answer.IsBase64Encoded, answer.Headers)
	}
	if answer.Headers["X-Request-Id"] != "gateway-1" || answer.Headers["Content-Security-Policy"] == "" || answer.Headers["Strict-Transport-Security"] == "" {
		t.Errorf("%v", answer.Headers)
	}
	if len(answer.Cookies) != 1 || !strings.HasPrefix(answer.Cookies[0], "__Host-delfos_browser=") || !strings.Contains(answer.Cookies[0], "; Secure") {
		t.Errorf("cookies %q", answer.Cookies)
	}
	sitetest.Clean(t, body)
	plain, body := invoke(t, handler, event("GET", "/", nil))
	if plain.IsBase64Encoded || !strings.Contains(body, "turbine-1") {
		t.Error("who takes no gzip gets it")
	}
}

func TestHEADHasNoBody(t *testing.T) {
	t.Parallel()
	answer, body := invoke(t, newLambda(&fake{}), event("HEAD", "/", map[string]string{"accept-encoding": "gzip"}))
	if answer.StatusCode != http.StatusOK || body != "" || answer.Body != "" {
		t.Errorf("%d %q", answer.StatusCode, answer.Body)
	}
}

func TestAPolledPartComesOnceThroughTheGateway(t *testing.T) {
	t.Parallel()
	handler := newLambda(&fake{})
	first, _ := invoke(t, handler, event("GET", "/overview/part", map[string]string{"delfos-fragment": "1", "accept": "*/*"}))
	tag := first.Headers["Etag"]
	if first.StatusCode != http.StatusOK || tag == "" {
		t.Fatalf("%d, %v", first.StatusCode, first.Headers)
	}
	again, body := invoke(t, handler, event("GET", "/overview/part", map[string]string{"delfos-fragment": "1", "accept": "*/*", "if-none-match": tag}))
	if again.StatusCode != http.StatusNotModified || body != "" {
		t.Errorf("%d %q", again.StatusCode, body)
	}
}

func TestAFormOfAnotherSiteIsRefusedBehindTheGateway(t *testing.T) {
	t.Parallel()
	handler := newLambda(&fake{})
	e := event("POST", "/logout", map[string]string{"origin": "https://evil.example.com", "content-type": "application/x-www-form-urlencoded"})
	if got, body := invoke(t, handler, e); got.StatusCode != http.StatusForbidden || !strings.Contains(body, "Nothing was done") {
		t.Errorf("%d", got.StatusCode)
	}
}

var formToken = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

func TestSigningInGoesThroughTheGateway(t *testing.T) {
	t.Parallel()
	handler := console.Lambda(console.New(console.Options{
		Site: site.Options{Asset: "turbine-1", Secret: bearer.Fixed("secret"), Token: bearer.Fixed("token"), Logger: slog.New(slog.DiscardHandler)}, Pipeline: &fake{},
	}))
	page, body := invoke(t, handler, event("GET", "/login", nil))
	cookie, _, _ := strings.Cut(page.Cookies[0], ";")
	form := event("POST", "/login", map[string]string{"origin": "https://console.example.com", "content-type": "application/x-www-form-urlencoded"})
	form.Cookies = []string{cookie}
	form.Body = base64.StdEncoding.EncodeToString([]byte("name=ana&token=token&next=%2F&csrf=" + formToken.FindStringSubmatch(body)[1]))
	form.IsBase64Encoded = true
	in, _ := invoke(t, handler, form)
	if in.StatusCode != http.StatusSeeOther || in.Headers["Location"] != "/" || len(in.Cookies) != 1 || !strings.HasPrefix(in.Cookies[0], "__Host-delfos_session=") {
		t.Fatalf("%d %v %q", in.StatusCode, in.Headers, in.Cookies)
	}
	session, _, _ := strings.Cut(in.Cookies[0], ";")
	first := event("GET", "/", nil)
	first.Cookies = []string{cookie, session}
	if got, body := invoke(t, handler, first); got.StatusCode != http.StatusOK || !strings.Contains(body, "ana") {
		t.Errorf("%d", got.StatusCode)
	}
}

func TestAnUnreadableEventIsAnswered(t *testing.T) {
	t.Parallel()
	if answer, _ := invoke(t, newLambda(&fake{}), event("NO METHOD", "/", nil)); answer.StatusCode != http.StatusBadRequest {
		t.Errorf("%d", answer.StatusCode)
	}
}

func TestTheEventsInTheRepositoryAreAnswered(t *testing.T) {
	t.Parallel()
	handler := newLambda(&fake{})
	files, err := filepath.Glob("../../functions/console/events/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var e events.APIGatewayV2HTTPRequest
		if err := json.Unmarshal(text, &e); err != nil {
			t.Fatal(err)
		}
		if answer, _ := invoke(t, handler, e); answer.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", file, answer.StatusCode)
		}
	}
}
