package scheduler_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsscheduler "github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/scheduler"
)

// allFields compares the SDK's types with their unexported markers.
var allFields = cmp.Exporter(func(reflect.Type) bool { return true })

var now = time.Date(2026, 2, 26, 1, 2, 3, 456e6, time.UTC)

func at(t time.Time) func(*scheduler.Options) {
	return func(o *scheduler.Options) { o.Now = func() time.Time { return t } }
}

func TestTheAWSClientManagesASchedule(t *testing.T) {
	t.Parallel()
	sdk := client(t, open(t, &targets{}, at(now)))
	full := &awsscheduler.CreateScheduleInput{
		Name: aws.String("daily-tick_1.0"), GroupName: aws.String("default"), Description: aws.String("the daily run"),
		ScheduleExpression: aws.String("cron(0 1 * * ? *)"), ScheduleExpressionTimezone: aws.String("America/Sao_Paulo"),
		StartDate: aws.Time(now.Add(time.Hour)), EndDate: aws.Time(now.AddDate(1, 0, 0)), State: types.ScheduleStateDisabled,
		ActionAfterCompletion: types.ActionAfterCompletionDelete,
		FlexibleTimeWindow:    &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeFlexible, MaximumWindowInMinutes: aws.Int32(15)},
		Target: &types.Target{
			Arn: aws.String(functionARN), RoleArn: aws.String(roleARN), Input: aws.String(`{"scheduled_time":"<aws.scheduler.scheduled-time>"}`),
			DeadLetterConfig: &types.DeadLetterConfig{Arn: aws.String(deadARN)},
			RetryPolicy:      &types.RetryPolicy{MaximumEventAgeInSeconds: aws.Int32(3600), MaximumRetryAttempts: aws.Int32(5)},
		},
	}
	created, err := sdk.CreateSchedule(t.Context(), full)
	if err != nil {
		t.Fatal(err)
	}
	arn := "arn:aws:scheduler:eu-west-1:123456789012:schedule/default/daily-tick_1.0"
	got, err := sdk.GetSchedule(t.Context(), &awsscheduler.GetScheduleInput{Name: full.Name, GroupName: aws.String("default")})
	if err != nil {
		t.Fatal(err)
	}
	want := &awsscheduler.GetScheduleOutput{
		Arn: &arn, Name: full.Name, GroupName: full.GroupName, Description: full.Description, ScheduleExpression: full.ScheduleExpression,
		ScheduleExpressionTimezone: full.ScheduleExpressionTimezone, StartDate: full.StartDate, EndDate: full.EndDate, State: full.State,
		ActionAfterCompletion: full.ActionAfterCompletion, FlexibleTimeWindow: full.FlexibleTimeWindow, Target: full.Target,
		CreationDate: &now, LastModificationDate: &now,
	}
	got.ResultMetadata = want.ResultMetadata
	if diff := cmp.Diff(want, got, allFields); diff != "" || *created.ScheduleArn != arn {
		t.Errorf("%s %s", *created.ScheduleArn, diff)
	}

	updated, err := sdk.UpdateSchedule(t.Context(), &awsscheduler.UpdateScheduleInput{
		Name: full.Name, ScheduleExpression: aws.String("rate(5 minutes)"), FlexibleTimeWindow: &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeOff},
		Target: &types.Target{Arn: aws.String(machineARN), RoleArn: aws.String(roleARN)},
	})
	if err != nil || *updated.ScheduleArn != arn {
		t.Fatal(updated, err)
	}
	got, err = sdk.GetSchedule(t.Context(), &awsscheduler.GetScheduleInput{Name: full.Name})
	if err != nil {
		t.Fatal(err)
	}
	want = &awsscheduler.GetScheduleOutput{ // an update puts the default in the place of what it leaves out
		Arn: &arn, Name: full.Name, GroupName: full.GroupName, ScheduleExpression: aws.String("rate(5 minutes)"),
		ScheduleExpressionTimezone: aws.String("UTC"), State: types.ScheduleStateEnabled,
		ActionAfterCompletion: types.ActionAfterCompletionNone, FlexibleTimeWindow: &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeOff},
		Target: &types.Target{
			Arn: aws.String(machineARN), RoleArn: aws.String(roleARN),
			RetryPolicy: &types.RetryPolicy{MaximumEventAgeInSeconds: aws.Int32(86400), MaximumRetryAttempts: aws.Int32(185)},
		},
		CreationDate: &now, LastModificationDate: &now,
	}
	got.ResultMetadata = want.ResultMetadata
	if diff := cmp.Diff(want, got, allFields); diff != "" {
		t.Error(diff)
	}

	if _, err := sdk.DeleteSchedule(t.Context(), &awsscheduler.DeleteScheduleInput{Name: full.Name}); err != nil {
		t.Fatal(err)
	}
	_, err = sdk.GetSchedule(t.Context(), &awsscheduler.GetScheduleInput{Name: full.Name})
	if missing, ok := errors.AsType[*types.ResourceNotFoundException](err); !ok || missing.ErrorMessage() != "Schedule daily-tick_1.0 does not exist." {
		t.Error(err)
	}
}

func TestTheAWSClientListsSchedules(t *testing.T) {
	t.Parallel()
	sdk := client(t, open(t, &targets{}))
	for i := range 5 {
		input := daily(fmt.Sprintf("a-%d", i))
		if i == 3 {
			input.State = types.ScheduleStateDisabled
		}
		if _, err := sdk.CreateSchedule(t.Context(), input); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := sdk.CreateSchedule(t.Context(), daily("b")); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		input *awsscheduler.ListSchedulesInput
		want  []string
	}{
		"all":        {&awsscheduler.ListSchedulesInput{}, []string{"a-0", "a-1", "a-2", "a-3", "a-4", "b"}},
		"two a page": {&awsscheduler.ListSchedulesInput{MaxResults: aws.Int32(2), GroupName: aws.String("default")}, []string{"a-0", "a-1", "a-2", "a-3", "a-4", "b"}},
		"filtered":   {&awsscheduler.ListSchedulesInput{NamePrefix: aws.String("a-"), State: types.ScheduleStateEnabled, MaxResults: aws.Int32(1)}, []string{"a-0", "a-1", "a-2", "a-4"}},
		"none":       {&awsscheduler.ListSchedulesInput{NamePrefix: aws.String("c")}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var names []string
			pages := awsscheduler.NewListSchedulesPaginator(sdk, test.input)
			for pages.HasMorePages() {
				page, err := pages.NextPage(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, one := range page.Schedules {
					names = append(names, *one.Name)
					if *one.Target.Arn != functionARN || !strings.HasSuffix(*one.Arn, "/default/"+*one.Name) || one.CreationDate == nil {
						t.Errorf("%+v", one)
					}
				}
			}
			if diff := cmp.Diff(test.want, names); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheAWSClientUnderstandsRefusals(t *testing.T) {
	t.Parallel()
	sdk := client(t, open(t, &targets{}))
	if _, err := sdk.CreateSchedule(t.Context(), daily("there")); err != nil {
		t.Fatal(err)
	}
	_, err := sdk.CreateSchedule(t.Context(), daily("there"))
	if _, ok := errors.AsType[*types.ConflictException](err); !ok {
		t.Errorf("a name that is taken: %v", err)
	}
	elsewhere := daily("elsewhere")
	elsewhere.GroupName = aws.String("other")
	_, createErr := sdk.CreateSchedule(t.Context(), elsewhere)
	_, listErr := sdk.ListSchedules(t.Context(), &awsscheduler.ListSchedulesInput{GroupName: aws.String("other")})
	_, getErr := sdk.GetSchedule(t.Context(), &awsscheduler.GetScheduleInput{Name: aws.String("there"), GroupName: aws.String("other")})
	_, deleteErr := sdk.DeleteSchedule(t.Context(), &awsscheduler.DeleteScheduleInput{Name: aws.String("there"), GroupName: aws.String("other")})
	for _, err := range []error{createErr, listErr, getErr, deleteErr} {
		if missing, ok := errors.AsType[*types.ResourceNotFoundException](err); !ok || missing.ErrorMessage() != "Schedule group other does not exist." {
			t.Errorf("another group: %v", err)
		}
	}
	input := daily("gone")
	_, err = sdk.UpdateSchedule(t.Context(), &awsscheduler.UpdateScheduleInput{
		Name: input.Name, ScheduleExpression: input.ScheduleExpression, FlexibleTimeWindow: input.FlexibleTimeWindow, Target: input.Target,
	})
	if _, ok := errors.AsType[*types.ResourceNotFoundException](err); !ok {
		t.Errorf("an update of nothing: %v", err)
	}
	_, err = sdk.DeleteSchedule(t.Context(), &awsscheduler.DeleteScheduleInput{Name: aws.String("gone")})
	if _, ok := errors.AsType[*types.ResourceNotFoundException](err); !ok {
		t.Errorf("a deletion of nothing: %v", err)
	}
	if _, err = sdk.ListScheduleGroups(t.Context(), &awsscheduler.ListScheduleGroupsInput{}); err == nil || !strings.Contains(err.Error(), "does not implement GET /schedule-groups") {
		t.Errorf("another operation: %v", err)
	}
}

func TestABadScheduleIsRefusedByField(t *testing.T) {
	t.Parallel()
	sdk := client(t, open(t, &targets{}, at(now)))
	for field, change := range map[string]func(*awsscheduler.CreateScheduleInput){
		"Name":                       func(in *awsscheduler.CreateScheduleInput) { in.Name = aws.String("a b") },
		"ClientToken":                func(in *awsscheduler.CreateScheduleInput) { in.ClientToken = aws.String("a b") },
		"GroupName":                  func(in *awsscheduler.CreateScheduleInput) { in.GroupName = aws.String("a b") },
		"Description":                func(in *awsscheduler.CreateScheduleInput) { in.Description = aws.String(strings.Repeat("é", 513)) },
		"ScheduleExpression":         func(in *awsscheduler.CreateScheduleInput) { in.ScheduleExpression = aws.String("cron(0 1 * * * *)") },
		"day-of-month":               func(in *awsscheduler.CreateScheduleInput) { in.ScheduleExpression = aws.String("cron(0 1 * * * *)") },
		"ScheduleExpressionTimezone": func(in *awsscheduler.CreateScheduleInput) { in.ScheduleExpressionTimezone = aws.String("Mars/Olympus") },
		"StartDate":                  func(in *awsscheduler.CreateScheduleInput) { in.StartDate = aws.Time(now.Add(-6 * time.Minute)) },
		"EndDate":                    func(in *awsscheduler.CreateScheduleInput) { in.EndDate = &now },
		"StartDate must come before the EndDate": func(in *awsscheduler.CreateScheduleInput) {
			in.StartDate, in.EndDate = aws.Time(now.Add(time.Hour)), aws.Time(now.Add(time.Hour))
		},
		"State":                   func(in *awsscheduler.CreateScheduleInput) { in.State = "PAUSED" },
		"ActionAfterCompletion":   func(in *awsscheduler.CreateScheduleInput) { in.ActionAfterCompletion = "ARCHIVE" },
		"FlexibleTimeWindow.Mode": func(in *awsscheduler.CreateScheduleInput) { in.FlexibleTimeWindow.Mode = "ON" },
		"FlexibleTimeWindow.MaximumWindowInMinutes": func(in *awsscheduler.CreateScheduleInput) {
			in.FlexibleTimeWindow.MaximumWindowInMinutes = aws.Int32(5)
		},
		"want 1 to 1440": func(in *awsscheduler.CreateScheduleInput) { in.FlexibleTimeWindow.Mode = "FLEXIBLE" },
		"Target.Arn": func(in *awsscheduler.CreateScheduleInput) {
			in.Target.Arn = aws.String("arn:aws:sns:eu-west-1:123456789012:topic")
		},
		"Target.RoleArn": func(in *awsscheduler.CreateScheduleInput) { in.Target.RoleArn = aws.String("role") },
		"Target.Input":   func(in *awsscheduler.CreateScheduleInput) { in.Target.Input = aws.String("not JSON") },
		"want at most 262144": func(in *awsscheduler.CreateScheduleInput) {
			in.Target.Input = aws.String(`"` + strings.Repeat("x", 262144) + `"`)
		},
		"Target.DeadLetterConfig.Arn": func(in *awsscheduler.CreateScheduleInput) {
			in.Target.DeadLetterConfig = &types.DeadLetterConfig{Arn: aws.String(deadARN + ".fifo")}
		},
		"Target.RetryPolicy.MaximumEventAgeInSeconds": func(in *awsscheduler.CreateScheduleInput) {
			in.Target.RetryPolicy = &types.RetryPolicy{MaximumEventAgeInSeconds: aws.Int32(59)}
		},
		"Target.RetryPolicy.MaximumRetryAttempts": func(in *awsscheduler.CreateScheduleInput) {
			in.Target.RetryPolicy = &types.RetryPolicy{MaximumRetryAttempts: aws.Int32(186)}
		},
		"SqsParameters": func(in *awsscheduler.CreateScheduleInput) {
			in.Target.SqsParameters = &types.SqsParameters{MessageGroupId: aws.String("g")}
		},
		"EventBridgeParameters": func(in *awsscheduler.CreateScheduleInput) {
			in.Target.EventBridgeParameters = &types.EventBridgeParameters{DetailType: aws.String("d"), Source: aws.String("s")}
		},
		"KmsKeyArn": func(in *awsscheduler.CreateScheduleInput) {
			in.KmsKeyArn = aws.String("arn:aws:kms:eu-west-1:123456789012:key/k")
		},
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			input := daily("bad")
			change(input)
			_, err := sdk.CreateSchedule(t.Context(), input)
			if refused, ok := errors.AsType[*types.ValidationException](err); !ok || !strings.Contains(refused.ErrorMessage(), field) {
				t.Errorf("%v, want a ValidationException about %s", err, field)
			}
		})
	}
	for name, input := range map[string]*awsscheduler.ListSchedulesInput{
		"MaxResults": {MaxResults: aws.Int32(101)}, "State": {State: "PAUSED"}, "NextToken": {NextToken: aws.String("!")},
	} {
		_, err := sdk.ListSchedules(t.Context(), input)
		if refused, ok := errors.AsType[*types.ValidationException](err); !ok || !strings.Contains(refused.ErrorMessage(), name) {
			t.Errorf("%v, want a ValidationException about %s", err, name)
		}
	}
}

func TestWhatIsNoRequestOfTheAPIIsRefused(t *testing.T) {
	t.Parallel()
	service := open(t, &targets{})
	for name, test := range map[string]struct{ method, path, body, says string }{
		"no JSON":              {"POST", "/schedules/x", "{", "SerializationException"},
		"a mistyped member":    {"POST", "/schedules/x", `{"State":1}`, "SerializationException"},
		"a mistyped date":      {"POST", "/schedules/x", `{"StartDate":"tomorrow"}`, "SerializationException"},
		"an unknown parameter": {"GET", "/schedules?Limit=1", "", "Limit"},
		"another method":       {"PATCH", "/schedules/x", "", "does not implement PATCH"},
		"everything at once":   {"POST", "/schedules/x", "{}", "4 validation errors"},
		"too much":             {"POST", "/schedules/x", `{"Description":"` + strings.Repeat("x", 2<<20), "too large"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := httptest.NewRecorder()
			service.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), test.method, test.path, strings.NewReader(test.body)))
			if got := answer.Header().Get("X-Amzn-Errortype") + answer.Body.String(); answer.Code < http.StatusBadRequest || !strings.Contains(got, test.says) {
				t.Errorf("%d %s, want %q", answer.Code, got, test.says)
			}
		})
	}
}

func TestARepeatedRequestIsCarriedOutOnce(t *testing.T) {
	t.Parallel()
	sdk := client(t, open(t, &targets{}))
	input := daily("once")
	input.ClientToken = aws.String("token-1")
	for range 2 {
		if _, err := sdk.CreateSchedule(t.Context(), input); err != nil {
			t.Fatal(err)
		}
	}
	other := daily("another")
	other.ClientToken = input.ClientToken
	_, err := sdk.CreateSchedule(t.Context(), other)
	if refused, ok := errors.AsType[*types.ConflictException](err); !ok || !strings.Contains(refused.ErrorMessage(), "token-1") {
		t.Errorf("a token for something else: %v", err)
	}
	for range 2 {
		if _, err := sdk.DeleteSchedule(t.Context(), &awsscheduler.DeleteScheduleInput{Name: input.Name, ClientToken: aws.String("token-2")}); err != nil {
			t.Fatal(err)
		}
	}
}
