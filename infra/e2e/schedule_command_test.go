package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	localscheduler "delfos/infra/local/scheduler"
	"delfos/shared/backfill"
	"delfos/shared/status"
)

// scheduleAnswer is what `schedule` says of one as JSON.
type scheduleAnswer struct {
	Name       string    `json:"name"`
	Target     string    `json:"target"`
	Expression string    `json:"expression"`
	TimeZone   string    `json:"time_zone"`
	State      string    `json:"state"`
	Next       time.Time `json:"next"`
}

// stateOf is how the one schedule whose name has the word in it stands.
func stateOf(t testing.TB, dir, word string) string {
	t.Helper()
	for _, s := range answer[[]scheduleAnswer](t, dir, "schedule") {
		if strings.Contains(s.Name, word) {
			return s.State
		}
	}
	t.Fatalf("no schedule is called like %s", word)
	return ""
}

func TestAScheduleThatIsOffStaysOffUntilItIsOnAgain(t *testing.T) {
	t.Parallel()
	dir, _ := startStack(t, "--seed-days", "0", "--parameter", "PartitionTimeZone=Europe/Lisbon")
	for _, s := range answer[[]scheduleAnswer](t, dir, "schedule") {
		if s.State != "ENABLED" || s.TimeZone != "Europe/Lisbon" || !s.Next.After(time.Now()) || s.Next.After(time.Now().Add(25*time.Hour)) {
			t.Errorf("schedule %+v", s)
		}
	}
	must(t, dir, "schedule", "off", "tick")
	must(t, dir, "down")
	bringUp(t, dir)
	if tick, sweep := stateOf(t, dir, "DailyTick"), stateOf(t, dir, "Sweep"); tick != "DISABLED" || sweep != "ENABLED" {
		t.Errorf("after a restart the tick is %s, and the sweep %s", tick, sweep)
	}
	if r := must(t, dir, "schedule", "on", "tick"); !strings.Contains(r.stdout, "is on; its next tick is") {
		t.Errorf("schedule on says %s", r.stdout)
	}
	if tick := stateOf(t, dir, "DailyTick"); tick != "ENABLED" {
		t.Errorf("turned on, the tick is %s", tick)
	}
	if r := delfos(t, dir, "schedule", "off", "e"); r.code != 1 || !strings.Contains(r.stderr, "more than one schedule") {
		t.Errorf("schedule off e: exit %d, %s", r.code, r.stderr)
	}
}

func TestAPreviewSaysWhatADaysTicksRun(t *testing.T) {
	t.Parallel()
	dir, stack := sharedStack(t)
	fillSource(t, stack, "2026-06-10", 1)
	must(t, dir, "materialize", "--partition", "2026-06-10")
	found := answer[[]struct {
		Schedule string            `json:"schedule"`
		First    time.Time         `json:"first"`
		Day      *status.Partition `json:"day"`
		Plan     *backfill.Plan    `json:"plan"`
	}](t, dir, "schedule", "preview", "2026-06-11")
	seen := 0
	for _, one := range found {
		switch {
		case strings.Contains(one.Schedule, "DailyTick"):
			seen++
			if one.Day == nil || one.Day.Key.String() != "2026-06-10" || one.Day.Data != status.DataMaterialized ||
				one.First.Format(time.RFC3339) != "2026-06-11T01:00:00Z" {
				t.Errorf("the tick is %+v", one)
			}
		case strings.Contains(one.Schedule, "Sweep"):
			seen++
			if one.Plan == nil || one.Plan.From.String() != "2026-05-12" || one.Plan.To.String() != "2026-06-10" ||
				len(one.Plan.Excluded[backfill.WhyMaterialized]) == 0 {
				t.Errorf("the sweep is %+v", one)
			}
		}
	}
	if seen != 2 {
		t.Errorf("the preview is %+v", found)
	}
	text := must(t, dir, "schedule", "preview", "2026-06-11").stdout
	if !strings.Contains(text, "runs 2026-06-10, which is materialized") {
		t.Errorf("the preview says\n%s", text)
	}
}

func TestATickThatFiredIsInTheHistory(t *testing.T) {
	t.Parallel()
	dir, stack := sharedStack(t)
	fillSource(t, stack, "2026-06-20", 1)
	client := scheduler.New(scheduler.Options{
		Region: stack.Region, BaseEndpoint: &stack.AWSEndpointURL, Credentials: credentials.NewStaticCredentialsProvider("any", "any", ""),
	})
	at := time.Now().UTC().Add(2 * time.Second).Truncate(time.Second)
	_, err := client.CreateSchedule(t.Context(), &scheduler.CreateScheduleInput{
		Name: aws.String("once"), ScheduleExpression: aws.String(at.Format("at(2006-01-02T15:04:05)")),
		FlexibleTimeWindow: &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeOff},
		Target: &types.Target{
			Arn:     aws.String("arn:aws:lambda:us-east-1:000000000000:function:" + stack.Functions["EtlFunction"]),
			RoleArn: aws.String("arn:aws:iam::000000000000:role/any"),
			Input:   aws.String(`{"partition": "2026-06-20"}`),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	var ticks []localscheduler.Tick
	for deadline := time.Now().Add(time.Minute); len(ticks) == 0 && time.Now().Before(deadline); {
		ticks = answer[[]localscheduler.Tick](t, dir, "schedule", "history", "once")
	}
	if len(ticks) != 1 || ticks[0].Outcome != localscheduler.Started || !ticks[0].ScheduledTime.Equal(at) {
		t.Fatalf("the history is %+v; want one tick, at %v", ticks, at)
	}
	awaitAttempt(t, dir, "2026-06-20", status.AttemptSucceeded)
	if next := answer[[]struct{}](t, dir, "schedule", "next", "once"); len(next) != 0 {
		t.Errorf("it ticks %d times more", len(next))
	}
}
