package endpoint_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/awsjson"
	"delfos/infra/local/endpoint"
	"delfos/infra/local/eventbridge"
	"delfos/infra/local/lambda"
	"delfos/infra/local/scheduler"
	"delfos/infra/local/sqs"
	"delfos/infra/local/sts"
)

// nothing is a Lambda whose functions do nothing.
type nothing struct{}

func (nothing) Invoke(context.Context, lambda.Request) (lambda.Response, error) {
	return lambda.Response{}, nil
}

// A cli runs the AWS CLI against an endpoint of its own.
type cli struct{ program, url, home string }

// startCLI serves the services that need no process and no database.
func startCLI(t *testing.T) (cli, *sqs.Service) {
	t.Helper()
	program, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("THE AWS CLI IS NOT CHECKED: there is no aws on the PATH; install the AWS CLI, of version 1 or 2, to run this test")
	}
	const region, account = "us-east-1", "000000000000"
	server := httptest.NewUnstartedServer(nil)
	url := "http://" + server.Listener.Addr().String()
	queues, err := sqs.Open(sqs.Options{Region: region, AccountID: account, BaseURL: url})
	if err != nil {
		t.Fatal(err)
	}
	schedules, err := scheduler.Open(scheduler.Options{Region: region, AccountID: account, Queues: queues, Functions: nothing{}, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	schedules.Start()
	bus, err := eventbridge.Open(eventbridge.Options{Region: region, AccountID: account, Lambda: nothing{}})
	if err != nil {
		t.Fatal(err)
	}
	err = bus.Declare(eventbridge.Rule{
		Name: "track", Pattern: `{"source":["aws.states"]}`,
		Targets: []eventbridge.Target{{ID: "track", ARN: "arn:aws:lambda:us-east-1:000000000000:function:track"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = endpoint.Handler(endpoint.Services{
		Scheduler: schedules, STS: &sts.Service{AccountID: account}, JSON: []awsjson.Service{queues, bus},
	})
	server.Start()
	t.Cleanup(func() {
		server.Close()
		for _, service := range []interface{ Close() error }{schedules, bus, queues} {
			if err := service.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	return cli{program, url, t.TempDir()}, queues
}

// run gives what the CLI prints, or its error.
func (c cli) run(t *testing.T, arguments ...string) (string, bool) {
	t.Helper()
	command := exec.CommandContext(t.Context(), c.program, append([]string{"--endpoint-url", c.url, "--output", "json"}, arguments...)...)
	command.Env = []string{
		"PATH=/usr/bin:/bin", "HOME=" + c.home, "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", "AWS_DEFAULT_REGION=us-east-1",
		"AWS_EC2_METADATA_DISABLED=true", "AWS_MAX_ATTEMPTS=1", "AWS_PAGER=",
	}
	var output, trouble bytes.Buffer
	command.Stdout, command.Stderr = &output, &trouble
	if err := command.Run(); err != nil {
		return trouble.String(), false
	}
	return output.String(), true
}

// get is the text at a path of what a command prints, which must succeed.
func (c cli) get(t *testing.T, path string, arguments ...string) string {
	t.Helper()
	output, ok := c.run(t, arguments...)
	if !ok {
		t.Fatalf("aws %s: %s", strings.Join(arguments, " "), output)
	}
	if path == "" {
		return strings.TrimSpace(output)
	}
	var document any
	if err := json.Unmarshal([]byte(output), &document); err != nil {
		t.Fatalf("aws %s: %v in %s", strings.Join(arguments, " "), err, output)
	}
	for name := range strings.SplitSeq(path, ".") {
		if list, ok := document.([]any); ok && len(list) > 0 {
			document = list[0]
		}
		object, _ := document.(map[string]any)
		document = object[name]
	}
	text, ok := document.(string)
	if !ok {
		t.Fatalf("aws %s: there is no %s in %s", strings.Join(arguments, " "), path, output)
	}
	return text
}

// refused is the error of a command, which must fail.
func (c cli) refused(t *testing.T, says string, arguments ...string) {
	t.Helper()
	if output, ok := c.run(t, arguments...); ok || !strings.Contains(output, says) {
		t.Errorf("aws %s: %s, want an error with %q", strings.Join(arguments, " "), output, says)
	}
}

func TestTheAWSCLIManagesASchedule(t *testing.T) {
	t.Parallel()
	aws, _ := startCLI(t)
	const target = `{"Arn":"arn:aws:sqs:us-east-1:000000000000:ticks","RoleArn":"arn:aws:iam::000000000000:role/r","Input":"<aws.scheduler.scheduled-time>"}`
	arn := aws.get(t, "ScheduleArn", "scheduler", "create-schedule", "--name", "daily", "--schedule-expression", "cron(0 1 * * ? *)",
		"--schedule-expression-timezone", "America/Sao_Paulo", "--flexible-time-window", "Mode=OFF", "--target", target)
	if arn != "arn:aws:scheduler:us-east-1:000000000000:schedule/default/daily" {
		t.Error(arn)
	}
	if zone := aws.get(t, "ScheduleExpressionTimezone", "scheduler", "get-schedule", "--name", "daily", "--group-name", "default"); zone != "America/Sao_Paulo" {
		t.Error(zone)
	}
	if name := aws.get(t, "Schedules.Name", "scheduler", "list-schedules", "--name-prefix", "d", "--state", "ENABLED"); name != "daily" {
		t.Error(name)
	}
	aws.get(t, "ScheduleArn", "scheduler", "update-schedule", "--name", "daily", "--schedule-expression", "rate(1 day)", "--state", "DISABLED",
		"--flexible-time-window", "Mode=FLEXIBLE,MaximumWindowInMinutes=15", "--target", target, "--start-date", "2100-01-01T00:00:00Z")
	if state := aws.get(t, "State", "scheduler", "get-schedule", "--name", "daily"); state != "DISABLED" {
		t.Error(state)
	}
	aws.refused(t, "ConflictException", "scheduler", "create-schedule", "--name", "daily", "--schedule-expression", "rate(1 day)",
		"--flexible-time-window", "Mode=OFF", "--target", target)
	aws.refused(t, "ValidationException) when calling the CreateSchedule operation: 1 validation error detected: ScheduleExpression", "scheduler", "create-schedule", "--name", "bad",
		"--schedule-expression", "daily", "--flexible-time-window", "Mode=OFF", "--target", target)
	aws.get(t, "", "scheduler", "delete-schedule", "--name", "daily")
	aws.refused(t, "ResourceNotFoundException) when calling the GetSchedule operation: Schedule daily does not exist.", "scheduler", "get-schedule", "--name", "daily")
}

func TestTheAWSCLISendsAndReceives(t *testing.T) {
	t.Parallel()
	aws, queues := startCLI(t)
	url := aws.get(t, "QueueUrl", "sqs", "create-queue", "--queue-name", "ticks")
	if url != queues.URL("ticks") || url != aws.get(t, "QueueUrl", "sqs", "get-queue-url", "--queue-name", "ticks") {
		t.Error(url)
	}
	aws.get(t, "MD5OfMessageAttributes", "sqs", "send-message", "--queue-url", url, "--message-body", "hello",
		"--message-attributes", `{"ERROR_CODE":{"DataType":"String","StringValue":"x"}}`)
	received := []string{"sqs", "receive-message", "--queue-url", url, "--message-attribute-names", "All", "--visibility-timeout", "0"}
	if body := aws.get(t, "Messages.Body", received...); body != "hello" {
		t.Error(body)
	}
	aws.get(t, "", "sqs", "delete-message", "--queue-url", url, "--receipt-handle", aws.get(t, "Messages.ReceiptHandle", received...))
	if count := aws.get(t, "Attributes.ApproximateNumberOfMessages", "sqs", "get-queue-attributes", "--queue-url", url, "--attribute-names", "All"); count != "0" {
		t.Errorf("%s messages are left", count)
	}
	aws.refused(t, "AWS.SimpleQueueService.NonExistentQueue", "sqs", "get-queue-url", "--queue-name", "none")
	aws.refused(t, "does not implement DeleteQueue", "sqs", "delete-queue", "--queue-url", url)
}

func TestTheAWSCLIReadsRulesAndWhoItIs(t *testing.T) {
	t.Parallel()
	aws, _ := startCLI(t)
	got := []string{
		aws.get(t, "Arn", "sts", "get-caller-identity"),
		aws.get(t, "Rules.Name", "events", "list-rules"),
		aws.get(t, "", "events", "disable-rule", "--name", "track"),
		aws.get(t, "State", "events", "describe-rule", "--name", "track"),
		aws.get(t, "Targets.Id", "events", "list-targets-by-rule", "--rule", "track"),
	}
	want := []string{"arn:aws:iam::000000000000:root", "track", "", "DISABLED", "track"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if id := aws.get(t, "Entries.EventId", "events", "put-events", "--entries", `[{"Source":"mine","DetailType":"d","Detail":"{}"}]`); id == "" {
		t.Error("the event has no id")
	}
	aws.refused(t, "InvalidAction", "sts", "get-session-token")
}
