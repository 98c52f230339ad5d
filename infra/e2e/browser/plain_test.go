package browser

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/chromedp/cdproto/emulation"
)

// plain is a tab without JavaScript.
func plain(t testing.TB, w *world) *tab {
	t.Helper()
	tab := newTab(t, w)
	call(tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	return tab
}

func TestWithoutJavaScriptEveryPageReads(t *testing.T) {
	t.Parallel()
	w := sharedWorld(t)
	tab := plain(t, w)
	for path, heading := range map[string]string{
		"/": "", "/partitions": "Partitions", "/partitions/2026-02-20": "20 February 2026", "/runs": "Runs", "/backfills": "Backfills",
		"/backfills/new": "New backfill", "/schedules": "Schedules", "/api": "Source API",
	} {
		tab.until(path+" has all that it shows", func() bool { // the overview is sent without what takes too long
			tab.to(path)
			return eval[int](tab, `document.querySelectorAll(".skeleton").length`) == 0
		})
		if got := eval[string](tab, `document.querySelector("h1").innerText`); got == "" || !strings.Contains(got, heading) {
			t.Errorf("the heading of %s is %q", path, got)
		}
		if dead := eval[int](tab, `[...document.querySelectorAll("button[type=button]")].filter((e) => e.checkVisibility()).length`); dead > 0 {
			t.Errorf("%s has %d buttons that do nothing without JavaScript", path, dead)
		}
	}
}

func TestWithoutJavaScriptADayIsMaterialized(t *testing.T) {
	t.Parallel()
	w := sharedWorld(t)
	const day = "2026-03-21"
	tab := plain(t, w)
	tab.to("/partitions/" + day)
	tab.click(button("Materialize"))
	tab.sees("Materialized", "1,152 in 144 windows")
	w.allPublished(t, day)
}

func TestWithoutJavaScriptABackfillIsLaunchedAndCancelled(t *testing.T) {
	t.Parallel()
	w := sharedWorld(t)
	run := days("2026-03-22", 2)
	release := w.hold(t, run...)
	tab := plain(t, w)
	tab.to("/backfills/new")
	tab.click(css(`#plan-form [name=range][value=days]`))
	tab.choose(field("from"), run[0])
	tab.choose(field("to"), run[1])
	tab.click(button("Show the plan"))
	tab.sees("2 days would run", run[0]+" … "+run[1])
	tab.click(button("Launch 2 days"))
	name := tab.name()
	w.awaitRunning(t, 2, run...)
	tab.to("/backfills/" + name)
	tab.ends("Running")
	tab.click(css("details[data-menu] > summary"))
	tab.leaves(func() { tab.click(button("Cancel the backfill")) })
	tab.until("the page says that it is cancelled", func() bool {
		tab.to("/backfills/" + name)
		return strings.Contains(tab.says(), "Cancelled")
	})
	if found := w.execution(t, name); found.Status != types.ExecutionStatusAborted {
		t.Errorf("the execution is %s", found.Status)
	}
	w.awaitRunning(t, 0, run...)
	release()
	w.nothingOf(t, run...)
}
