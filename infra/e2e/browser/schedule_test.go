package browser

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	"delfos/shared/partition"
	"delfos/shared/status"
)

// tick is the daily tick's name in the stack.
func (w *world) tick(t testing.TB) string {
	t.Helper()
	all, err := w.scheduler.ListSchedules(t.Context(), &scheduler.ListSchedulesInput{})
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range all.Schedules {
		if strings.Contains(*each.Name, "DailyTick") {
			return *each.Name
		}
	}
	t.Fatalf("there is no daily tick among %+v", all.Schedules)
	return ""
}

func (w *world) stateOf(t testing.TB, schedule string) types.ScheduleState {
	t.Helper()
	found, err := w.scheduler.GetSchedule(t.Context(), &scheduler.GetScheduleInput{Name: &schedule})
	if err != nil {
		t.Fatal(err)
	}
	return found.State
}

func TestAScheduleIsSwitchedOffAndOn(t *testing.T) {
	t.Parallel()
	w := sharedWorld(t)
	tick := w.tick(t)
	tab := open(t, w, "/schedules")
	off := element{role: "switch", name: "On , " + tick + ": switch off"}
	tab.click(off)
	tab.confirm()
	tab.sees("It is off: the ticks below do not come.")
	if state := w.stateOf(t, tick); state != types.ScheduleStateDisabled {
		t.Errorf("switched off, the schedule is %s", state)
	}
	tab.to("/")
	tab.sees("Turn it on")
	tab.to("/schedules")
	tab.click(element{role: "switch", name: "Off , " + tick + ": switch on"})
	of[bool](tab, off, `function () { return true; }`) // it is on again
	if state := w.stateOf(t, tick); state != types.ScheduleStateEnabled {
		t.Errorf("switched on, the schedule is %s", state)
	}
}

func TestATickOfAnyDayIsPreviewedAndLaunched(t *testing.T) {
	t.Parallel()
	w := sharedWorld(t)
	const day, ran = "2026-03-12", "2026-03-11"
	tab := open(t, w, "/schedules")
	tab.choose(css("#preview [name=day]"), day)
	tab.goesTo(`/schedules\?day=` + day)
	tab.sees("Runs " + ran)
	tab.click(css(`#preview form[action*="DailyTick"] button`))
	tab.goesTo("/runs/[^/]+")
	tab.sees("Run of "+ran, "Succeeded", "Schedule")
	w.allPublished(t, ran)
	runs, err := w.status.RunsOf(t.Context(), asset, partition.MustParseKey(ran), status.Page{})
	if err != nil || len(runs.Runs) != 1 || runs.Runs[0].Trigger != status.TriggerSchedule {
		t.Errorf("the runs of %s are %+v, %v", ran, runs.Runs, err)
	}
}
