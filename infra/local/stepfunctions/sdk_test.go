package stepfunctions

import (
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"delfos/infra/local/awsjson"
)

func client(t *testing.T, service *Service) *sfn.Client {
	t.Helper()
	server := httptest.NewServer(awsjson.Handler(service))
	t.Cleanup(server.Close)
	return sfn.New(sfn.Options{
		Region: region, BaseEndpoint: aws.String(server.URL), Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""),
	})
}

// await waits until an execution has ended, in real time.
func await(t *testing.T, c *sfn.Client, arn *string) *sfn.DescribeExecutionOutput {
	t.Helper()
	for {
		described, err := c.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: arn})
		if err != nil {
			t.Fatal(err)
		}
		if described.Status != types.ExecutionStatusRunning {
			return described
		}
		time.Sleep(time.Millisecond)
	}
}

// must takes an answer that has no error.
func must[T any](t *testing.T) func(T, error) T {
	t.Helper()
	return func(answer T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
}

func TestTheAWSClientRunsAndRedrivesAMapRun(t *testing.T) {
	t.Parallel()
	f := newFlaky(only("2"))
	w := openWorld(t, t.TempDir(), functions{"f": f.invoke})
	defer w.close()
	c, ctx := client(t, w.Service), t.Context()
	made := must[*sfn.CreateStateMachineOutput](t)(c.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{
		Name: aws.String("backfill"), RoleArn: aws.String(role), Definition: aws.String(each(`"MaxConcurrency": 1,`)),
		Tags: []types.Tag{{Key: aws.String("system"), Value: aws.String("delfos")}},
	}))
	tags := must[*sfn.ListTagsForResourceOutput](t)(c.ListTagsForResource(ctx, &sfn.ListTagsForResourceInput{ResourceArn: made.StateMachineArn}))
	if len(tags.Tags) != 1 || *tags.Tags[0].Value != "delfos" {
		t.Errorf("tags %+v", tags.Tags)
	}
	started := must[*sfn.StartExecutionOutput](t)(c.StartExecution(ctx, &sfn.StartExecutionInput{
		StateMachineArn: made.StateMachineArn, Name: aws.String("e"), Input: aws.String(`{"items":[1,2,3]}`),
	}))
	if age := time.Since(*started.StartDate); age < -time.Minute || age > time.Minute {
		t.Errorf("started %v", started.StartDate)
	}
	end := await(t, c, started.ExecutionArn)
	if end.Status != types.ExecutionStatusFailed || *end.Error != "States.ExceedToleratedFailureThreshold" || end.RedriveStatus != types.ExecutionRedriveStatusRedrivable {
		t.Errorf("%+v", end)
	}
	runs := must[*sfn.ListMapRunsOutput](t)(c.ListMapRuns(ctx, &sfn.ListMapRunsInput{ExecutionArn: started.ExecutionArn}))
	run := must[*sfn.DescribeMapRunOutput](t)(c.DescribeMapRun(ctx, &sfn.DescribeMapRunInput{MapRunArn: runs.MapRuns[0].MapRunArn}))
	if run.Status != types.MapRunStatusFailed || run.ItemCounts.Failed != 1 || run.ItemCounts.Pending != 1 || run.ExecutionCounts.Succeeded != 1 {
		t.Errorf("%+v %+v", run, run.ItemCounts)
	}
	f.mend()
	must[*sfn.RedriveExecutionOutput](t)(c.RedriveExecution(ctx, &sfn.RedriveExecutionInput{ExecutionArn: started.ExecutionArn}))
	if end = await(t, c, started.ExecutionArn); end.Status != types.ExecutionStatusSucceeded || *end.Output != "[1,2,3]" || *end.RedriveCount != 1 {
		t.Errorf("%+v", end)
	}
	var events []types.HistoryEvent
	pages := sfn.NewGetExecutionHistoryPaginator(c, &sfn.GetExecutionHistoryInput{ExecutionArn: started.ExecutionArn, MaxResults: 4})
	for pages.HasMorePages() {
		page := must[*sfn.GetExecutionHistoryOutput](t)(pages.NextPage(ctx))
		events = append(events, page.Events...)
	}
	redriven := events[7]
	if redriven.Type != types.HistoryEventTypeExecutionRedriven || *redriven.ExecutionRedrivenEventDetails.RedriveCount != 1 {
		t.Errorf("%+v", redriven)
	}
	if mapRun := events[8]; mapRun.MapRunRedrivenEventDetails == nil || *mapRun.MapRunRedrivenEventDetails.MapRunArn != *run.MapRunArn {
		t.Errorf("%+v", mapRun)
	}
	_, err := c.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: made.StateMachineArn, Name: aws.String("e")})
	if _, ok := errors.AsType[*types.ExecutionAlreadyExists](err); !ok {
		t.Errorf("want ExecutionAlreadyExists, got %v", err)
	}
	_, err = c.UpdateMapRun(ctx, &sfn.UpdateMapRunInput{MapRunArn: run.MapRunArn, MaxConcurrency: aws.Int32(2)})
	var refused *types.ValidationException
	if !errors.As(err, &refused) || refused.Reason != types.ValidationExceptionReasonCannotUpdateCompletedMapRun {
		t.Errorf("want ValidationException, got %v", err)
	}
	must[*sfn.DeleteStateMachineOutput](t)(c.DeleteStateMachine(ctx, &sfn.DeleteStateMachineInput{StateMachineArn: made.StateMachineArn}))
}

func TestTheAWSClientReadsEveryKindOfEvent(t *testing.T) {
	t.Parallel()
	w := openWorld(t, t.TempDir(), functions{"f": newFlaky(always).invoke})
	defer w.close()
	c, ctx := client(t, w.Service), t.Context()
	arn := w.start(`{"StartAt": "M", "States": {"M": {"Type": "Map", "Assign": {"n": 1}, "ItemProcessor": {"StartAt": "T", "States": {
		"T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "TimeoutSeconds": 9, "HeartbeatSeconds": 8,
			"Parameters": {"FunctionName": "f", "Payload": 1}, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Done"}], "End": true},
		"Done": {"Type": "Succeed"}}}, "End": true}}}`, "e", "[1]")
	await(t, c, &arn)
	page := must[*sfn.GetExecutionHistoryOutput](t)(c.GetExecutionHistory(ctx, &sfn.GetExecutionHistoryInput{ExecutionArn: &arn}))
	for _, event := range page.Events {
		switch event.Type {
		case types.HistoryEventTypeExecutionStarted:
			if details := event.ExecutionStartedEventDetails; *details.Input != "[1]" || *details.RoleArn != role {
				t.Errorf("%+v", details)
			}
		case types.HistoryEventTypeMapStateStarted:
			if event.MapStateStartedEventDetails.Length != 1 {
				t.Errorf("%+v", event.MapStateStartedEventDetails)
			}
		case types.HistoryEventTypeMapIterationStarted:
			if details := event.MapIterationStartedEventDetails; *details.Name != "M" || details.Index != 0 {
				t.Errorf("%+v", details)
			}
		case types.HistoryEventTypeTaskScheduled:
			details := event.TaskScheduledEventDetails
			if *details.Resource != "invoke" || *details.ResourceType != "lambda" || *details.Region != region ||
				*details.TimeoutInSeconds != 9 || *details.HeartbeatInSeconds != 8 || *details.Parameters != `{"FunctionName":"f","Payload":1}` {
				t.Errorf("%+v", details)
			}
		case types.HistoryEventTypeTaskFailed:
			if details := event.TaskFailedEventDetails; *details.Error != "Broken" || *details.ResourceType != "lambda" {
				t.Errorf("%+v", details)
			}
		case types.HistoryEventTypeMapStateExited:
			if details := event.StateExitedEventDetails; details.AssignedVariables["n"] != "1" {
				t.Errorf("%+v", details)
			}
		case types.HistoryEventTypeExecutionSucceeded:
			if event.ExecutionSucceededEventDetails.Output == nil {
				t.Errorf("%+v", event)
			}
		default:
		}
	}
}
