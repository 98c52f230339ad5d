package scheduler_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsscheduler "github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	"delfos/infra/local/endpoint"
	"delfos/infra/local/lambda"
	"delfos/infra/local/scheduler"
)

const (
	functionARN = "arn:aws:lambda:eu-west-1:123456789012:function:etl"
	machineARN  = "arn:aws:states:eu-west-1:123456789012:stateMachine:backfill"
	queueARN    = "arn:aws:sqs:eu-west-1:123456789012:ticks"
	deadARN     = "arn:aws:sqs:eu-west-1:123456789012:dead"
	roleARN     = "arn:aws:iam::123456789012:role/scheduler"
)

// A call is one that a target got.
type call struct {
	At         time.Time
	Target     string
	Input      string
	Attributes map[string]string
	Name       string
}

// targets stand for Lambda, Step Functions and SQS. They remember their calls, and
// refuse as long as refuse says so.
type targets struct {
	mu     sync.Mutex
	calls  []call
	refuse func(target string) error
}

func (f *targets) add(c call) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	c.At = time.Now().UTC()
	f.calls = append(f.calls, c)
	if f.refuse != nil {
		return f.refuse(c.Target)
	}
	return nil
}

func (f *targets) all() []call {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]call{}, f.calls...)
}

func (f *targets) Invoke(_ context.Context, request lambda.Request) (lambda.Response, error) {
	err := f.add(call{Target: request.Function, Input: string(request.Payload)})
	return lambda.Response{StatusCode: http.StatusAccepted, RequestID: "request-1"}, err
}

func (f *targets) StartExecution(_ context.Context, stateMachineARN, name, input string) error {
	return f.add(call{Target: stateMachineARN, Name: name, Input: input})
}

func (f *targets) Send(_ context.Context, arn, body string, attributes map[string]string) (string, error) {
	return "message-1", f.add(call{Target: arn, Input: body, Attributes: attributes})
}

// open opens a service on targets; it is closed at the test's end.
func open(t *testing.T, f *targets, change ...func(*scheduler.Options)) *scheduler.Service {
	t.Helper()
	options := scheduler.Options{
		Region: "eu-west-1", AccountID: "123456789012", Functions: f, StateMachines: f, Queues: f,
		Logger: slog.New(slog.DiscardHandler), NewID: counter(),
	}
	for _, one := range change {
		one(&options)
	}
	service, err := scheduler.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := service.Close(); err != nil {
			t.Error(err)
		}
	})
	return service
}

// counter makes ids that are told apart by their first digits.
func counter() func() string {
	var mu sync.Mutex
	n := 0
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		n++
		return fmt.Sprintf("%08d-0000-4000-8000-000000000000", n)
	}
}

// client is the AWS SDK's, at the local endpoint.
func client(t *testing.T, service *scheduler.Service) *awsscheduler.Client {
	t.Helper()
	server := httptest.NewServer(endpoint.Handler(endpoint.Services{Scheduler: service}))
	t.Cleanup(server.Close)
	return awsscheduler.New(awsscheduler.Options{
		BaseEndpoint: &server.URL, Region: "eu-west-1", RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("any", "any", ""),
	})
}

func daily(name string) *awsscheduler.CreateScheduleInput {
	return &awsscheduler.CreateScheduleInput{
		Name: &name, ScheduleExpression: aws.String("cron(0 1 * * ? *)"), FlexibleTimeWindow: &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeOff},
		Target: &types.Target{Arn: aws.String(functionARN), RoleArn: aws.String(roleARN)},
	}
}

// request asks the service without a network, for bubbles of virtual time.
func request(t *testing.T, service *scheduler.Service, method, path, body string) string {
	t.Helper()
	answer := httptest.NewRecorder()
	service.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body)))
	if answer.Code != http.StatusOK {
		t.Fatalf("%s %s: %d %s", method, path, answer.Code, answer.Body)
	}
	return answer.Body.String()
}

// definition is a schedule of an expression with the defaults of a test.
func definition(name, expression, target string) scheduler.Definition {
	return scheduler.Definition{
		Name: name, ScheduleExpression: expression, FlexibleTimeWindow: scheduler.FlexibleTimeWindow{Mode: "OFF"},
		Target: scheduler.Target{Arn: target, RoleArn: roleARN},
	}
}

func declare(t *testing.T, service *scheduler.Service, definitions ...scheduler.Definition) {
	t.Helper()
	if err := service.Declare(definitions...); err != nil {
		t.Fatal(err)
	}
}
