package command

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"delfos/shared/partition"
)

func testSchedule(t *testing.T, name, text, zone string) schedule {
	t.Helper()
	s, err := toSchedule(&scheduler.GetScheduleOutput{
		Name: &name, ScheduleExpression: &text, ScheduleExpressionTimezone: &zone, State: types.ScheduleStateEnabled,
		CreationDate: &testTime, Target: &types.Target{Arn: aws.String("arn:aws:lambda:us-east-1:000000000000:function:delfos-EtlFunction")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheNextTicksWarnWhereTheClocksChange(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		expression, zone, after string
		want                    []string // time in UTC, and a word of the warning
	}{
		"skipped": {"cron(30 1 * * ? *)", "Europe/Lisbon", "2026-03-27T12:00:00Z", []string{
			"2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z the one at 2026-03-29 01:30 does not exist", "2026-03-31T00:30:00Z",
		}},
		"repeated": {"cron(30 1 * * ? *)", "Europe/Lisbon", "2026-10-24T12:00:00Z", []string{
			"2026-10-25T00:30:00Z comes twice", "2026-10-26T01:30:00Z",
		}},
		"beside the change": {"cron(0 3 * * ? *)", "Europe/Lisbon", "2026-03-28T12:00:00Z", []string{
			"2026-03-29T02:00:00Z", "2026-03-30T02:00:00Z",
		}},
		"half an hour": {"cron(15 2 * * ? *)", "Australia/Lord_Howe", "2026-10-02T20:00:00Z", []string{
			"2026-10-04T15:15:00Z the one at 2026-10-04 02:15 does not exist",
		}},
		"no clock": {"rate(12 hours)", "Europe/Lisbon", "2026-10-24T18:00:00Z", []string{
			"2026-10-24T19:55:00Z", "2026-10-25T07:55:00Z",
		}},
		"never again": {"at(2026-01-01T00:00:00)", "UTC", "2026-10-24T18:00:00Z", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			after, err := time.Parse(time.RFC3339, test.after)
			if err != nil {
				t.Fatal(err)
			}
			ticks := testSchedule(t, "s", test.expression, test.zone).nextTicks(after, max(len(test.want), 1))
			if len(ticks) != len(test.want) {
				t.Fatalf("ticks %v, want %v", ticks, test.want)
			}
			for i, tick := range ticks {
				at, warning, _ := strings.Cut(test.want[i], " ")
				if tick.UTC.Format(time.RFC3339) != at || !strings.Contains(tick.Warning, warning) || (warning == "") != (tick.Warning == "") {
					t.Errorf("tick %d is %+v; want %s", i, tick, test.want[i])
				}
			}
		})
	}
}

func TestAPartOfANameIsEnoughWhereOneScheduleHasIt(t *testing.T) {
	t.Parallel()
	all := []schedule{{Name: "delfos-EtlFunctionDailyTick-1"}, {Name: "delfos-BackfillStateMachineSweep-2"}, {Name: "Sweep"}}
	for word, want := range map[string]string{
		"tick":                               all[0].Name,
		"machinesweep":                       all[1].Name,
		"Sweep":                              "Sweep", // whole
		"sweep":                              "!more than one schedule: delfos-BackfillStateMachineSweep-2, Sweep",
		"noon":                               "!there are delfos-EtlFunctionDailyTick-1",
		"delfos-BackfillStateMachineSweep-2": all[1].Name,
	} {
		found, err := named(all, word)
		if text, wrong := strings.CutPrefix(want, "!"); wrong {
			if err == nil || !strings.Contains(err.Error(), text) {
				t.Errorf("%s: %v, %v; want %s", word, found.Name, err, want)
			}
			continue
		}
		if err != nil || found.Name != want {
			t.Errorf("%s: %v, %v; want %s", word, found.Name, err, want)
		}
	}
}

// oneSchedule is a Scheduler with one schedule.
type oneSchedule struct {
	schedules

	is      scheduler.GetScheduleOutput
	updated *scheduler.UpdateScheduleInput
}

func (o *oneSchedule) GetSchedule(context.Context, *scheduler.GetScheduleInput, ...func(*scheduler.Options)) (*scheduler.GetScheduleOutput, error) {
	return &o.is, nil
}

func (o *oneSchedule) UpdateSchedule(_ context.Context, in *scheduler.UpdateScheduleInput, _ ...func(*scheduler.Options)) (*scheduler.UpdateScheduleOutput, error) {
	o.updated = in
	return &scheduler.UpdateScheduleOutput{}, nil
}

func TestToSwitchAScheduleChangesNothingButItsState(t *testing.T) {
	t.Parallel()
	one := &oneSchedule{is: scheduler.GetScheduleOutput{
		Name: aws.String("tick"), GroupName: aws.String("default"), State: types.ScheduleStateEnabled,
		ScheduleExpression: aws.String("cron(0 1 * * ? *)"), ScheduleExpressionTimezone: aws.String("Europe/Lisbon"),
		FlexibleTimeWindow:    &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeFlexible, MaximumWindowInMinutes: aws.Int32(5)},
		ActionAfterCompletion: types.ActionAfterCompletionNone, Description: aws.String("Runs the day that has ended."),
		StartDate: &testTime, EndDate: aws.Time(testTime.Add(time.Hour)), KmsKeyArn: aws.String("key"),
		Target: &types.Target{
			Arn: aws.String("arn"), RoleArn: aws.String("role"), Input: aws.String("{}"),
			RetryPolicy:      &types.RetryPolicy{MaximumRetryAttempts: aws.Int32(20)},
			DeadLetterConfig: &types.DeadLetterConfig{Arn: aws.String("queue")},
		},
	}}
	conn := connection{scheduler: one}
	if err := conn.setState(t.Context(), "tick", types.ScheduleStateEnabled); err != nil || one.updated != nil {
		t.Fatalf("it was on already: %v, %+v", err, one.updated)
	}
	if err := conn.setState(t.Context(), "tick", types.ScheduleStateDisabled); err != nil {
		t.Fatal(err)
	}
	is := one.is
	want := &scheduler.UpdateScheduleInput{
		Name: is.Name, GroupName: is.GroupName, State: types.ScheduleStateDisabled, ScheduleExpression: is.ScheduleExpression,
		ScheduleExpressionTimezone: is.ScheduleExpressionTimezone, FlexibleTimeWindow: is.FlexibleTimeWindow, Target: is.Target,
		ActionAfterCompletion: is.ActionAfterCompletion, Description: is.Description, StartDate: is.StartDate, EndDate: is.EndDate,
		KmsKeyArn: is.KmsKeyArn,
	}
	if diff := cmp.Diff(want, one.updated, cmpopts.IgnoreUnexported(
		scheduler.UpdateScheduleInput{}, types.FlexibleTimeWindow{}, types.Target{}, types.RetryPolicy{}, types.DeadLetterConfig{},
	)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestATickRunsTheDayThatItsInputSays(t *testing.T) {
	t.Parallel()
	calendar, err := partition.NewCalendar("Europe/Lisbon", partition.MustParseKey("2026-02-20"))
	if err != nil {
		t.Fatal(err)
	}
	for input, want := range map[string]string{
		`{"scheduled_time": "<aws.scheduler.scheduled-time>"}`: "2026-06-09", // in Lisbon it is 23:30, and the day is not over
		`{"partition": "2026-03-01"}`:                          "2026-03-01",
		`{"day": 1}`:                                           "",
		`{"partition": "2026-02-19"}`:                          "", // before the first
		`{"partition": "2026-06-10"}`:                          "", // not over
	} {
		key, err := schedule{Input: input}.partition(pipeline{calendar: calendar}, time.Date(2026, 6, 10, 22, 30, 0, 0, time.UTC))
		if (err != nil) != (want == "") || err == nil && key.String() != want {
			t.Errorf("%s: %s, %v; want %q", input, key, err, want)
		}
	}
}

func TestADayWithoutATickIsSaidToHaveNone(t *testing.T) {
	t.Parallel()
	s := testSchedule(t, "weekly", "cron(0 1 ? * MON *)", "UTC")
	found, err := connection{}.preview(t.Context(), pipeline{}, s, partition.MustParseKey("2026-11-24"), testTime) // a Tuesday
	if err != nil || len(found) != 1 || found[0].Ticks != 0 {
		t.Errorf("%+v, %v", found, err)
	}
}
