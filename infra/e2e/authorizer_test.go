package e2e

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/google/uuid"

	"delfos/infra/local"
	"delfos/infra/local/awsjson"
	"delfos/infra/local/endpoint"
	"delfos/infra/local/httpapi"
	"delfos/infra/local/lambda"
	"delfos/infra/local/logs"
	"delfos/infra/local/secretsmanager"
	"delfos/shared/etl"
)

// started counts the invocations of a function that its log group tells of.
func started(t *testing.T, stack local.Descriptor, function string) int {
	t.Helper()
	client := cloudwatchlogs.New(cloudwatchlogs.Options{
		Region: stack.Region, BaseEndpoint: &stack.AWSEndpointURL, Credentials: credentials.NewStaticCredentialsProvider("any", "any", ""),
	})
	group, starts := "/aws/lambda/"+stack.Functions[function], `"platform.start"`
	found, err := client.FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &group, FilterPattern: &starts})
	if err != nil {
		t.Fatal(err)
	}
	return len(found.Events)
}

// asked is what a request with these headers is answered.
func asked(t *testing.T, method, address string, headers ...string) (status int, contentType, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header.Get("Content-Type"), strings.TrimSpace(string(content))
}

func TestBehindTheAuthorizerARunWorksAndStrangersStartNothing(t *testing.T) {
	t.Parallel()
	dir, stack := startStack(t, "--parameter", "SourceApiAuthorizer=lambda")
	const data = "/data?start=2026-02-20&end=2026-02-21&variables=power"
	const unauthorized, forbidden = `{"message":"Unauthorized"}`, `{"message":"Forbidden"}`
	before := started(t, stack, "SourceApiFunction")
	for _, test := range []struct {
		request, header string
		status          int
		body            string
	}{
		{"GET " + data, "", 401, unauthorized},
		{"GET /variables", "", 401, unauthorized},
		{"POST /data", "", 401, unauthorized},
		{"GET " + data, "Bearer wrong", 403, forbidden},
		{"GET " + data, "Bearer wrong", 403, forbidden}, // remembered
		{"GET /variables", "Bearer wrong", 403, forbidden},
		{"HEAD " + data, "Bearer " + stack.APIToken + "2", 403, ""},
		{"GET " + data, "Basic " + stack.APIToken, 403, forbidden},
		{"GET " + data, "Bearer " + stack.APIToken + ",Bearer " + stack.APIToken, 403, forbidden},
	} {
		method, path, _ := strings.Cut(test.request, " ")
		var headers []string
		if test.header != "" {
			headers = []string{"Authorization", test.header}
		}
		if status, _, body := asked(t, method, stack.APIURL+path, headers...); status != test.status || body != test.body {
			t.Errorf("%s with %q: %d %s, want %d %s", test.request, test.header, status, body, test.status, test.body)
		}
	}
	if status, _, body := asked(t, "GET", stack.APIURL+data, "Authorization", "Bearer "+stack.APIToken); status != 200 || !strings.HasPrefix(body, "[{") {
		t.Errorf("with the token: %d %.200s", status, body)
	}
	// The last one has started the function, and none of those before it.
	if got := started(t, stack, "SourceApiFunction"); got != before+1 {
		t.Errorf("the source API's function was started %d times, want 1", got-before)
	}
	if got := started(t, stack, "AuthorizeApiFunction"); got != 5 {
		t.Errorf("the authorizer was asked %d times, want 5: once for each header", got)
	}

	for path, want := range map[string]struct {
		status      int
		contentType string
	}{
		"/docs": {200, "text/html"}, "/openapi.json": {200, "application/json"}, "/health": {200, "application/json"},
		"/nothing": {404, "application/problem+json"},
	} {
		if status, contentType, _ := asked(t, "GET", stack.APIURL+path); status != want.status || !strings.HasPrefix(contentType, want.contentType) {
			t.Errorf("%s without a token: %d %s, want %v", path, status, contentType, want)
		}
	}

	m := answer[etl.Materialization](t, dir, "materialize", "--partition", "2026-02-20")
	start, end := day("2026-02-20")
	if m.RowsRead != 1440 {
		t.Errorf("the run read %d rows, want 1440", m.RowsRead)
	}
	compare(t, target(t, stack.TargetDSN, start, end), oracle(t, stack.SourceDSN, start, end))
	if got := started(t, stack, "AuthorizeApiFunction"); got != 5 {
		t.Errorf("the authorizer was asked %d times, want still 5: the run's token is known", got)
	}
}

func TestWithoutTheAuthorizerTheAPIItselfSaysWhatToSend(t *testing.T) {
	t.Parallel()
	_, stack := sharedStack(t)
	if name, there := stack.Functions["AuthorizeApiFunction"]; there {
		t.Errorf("the stack has the authorizer %s, and nobody asked for it", name)
	}
	for header, says := range map[string]string{"": "Authorization: Bearer TOKEN", "Bearer wrong": "the token is not the one"} {
		status, contentType, body := asked(t, "GET", stack.APIURL+"/data", "Authorization", header)
		if status != 401 || contentType != "application/problem+json" || !strings.Contains(body, says) {
			t.Errorf("with %q: %d %s %s, want a problem that says %q", header, status, contentType, body, says)
		}
	}
}

// dataFunction stands for the function behind the authorizer, whose own is run for real.
type dataFunction struct {
	*lambda.Service
	runs int
}

func (f *dataFunction) Invoke(ctx context.Context, request lambda.Request) (lambda.Response, error) {
	if request.Function != "data" {
		return f.Service.Invoke(ctx, request)
	}
	f.runs++
	return lambda.Response{Payload: []byte(`{"statusCode":200,"body":"data"}`)}, nil
}

// newAuthorizer runs the authorizer's function as it is deployed, with Secrets Manager.
func newAuthorizer(t *testing.T, name string) (*lambda.Service, *secretsmanager.Service) {
	t.Helper()
	built, err := buildFunctions()
	if err != nil {
		t.Fatal(err)
	}
	store, err := logs.Open(logs.Options{Region: region, AccountID: accountID})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	functions, err := lambda.New(lambda.Options{Region: region, AccountID: accountID, Logs: store, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := functions.Close(); err != nil {
			t.Error(err)
		}
	})
	secrets := secretsmanager.New(region, accountID, time.Unix(0, 0))
	aws := httptest.NewServer(endpoint.Handler(endpoint.Services{JSON: []awsjson.Service{secrets}}))
	t.Cleanup(aws.Close)
	err = functions.Register(lambda.Function{
		Name: name, Command: []string{built["AuthorizeApiFunction"]}, Timeout: 5 * time.Second, Environment: map[string]string{
			"AWS_ENDPOINT_URL": aws.URL, "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "API_TOKEN_SECRET_ARN": secrets.ARN("token"),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return functions, secrets
}

func TestASecretThatCannotBeReadLetsNobodyThroughUntilItCan(t *testing.T) {
	t.Parallel()
	functions, secrets := newAuthorizer(t, "authorizer")
	behind := &dataFunction{Service: functions}
	handler, err := httpapi.New(httpapi.API{
		ID: "api", AccountID: accountID, Region: region, Logger: slog.New(slog.DiscardHandler),
		Routes:      []httpapi.Route{{Key: "$default", Function: "data", Authorizer: "token"}},
		Authorizers: []httpapi.Authorizer{{Name: "token", Function: "authorizer", IdentitySource: []string{"$request.header.Authorization"}, TTL: 300 * time.Second}},
	}, behind, time.Now, uuid.NewString)
	if err != nil {
		t.Fatal(err)
	}
	api := httptest.NewServer(handler)
	t.Cleanup(api.Close)
	ask := func(when string, status, runs int) {
		t.Helper()
		got, _, body := asked(t, "GET", api.URL, "Authorization", "Bearer s3cret")
		if got != status || behind.runs != runs {
			t.Errorf("%s: %d %s, and the function has run %d times; want %d and %d", when, got, body, behind.runs, status, runs)
		}
	}
	ask("without the secret", 500, 0)
	secrets.Put("token", "")
	ask("with an empty one", 500, 0)
	secrets.Put("token", "s3cret")
	ask("with the secret", 200, 1)
}
