package endpoint_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

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
