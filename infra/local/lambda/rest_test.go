package lambda_test

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/lambda"
)

func client(t *testing.T, service *lambda.Service) (*awslambda.Client, string) {
	t.Helper()
	server := httptest.NewServer(service)
	t.Cleanup(server.Close)
	return awslambda.New(awslambda.Options{
		BaseEndpoint: &server.URL, Region: "eu-west-1", RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("any", "any", ""),
	}), server.URL
}

func TestTheAWSClientInvokes(t *testing.T) {
	t.Parallel()
	f := start(t, bootstrap())
	sdk, _ := client(t, f.Service)
	for _, name := range []string{"it", "arn:aws:lambda:eu-west-1:123456789012:function:it", "123456789012:function:it"} {
		got, err := sdk.Invoke(t.Context(), &awslambda.InvokeInput{FunctionName: &name, Payload: []byte(`{"a":1}`), LogType: types.LogTypeTail})
		if err != nil {
			t.Fatal(err)
		}
		tail, err := base64.StdEncoding.DecodeString(*got.LogResult)
		if err != nil || !strings.Contains(string(tail), "platform.report") {
			t.Errorf("log result %s, %v", tail, err)
		}
		if string(got.Payload) != `{"a":1}` || *got.ExecutedVersion != "$LATEST" || got.FunctionError != nil || got.StatusCode != http.StatusOK {
			t.Errorf("%+v, %s", got, got.Payload)
		}
	}
	failed, err := sdk.Invoke(t.Context(), &awslambda.InvokeInput{FunctionName: aws.String("it"), Payload: []byte(`{"Do":"panic"}`)})
	if err != nil || *failed.FunctionError != "Unhandled" || failed.StatusCode != http.StatusOK {
		t.Errorf("%+v, %v", failed, err)
	}
	queued, err := sdk.Invoke(t.Context(), &awslambda.InvokeInput{FunctionName: aws.String("it"), InvocationType: types.InvocationTypeEvent})
	if err != nil || queued.StatusCode != http.StatusAccepted {
		t.Errorf("%+v, %v", queued, err)
	}
	dry, err := sdk.Invoke(t.Context(), &awslambda.InvokeInput{FunctionName: aws.String("it"), InvocationType: types.InvocationTypeDryRun})
	if err != nil || dry.StatusCode != http.StatusNoContent {
		t.Errorf("%+v, %v", dry, err)
	}
}

func TestTheAWSClientUnderstandsRefusals(t *testing.T) {
	t.Parallel()
	none, function := 0, bootstrap()
	function.ReservedConcurrency = &none
	f := start(t, function)
	sdk, url := client(t, f.Service)
	_, err := sdk.Invoke(t.Context(), &awslambda.InvokeInput{FunctionName: aws.String("it")})
	var throttled *types.TooManyRequestsException
	if !errors.As(err, &throttled) || throttled.Reason != types.ThrottleReasonReservedFunctionConcurrentInvocationLimitExceeded || throttled.ErrorMessage() != "Rate Exceeded." {
		t.Errorf("throttled: %v", err)
	}
	_, err = sdk.Invoke(t.Context(), &awslambda.InvokeInput{FunctionName: aws.String("none")})
	var missing *types.ResourceNotFoundException
	if !errors.As(err, &missing) || missing.ErrorMessage() != "Function not found: arn:aws:lambda:eu-west-1:123456789012:function:none" {
		t.Errorf("missing: %v", err)
	}
	_, err = sdk.Invoke(t.Context(), &awslambda.InvokeInput{FunctionName: aws.String("it"), Payload: []byte("{")})
	if _, ok := errors.AsType[*types.InvalidRequestContentException](err); !ok {
		t.Errorf("garbled: %v", err)
	}
	_, err = sdk.Invoke(t.Context(), &awslambda.InvokeInput{FunctionName: aws.String("it"), Payload: make([]byte, 7<<20)})
	if _, ok := errors.AsType[*types.RequestTooLargeException](err); !ok {
		t.Errorf("large: %v", err)
	}
	_, err = sdk.DeleteFunction(t.Context(), &awslambda.DeleteFunctionInput{FunctionName: aws.String("it")})
	if err == nil || !strings.Contains(err.Error(), "does not implement DELETE") {
		t.Errorf("another operation: %v", err)
	}
	for header, value := range map[string]string{"X-Amz-Log-Type": "Head", "X-Amz-Client-Context": "!", "X-Amz-Tenant-Id": "t"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/2015-03-31/functions/it/invocations", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set(header, value)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		if err = errors.Join(err, response.Body.Close()); err != nil || response.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %s, %s, %v", header, response.Status, body, err)
		}
	}
}

func TestTheAWSClientReadsConfigurations(t *testing.T) {
	t.Parallel()
	two, function := 2, with(bootstrap(), "TABLE", "partitions")
	function.Timeout, function.MemoryMB, function.ReservedConcurrency, function.Architecture = 2*time.Minute, 512, &two, "arm64"
	f := start(t, function, func(o *lambda.Options) {
		o.Now = func() time.Time { return time.Date(2026, 2, 26, 1, 2, 3, 4e6, time.UTC) }
	})
	other := bootstrap()
	other.Name = "another"
	if err := f.Register(other); err != nil {
		t.Fatal(err)
	}
	sdk, _ := client(t, f.Service)
	got, err := sdk.GetFunction(t.Context(), &awslambda.GetFunctionInput{FunctionName: aws.String("it")})
	if err != nil || *got.Concurrency.ReservedConcurrentExecutions != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	alone, err := sdk.GetFunctionConfiguration(t.Context(), &awslambda.GetFunctionConfigurationInput{FunctionName: aws.String("it")})
	if err != nil {
		t.Fatal(err)
	}
	c := got.Configuration
	type view struct {
		Name, ARN, Handler, Modified, Group, Table string
		Runtime                                    types.Runtime
		Architecture                               types.Architecture
		State                                      types.State
		Timeout, Memory                            int32
	}
	want := view{"it", "arn:aws:lambda:eu-west-1:123456789012:function:it", "bootstrap", "2026-02-26T01:02:03.004+0000", "/aws/lambda/it", "partitions", types.RuntimeProvidedal2023, types.ArchitectureArm64, types.StateActive, 120, 512}
	have := view{*c.FunctionName, *c.FunctionArn, *c.Handler, *c.LastModified, *c.LoggingConfig.LogGroup, c.Environment.Variables["TABLE"], c.Runtime, c.Architectures[0], c.State, *c.Timeout, *c.MemorySize}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Error(diff)
	}
	if *alone.FunctionArn != *c.FunctionArn || *alone.Timeout != *c.Timeout {
		t.Errorf("GetFunctionConfiguration differs: %+v", alone)
	}
	var names []string
	pages := awslambda.NewListFunctionsPaginator(sdk, &awslambda.ListFunctionsInput{MaxItems: aws.Int32(1)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range page.Functions {
			names = append(names, *one.FunctionName)
		}
	}
	if diff := cmp.Diff([]string{"another", "it"}, names); diff != "" {
		t.Error(diff)
	}
	if _, err := sdk.GetFunction(t.Context(), &awslambda.GetFunctionInput{FunctionName: aws.String("it"), Qualifier: aws.String("1")}); err == nil {
		t.Error("a version that does not exist was found")
	}
}
