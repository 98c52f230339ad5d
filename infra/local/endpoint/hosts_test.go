package endpoint_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"delfos/infra/local/endpoint"
)

func TestRequestsComeUnderThisMachinesNamesAndThoseAllowedAlone(t *testing.T) {
	t.Parallel()
	handler := endpoint.Only(endpoint.Hosts{"stack", "192.0.2.1"}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	}))
	for host, want := range map[string]int{
		"localhost": 204, "localhost:4566": 204, "127.0.0.1:4566": 204, "127.1.2.3": 204, "[::1]:4566": 204, "[::1]": 204,
		"stack": 204, "stack:8000": 204, "STACK:8000": 204, "192.0.2.1:8000": 204,
		"evil.example:4566": 403, "stack.evil.example": 403, "localhost.evil.example": 403, "192.0.2.2": 403, "": 403, "0.0.0.0:4566": 403,
	} {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
		request.Host = host
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		if answer.Code != want || want == http.StatusForbidden && !strings.Contains(answer.Body.String(), "--allow-host") {
			t.Errorf("%q: %d %s, want %d", host, answer.Code, answer.Body, want)
		}
	}
}
