package apigateway_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"delfos/infra/local/apigateway"
)

func TestAnHTTPAPITellsWhereItIs(t *testing.T) {
	t.Parallel()
	service := &apigateway.Service{
		AccountID: "123456789012", Created: time.Date(2026, 2, 20, 12, 30, 15, 250e6, time.UTC),
		APIs: []apigateway.API{{ID: "sourceapi", Name: "delfos", Endpoint: "http://127.0.0.1:8000"}},
	}
	const api = `{"apiId":"sourceapi","name":"delfos","apiEndpoint":"http://127.0.0.1:8000","protocolType":"HTTP",` +
		`"routeSelectionExpression":"$request.method $request.path","createdDate":"2026-02-20T12:30:15Z"}`
	for _, test := range []struct {
		request   string
		status    int
		errorType string
		says      string
	}{
		{"GET /v2/apis", 200, "", `{"items":[` + api + `]}`},
		{"GET /v2/apis?maxResults=1", 200, "", `{"items":[` + api + `]}`},
		{"GET /v2/apis?nextToken=x", 400, "BadRequestException", "nextToken=x"},
		{"GET /v2/apis/sourceapi", 200, "", api},
		{"GET /v2/apis/none", 404, "NotFoundException", "Invalid API identifier specified 123456789012:none"},
		{"GET /v2/apis/sourceapi/stages/%24default", 200, "", `{"stageName":"$default","autoDeploy":true,"stageVariables":{},"createdDate":"2026-02-20T12:30:15Z"}`},
		{"GET /v2/apis/none/stages/$default", 404, "NotFoundException", "123456789012:none"},
		{"GET /v2/apis/sourceapi/stages/prod", 404, "NotFoundException", "Invalid stage identifier specified"},
		{"GET /v2/apis/sourceapi/stages", 404, "UnknownOperationException", "does not implement GetStages"},
		{"DELETE /v2/apis/sourceapi", 404, "UnknownOperationException", "does not implement DELETE /v2/apis/sourceapi"},
		{"GET /v2/apis/sourceapi/routes", 404, "UnknownOperationException", "does not implement GET /v2/apis/sourceapi/routes"},
	} {
		t.Run(test.request, func(t *testing.T) {
			t.Parallel()
			method, target, _ := strings.Cut(test.request, " ")
			answer := httptest.NewRecorder()
			service.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), method, target, http.NoBody))
			body, errorType := answer.Body.String(), answer.Header().Get("X-Amzn-Errortype")
			whole := test.status != http.StatusOK || strings.TrimSpace(body) == test.says
			if answer.Code != test.status || errorType != test.errorType || !strings.Contains(body, test.says) || !whole {
				t.Errorf("%d %q %s, want %d %q %s", answer.Code, errorType, body, test.status, test.errorType, test.says)
			}
		})
	}
}
