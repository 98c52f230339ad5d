package awsconfig_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"delfos/shared/awsconfig"
)

// closed is a body as the SDK leaves it when the answer has begun: whoever asks WriteTo
// for its end gets an error.
type closed struct{ *bytes.Reader }

// WriteTo fails.
func (closed) WriteTo(io.Writer) (int64, error) { return 0, io.EOF }

func TestAnAnswerOutlivesTheRequestsBody(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", 4<<20)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, large)
	}))
	t.Cleanup(server.Close)
	for range 20 {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Body, request.ContentLength = io.NopCloser(closed{bytes.NewReader([]byte("{}"))}), 2
		response, err := awsconfig.HTTPClient().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		read, err := io.ReadAll(response.Body)
		if response.Body.Close(); err != nil || len(read) != len(large) {
			t.Fatalf("%d bytes of the answer are there: %v", len(read), err)
		}
	}
}

func TestTheEnvironmentNamesTheEndpoint(t *testing.T) {
	t.Parallel()
	config := awsconfig.FromEnvironment(func(name string) string {
		return map[string]string{"AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}[name]
	})
	if config.Region != "us-east-1" || *config.BaseEndpoint != "http://127.0.0.1:4566" || config.HTTPClient == nil {
		t.Errorf("the configuration is %+v", config)
	}
	if none := awsconfig.FromEnvironment(func(string) string { return "" }); none.BaseEndpoint != nil {
		t.Errorf("without an endpoint it is %s, not AWS's", *none.BaseEndpoint)
	}
}
