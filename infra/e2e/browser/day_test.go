package browser

import (
	"testing"

	"delfos/shared/status"
)

func TestADayIsMaterializedByAClick(t *testing.T) {
	t.Parallel()
	w := sharedWorld(t)
	const day = "2026-02-20"
	tab := open(t, w, "/partitions/"+day)
	tab.sees("Missing", "This day has no data")
	unmoved := tab.stays()
	tab.click(button("Materialize"))
	tab.sees("Materialized", "1,152 in 144 windows", "Succeeded")
	unmoved()
	of[bool](tab, button("Run again"), `function () { return true; }`)
	tab.until("draws the day's curves", func() bool { return eval[int](tab, `document.querySelectorAll("#curves svg").length`) >= 2 })
	w.allPublished(t, day)
	if found := w.day(t, day); found.Data != status.DataMaterialized || found.Attempt != status.AttemptSucceeded {
		t.Errorf("the status of %s is %+v", day, found)
	}
}

func TestADayIsWaivedAndTakenBack(t *testing.T) {
	t.Parallel()
	w := sharedWorld(t)
	const day = "2026-02-21"
	tab := open(t, w, "/partitions/"+day)
	tab.click(css("#waive summary"))
	tab.fill(css("#waive [name=reason]"), "the turbine was being serviced")
	tab.click(button("Waive the day"))
	tab.sees("Waived: the turbine was being serviced")
	if found := w.day(t, day); found.Data != status.DataWaived || found.WaivedReason != "the turbine was being serviced" {
		t.Errorf("the status of the waived day is %+v", found)
	}
	tab.click(button("Take it back"))
	tab.sees("This day has no data")
	if found := w.day(t, day); found.Data != status.DataMissing {
		t.Errorf("the status of the day that is waived no more is %+v", found)
	}
	if rows := w.inTarget(t, day); len(rows) != 0 {
		t.Errorf("waiving published %v", rows)
	}
}
