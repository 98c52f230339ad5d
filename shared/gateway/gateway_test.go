package gateway

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
)

func FuzzEscapedQueriesKeepTheirMeaning(f *testing.F) {
	f.Add("start=2026-02-20&x=%41+b#c d\xff\x00")
	f.Fuzz(func(t *testing.T, raw string) {
		before, errBefore := url.ParseQuery(raw)
		after, errAfter := url.ParseQuery(escapeQuery(raw))
		if (errBefore == nil) != (errAfter == nil) {
			t.Errorf("%q: %v, escaped %v", raw, errBefore, errAfter)
		}
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("%q: %s", raw, diff)
		}
	})
}

// event is what API Gateway makes of a request.
func event(method, path string, headers map[string]string) events.APIGatewayV2HTTPRequest {
	e := events.APIGatewayV2HTTPRequest{Version: "2.0", RawPath: path, Headers: headers}
	e.RequestContext.HTTP.Method, e.RequestContext.HTTP.Path = method, path
	e.RequestContext.DomainName = "a domain that no URL takes"
	return e
}

func TestTheHandlerSeesTheHostThatTheBrowserAsked(t *testing.T) {
	t.Parallel()
	var host string
	handler := New(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host = r.Host
		w.WriteHeader(http.StatusNoContent)
	}), func(http.ResponseWriter) { t.Error("the event can be read") })
	if _, err := handler(t.Context(), event("GET", "/a b", map[string]string{"host": "console.example.com"})); err != nil {
		t.Fatal(err)
	}
	if host != "console.example.com" {
		t.Errorf("the host is %q", host)
	}
}

func TestAnEventThatIsNoRequestIsAnswered(t *testing.T) {
	t.Parallel()
	handler := New(http.NotFoundHandler(), func(w http.ResponseWriter) { w.WriteHeader(http.StatusBadRequest) })
	answer, err := handler(t.Context(), event("NO METHOD", "/", nil))
	if err != nil || answer.StatusCode != http.StatusBadRequest {
		t.Errorf("status %d, %v", answer.StatusCode, err)
	}
}
