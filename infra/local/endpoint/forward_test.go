package endpoint_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"delfos/infra/local/awsjson"
	"delfos/infra/local/endpoint"
)

const signature = "AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/echo/aws4_request, SignedHeaders=host, Signature=0"

func TestAForwardedServiceAnswersInsteadOfOneHere(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("X-Amz-Crc32", "1")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, r.Header.Get("X-Amz-Target")+" "+r.Header.Get("Authorization")+" "+string(body))
	}))
	t.Cleanup(elsewhere.Close)
	ask := askThrough(t, elsewhere.URL)

	answer := ask("Echo_20260101.Say")
	want := "Echo_20260101.Say " + signature + " {}"
	if answer.Code != http.StatusBadRequest || answer.Header().Get("X-Amz-Crc32") != "1" || answer.Body.String() != want {
		t.Errorf("%d %v %s, want what was answered elsewhere", answer.Code, answer.Header(), answer.Body)
	}
	if answer := ask("AmazonSQS.Say"); answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), `"queue":"Say"`) {
		t.Errorf("a service that is here: %d %s", answer.Code, answer.Body)
	}
}

func TestAForwardedServiceThatIsDownIsAnErrorToTryAgain(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.NotFoundHandler())
	elsewhere.Close()
	answer := askThrough(t, elsewhere.URL)("Echo_20260101.Say")
	if answer.Code != http.StatusInternalServerError || answer.Header().Get("X-Amzn-Errortype") != "InternalServerError" ||
		!strings.Contains(answer.Body.String(), "Echo at "+elsewhere.URL) {
		t.Errorf("%d %v %s, want a 500 that names Echo and where it is", answer.Code, answer.Header(), answer.Body)
	}
}

// lateEnd is a request's body as a server has it: the end is found after the answer has
// begun, and by then reading it is an error.
type lateEnd struct {
	io.Reader
	answered <-chan struct{}
}

func (b *lateEnd) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if n == 0 {
		select {
		case <-b.answered:
			return 0, http.ErrBodyReadAfterClose
		case <-time.After(100 * time.Millisecond): // nothing is answered before the end
		}
	}
	return n, err
}

func (b *lateEnd) Close() error { return nil }

// begun tells when an answer's head is written.
type begun struct {
	*httptest.ResponseRecorder
	once sync.Once
	head chan struct{}
}

func (b *begun) WriteHeader(status int) {
	b.ResponseRecorder.WriteHeader(status)
	b.once.Do(func() { close(b.head) })
}

func TestAnAnswerThatBeginsBeforeTheRequestsEndIsFoundArrivesWhole(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", 1<<20)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadFull(r.Body, make([]byte, 2)); err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(w, large)
	}))
	t.Cleanup(elsewhere.Close)
	to, err := url.Parse(elsewhere.URL)
	if err != nil {
		t.Fatal(err)
	}
	answer := &begun{ResponseRecorder: httptest.NewRecorder(), head: make(chan struct{})}
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost:4566/", &lateEnd{strings.NewReader("{}"), answer.head})
	request.ContentLength = 2
	endpoint.Forward("Echo", to).ServeHTTP(answer, request)
	if answer.Code != http.StatusOK || answer.Body.String() != large {
		t.Errorf("%d and %d bytes, want %d", answer.Code, answer.Body.Len(), len(large))
	}
}

// askThrough has an endpoint that forwards Echo, and a signed request to it.
func askThrough(t *testing.T, elsewhere string) func(target string) *httptest.ResponseRecorder {
	t.Helper()
	to, err := url.Parse(elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	handler := endpoint.Handler(endpoint.Services{
		JSON:      []awsjson.Service{echo{}, queues{}},
		Forwarded: map[string]http.Handler{echo{}.TargetPrefix(): endpoint.Forward("Echo", to)},
	})
	return func(target string) *httptest.ResponseRecorder {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost:4566/", strings.NewReader("{}"))
		request.Header.Set("X-Amz-Target", target)
		request.Header.Set("Authorization", signature)
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		return answer
	}
}
