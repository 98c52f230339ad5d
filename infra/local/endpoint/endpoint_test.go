package endpoint_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"delfos/infra/local/awsjson"
	"delfos/infra/local/endpoint"
)

// echo answers every operation with its name.
type echo struct{}

func (echo) TargetPrefix() string { return "Echo_20260101" }

func (echo) Call(_ context.Context, operation string, _ []byte) (any, error) {
	return map[string]string{"operation": operation}, nil
}

// queues is another service.
type queues struct{}

func (queues) TargetPrefix() string { return "AmazonSQS" }

func (queues) Call(_ context.Context, operation string, _ []byte) (any, error) {
	return map[string]string{"queue": operation}, nil
}

func TestAServiceThatIsNotThereIsRefused(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/2015-03-31/functions", "/schedules", "/v2/apis", "/"} {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost"+path, http.NoBody)
		request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=any")
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		answer := httptest.NewRecorder()
		endpoint.Handler(endpoint.Services{}).ServeHTTP(answer, request)
		if answer.Code != http.StatusNotImplemented || !strings.Contains(answer.Body.String(), "POST "+path) {
			t.Errorf("%s: %d %s", path, answer.Code, answer.Body)
		}
	}
}

func TestARequestReachesItsServiceOnlySigned(t *testing.T) {
	t.Parallel()
	lambda := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) })
	answering := func(body string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) })
	}
	handler := endpoint.Handler(endpoint.Services{
		Lambda: lambda, Scheduler: answering("scheduler"), STS: answering("sts"), JSON: []awsjson.Service{echo{}, queues{}},
		CloudFormation: answering("cloudformation"), APIGateway: answering("apigateway"),
	})
	const form = "application/x-www-form-urlencoded; charset=utf-8"
	forCloudFormation := strings.Replace(signature, "/echo/", "/cloudformation/", 1)
	for _, test := range []struct {
		name, method, path, target, authorization string
		contentType                               string
		status                                    int
		says                                      string
	}{
		{"a JSON service", "POST", "/", "Echo_20260101.Say", signature, "", 200, `"operation":"Say"`},
		{"Lambda", "GET", "/2015-03-31/functions", "", signature, "", 202, ""},
		{"schedules", "GET", "/schedules", "", signature, "", 200, "scheduler"},
		{"a schedule", "DELETE", "/schedules/daily", "", signature, "", 200, "scheduler"},
		{"schedule groups", "GET", "/schedule-groups", "", signature, "", 200, "scheduler"},
		{"HTTP APIs", "GET", "/v2/apis", "", signature, "", 200, "apigateway"},
		{"an HTTP API", "GET", "/v2/apis/sourceapi", "", signature, "", 200, "apigateway"},
		{"a form", "POST", "/", "", signature, form, 200, "sts"},
		{"a form signed for CloudFormation", "POST", "/", "", forCloudFormation, form, 200, "cloudformation"},
		{"the same in every region", "POST", "/", "", "AWS4-ECDSA-P256-SHA256 Credential=any/20260101/cloudformation/aws4_request, Signature=0", form, 200, "cloudformation"},
		{"a form for CloudFormation, unsigned", "POST", "/", "", "", form, 403, "not signed"},
		{"SQS by its queue's URL", "POST", "/000000000000/name", "AmazonSQS.Say", signature, "", 200, `"queue":"Say"`},
		{"another service by a queue's URL", "POST", "/000000000000/name", "Echo_20260101.Say", signature, "", 501, "/000000000000/name"},
		{"unsigned, as a browser would", "POST", "/2015-03-31/functions/f/invocations", "", "", "", 403, "not signed"},
		{"with another kind of credentials", "POST", "/", "Echo_20260101.Say", "Bearer x", "", 403, "not signed"},
		{"a preflight", "OPTIONS", "/", "", "", "", 403, "not signed"},
		{"an unknown service", "POST", "/", "Sing_20260101.Say", signature, "", 400, "Sing_20260101.Say"},
		{"no target", "POST", "/", "", signature, "", 501, "POST /"},
		{"an unknown path", "GET", "/2020-01-01/things", "", signature, "", 501, "/2020-01-01/things"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			request := httptest.NewRequestWithContext(t.Context(), test.method, "http://localhost:4566"+test.path, strings.NewReader("{}"))
			request.Header.Set("X-Amz-Target", test.target)
			request.Header.Set("Content-Type", test.contentType)
			request.Header.Set("Authorization", test.authorization)
			answer := httptest.NewRecorder()
			handler.ServeHTTP(answer, request)
			if answer.Code != test.status || !strings.Contains(answer.Body.String(), test.says) {
				t.Errorf("%d %s, want %d and %q", answer.Code, answer.Body, test.status, test.says)
			}
		})
	}
}
