package pipeline_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/smithy-go/middleware"
	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/pipelinetest"
	localscheduler "delfos/infra/local/scheduler"
	"delfos/shared/pipeline"
	"delfos/shared/schedule"
	"delfos/shared/status"
)

func TestSchedulesAreListedWithTheirNextTicks(t *testing.T) {
	t.Parallel()
	w := pipelinetest.New(t, 1)
	all, err := w.Pipeline.Schedules(t.Context(), 3)
	if err != nil || len(all) != 2 {
		t.Fatal(all, err)
	}
	tick, sweep := all[0], all[1]
	if tick.Name != pipelinetest.Tick || tick.Target != pipeline.TargetEtl || sweep.Target != pipeline.TargetBackfill || !tick.On || tick.Problem != "" {
		t.Errorf("they are %+v, %+v", tick, sweep)
	}
	if len(tick.Next) != 3 || tick.Next[0].At.In(tick.Zone).Format("15:04") != "01:00" || tick.Next[1].At.Sub(tick.Next[0].At) != 24*time.Hour {
		t.Errorf("the next ticks are %v", tick.Next)
	}
	if _, err := w.Pipeline.Schedules(t.Context(), 1001); !is[*pipeline.InvalidError](err) {
		t.Errorf("1001 ticks: %v", err)
	}
}

func TestASwitchedScheduleKeepsAllElse(t *testing.T) {
	t.Parallel()
	w := pipelinetest.New(t, 1)
	client := scheduler.NewFromConfig(w.Config())
	name := pipelinetest.Sweep
	get := func() string {
		found, err := client.GetSchedule(t.Context(), &scheduler.GetScheduleInput{Name: &name})
		if err != nil {
			t.Fatal(err)
		}
		found.LastModificationDate, found.ResultMetadata = nil, middleware.Metadata{}
		text, err := json.Marshal(found)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	before := get()
	off, err := w.Pipeline.TurnSchedule(t.Context(), ana, name, false)
	if err != nil || off.On || len(off.Next) != 1 {
		t.Fatalf("off it is %+v: %v", off, err)
	}
	if kinds := kindsOf(w.Pipeline.Overview(t.Context()).Attention); !cmp.Equal(kinds, []string{"source", "schedule", "missing"}) {
		t.Errorf("what needs a person is %v", kinds)
	}
	if on, err := w.Pipeline.TurnSchedule(t.Context(), ana, name, true); err != nil || !on.On {
		t.Fatalf("on it is %+v: %v", on, err)
	}
	if diff := cmp.Diff(before, get()); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
	if _, err := w.Pipeline.TurnSchedule(t.Context(), ana, "nobody", true); !is[*pipeline.NotFoundError](err) {
		t.Errorf("one that is not there: %v", err)
	}
}

func TestATickIsPreviewedAndLaunched(t *testing.T) {
	t.Parallel()
	w := pipelinetest.New(t, 3)
	w.FillSource(t, w.Day(0), w.Day(1), w.Day(2))
	previews, err := w.Pipeline.PreviewTick(t.Context(), w.Day(2))
	if err != nil || len(previews) != 2 {
		t.Fatal(previews, err)
	}
	tick, sweep := previews[0], previews[1]
	if tick.Ticks != 1 || tick.Day.Key != w.Day(1) || sweep.Plan == nil || len(sweep.Plan.Partitions) != 2 {
		t.Errorf("they are %+v, %+v", tick, sweep)
	}
	led, err := w.Pipeline.LaunchTick(t.Context(), ana, pipelinetest.Tick, tick.First)
	if err != nil || led.RunID == "" || led.Partition != w.Day(1) {
		t.Fatalf("it led to %+v: %v", led, err)
	}
	if run, err := w.Pipeline.Run(t.Context(), led.RunID); err != nil || run.Trigger != status.TriggerSchedule {
		t.Errorf("the run is %+v: %v", run, err)
	}
	led, err = w.Pipeline.LaunchTick(t.Context(), ana, pipelinetest.Sweep, w.Now())
	if err != nil || !strings.HasPrefix(led.Backfill, "tick-") {
		t.Fatalf("the sweep led to %+v: %v", led, err)
	}
	if end := w.AwaitEnd(t, led.Backfill, 1); end != "SUCCEEDED" {
		t.Error(end)
	}
	if _, err := w.Pipeline.LaunchTick(t.Context(), ana, pipelinetest.Tick, w.Now().AddDate(1, 0, 0)); !is[*pipeline.NotFoundError](err) {
		t.Errorf("in a year: %v", err)
	}
	if _, err := w.Pipeline.LaunchTick(t.Context(), ana, pipelinetest.Tick, time.Time{}); !is[*pipeline.InvalidError](err) {
		t.Errorf("at no time: %v", err)
	}
	if _, err := w.Pipeline.LaunchTick(t.Context(), ana, "nobody", w.Now()); !is[*pipeline.NotFoundError](err) {
		t.Errorf("of no schedule: %v", err)
	}
	ofAWS := remade(t, w, func(o *pipeline.Options) { o.TickLogGroup = "" })
	ticks, err := ofAWS.Ticks(t.Context(), 10)
	if err != nil || len(ticks) != 2 || ticks[0].Backfill.Name != led.Backfill || ticks[1].Run.Partition != w.Day(1) {
		t.Errorf("told by what they did, the ticks are %+v: %v", ticks, err)
	}
}

func TestAPreviewSaysWhatTheEtlWouldRefuse(t *testing.T) {
	t.Parallel()
	w := pipelinetest.New(t, 3)
	previews, err := w.Pipeline.PreviewTick(t.Context(), w.Day(0)) // whose tick runs the day before the first
	if err != nil || len(previews) != 2 {
		t.Fatal(previews, err)
	}
	if tick := previews[0]; tick.Day != nil || !strings.Contains(tick.Problem, "before the first") {
		t.Errorf("the tick is %+v", tick)
	}
}

func TestThePastTicksSayWhatTheyDid(t *testing.T) {
	t.Parallel()
	w := pipelinetest.New(t, 2)
	w.FillSource(t, w.Day(0), w.Day(1))
	if ticks, err := w.Pipeline.Ticks(t.Context(), 10); err != nil || len(ticks) != 0 {
		t.Fatalf("before any there are %+v: %v", ticks, err)
	}
	led, err := w.Pipeline.LaunchTick(t.Context(), ana, pipelinetest.Tick, w.Now())
	if err != nil {
		t.Fatal(err)
	}
	run, err := w.Pipeline.Run(t.Context(), led.RunID)
	if err != nil {
		t.Fatal(err)
	}
	at := w.Now().UTC().Truncate(time.Second)
	for _, firing := range []schedule.Firing{
		{Schedule: pipelinetest.Tick, ScheduledTime: at, FiredAt: at.Add(time.Second), Outcome: schedule.Started, Started: run.RequestID},
		{Schedule: pipelinetest.Tick, ScheduledTime: at, FiredAt: at.Add(2 * time.Second), Outcome: schedule.Missed, Missed: 3},
		{Schedule: pipelinetest.Sweep, ScheduledTime: at, FiredAt: at.Add(3 * time.Second), Outcome: schedule.Started, Started: w.Options.StateMachineARN + ":nobody"},
	} {
		line, err := json.Marshal(firing)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Logs.Append(localscheduler.TickLogGroup, firing.Schedule, firing.FiredAt, string(line)); err != nil {
			t.Fatal(err)
		}
	}
	ticks, err := w.Pipeline.Ticks(t.Context(), 10)
	if err != nil || len(ticks) != 3 {
		t.Fatal(ticks, err)
	}
	if ticks[0].Schedule != pipelinetest.Sweep || ticks[0].Backfill != nil || ticks[1].Missed != 3 || ticks[2].Run == nil || ticks[2].Run.ID != led.RunID {
		t.Errorf("they are %+v", ticks)
	}
	if few, err := w.Pipeline.Ticks(t.Context(), 1); err != nil || len(few) != 1 {
		t.Errorf("one of them: %+v, %v", few, err)
	}
}
