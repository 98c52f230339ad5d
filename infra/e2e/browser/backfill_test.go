package browser

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/google/go-cmp/cmp"
)

// cell is a day among all days of the calendar.
func cell(day string) element { return css(`#years .cells a[href$="` + day + `"]`) }

// name is a backfill's, of the page that the tab is on.
func (tab *tab) name() string {
	tab.t.Helper()
	return strings.TrimPrefix(tab.goesTo(`/backfills/(console|[a-z]+)-[^/?]+`), "/backfills/")
}

// ends waits until the heading of a backfill says how it stands, and the page the rest.
func (tab *tab) ends(state string, texts ...string) {
	tab.t.Helper()
	tab.until("the backfill is "+state, func() bool {
		return strings.Contains(eval[string](tab, `document.querySelector("h1")?.innerText ?? ""`), state)
	})
	tab.sees(texts...)
}

func TestABackfillOfTheCalendarsSelectionRunsJustThePlanShown(t *testing.T) {
	t.Parallel()
	w := sharedWorld(t)
	run := days("2026-02-22", 5)
	w.run(t, run[2]) // which the plan then leaves out
	left := []string{run[0], run[1], run[3], run[4]}

	tab := open(t, w, "/partitions")
	unmoved := tab.stays()
	tab.until("dragging selects", func() bool { // again where what is live has moved the cells
		tab.drag(cell(run[0]), cell(run[4]))
		return strings.Contains(tab.at(), "from="+run[0]) && strings.Contains(tab.at(), "to="+run[4])
	})
	tab.selects(run[0]+" – "+run[4], "5 days")
	unmoved()
	tab.click(button("Missing"))
	tab.sees("The plan: 4 days run, 1 left out", run[0]+" … "+run[1], run[3]+" … "+run[4])
	if at := tab.at(); !strings.Contains(at, "from="+run[0]) || !strings.Contains(at, "plan=missing") {
		t.Errorf("%s does not lead back to the plan", at)
	}
	hash := eval[string](tab, `document.querySelector("#plan [name=plan_hash]").value`)
	tab.click(button("Run 4 days"))

	name := tab.name()
	unmoved = tab.stays()
	tab.ends("Succeeded", "4 of 4, 100 %")
	unmoved()
	w.succeeded(t, name, left...)
	w.allPublished(t, left...)
	var input struct {
		PlanHash string `json:"plan_hash"`
	}
	if err := json.Unmarshal([]byte(*w.execution(t, name).Input), &input); err != nil || input.PlanHash != hash {
		t.Errorf("the execution's input is of plan %s; shown was %s; %v", input.PlanHash, hash, err)
	}
	await(t, "the page lists just the days that were planned", func() (string, bool) { // in a part of its own
		listed := eval[[]string](tab, `[...document.querySelectorAll("#partitions tbody th")].map((e) => e.innerText.trim()).sort()`)
		diff := cmp.Diff(left, listed)
		return diff, diff == ""
	})
}

// selects waits until the heading of the calendar's selection says this, and how many.
func (tab *tab) selects(days, n string) {
	tab.t.Helper()
	tab.until("selects "+days+", "+n, func() bool {
		head := eval[string](tab, `document.querySelector("#selection .card__head")?.innerText ?? ""`)
		return strings.Join(strings.Fields(head), " ") == days+" "+n
	})
}

// plan fills the form of a new backfill and launches what it shows.
func (tab *tab) launch(first, last, atOnce string, days string) string {
	tab.t.Helper()
	tab.to("/backfills/new")
	tab.sees("would run")
	tab.click(css(`#plan-form [name=range][value=days]`))
	tab.choose(field("from"), first)
	tab.choose(field("to"), last)
	tab.fill(field("max_concurrency"), atOnce)
	tab.sees(days+" would run", atOnce+" at once")
	tab.click(button("Launch " + days))
	return tab.name()
}

func TestABackfillIsCancelledAndRedriven(t *testing.T) {
	t.Parallel()
	w := sharedWorld(t)
	run := days("2026-02-27", 4)
	release := w.hold(t, run...)
	tab := newTab(t, w)
	name := tab.launch(run[0], run[3], "2", "4 days")
	w.awaitRunning(t, 2, run...)
	tab.ends("Running")

	tab.click(css("details[data-menu] > summary"))
	tab.fill(css("details[data-menu] [name=reason]"), "a test")
	tab.click(button("Cancel the backfill"))
	tab.confirm()
	tab.goesTo("/backfills/" + name)
	tab.ends("Cancelled", "Why it was cancelled", "a test", "Redrive what is left")
	if found := w.execution(t, name); found.Status != types.ExecutionStatusAborted {
		t.Errorf("the execution is %s", found.Status)
	}
	w.awaitRunning(t, 0, run...)
	release()
	w.nothingOf(t, run...)
	tab.click(button("Redrive what is left"))
	tab.confirm()
	tab.ends("Succeeded", "4 of 4, 100 %")
	w.succeeded(t, name, run...)
	w.allPublished(t, run...)
}

func TestAFailedBackfillIsRedrivenOnceTheSourceIsMended(t *testing.T) {
	t.Parallel()
	w := sharedWorld(t)
	run := days("2026-03-03", 3)
	source := connect(t, w.SourceDSN)
	const of = ` data WHERE timestamp >= '2026-03-04Z' AND timestamp < '2026-03-05Z'`
	execute(t, source, `CREATE TEMPORARY TABLE kept AS SELECT * FROM`+of)
	execute(t, source, `DELETE FROM`+of)
	tab := newTab(t, w)
	name := tab.launch(run[0], run[2], "4", "3 days")
	tab.ends("Failed", "Why it failed", "EmptyPartition", "2 of 3")
	if found := w.execution(t, name); found.Status != types.ExecutionStatusFailed || aws.ToString(found.Error) != "PartitionsFailed" {
		t.Errorf("the execution is %s with %s", found.Status, aws.ToString(found.Error))
	}
	w.allPublished(t, run[0], run[2])
	tab.to("/")
	tab.sees(name)
	tab.to("/partitions/" + run[1])
	tab.sees("EmptyPartition", "The source has no sample of this day")

	execute(t, source, `INSERT INTO data SELECT * FROM kept`)
	tab.to("/backfills/" + name)
	tab.click(button("Redrive what is left"))
	tab.confirm()
	tab.ends("Succeeded", "3 of 3, 100 %")
	w.succeeded(t, name, run...)
	w.allPublished(t, run...)
	if again := w.day(t, run[0]).Generation; again != 1 {
		t.Errorf("%s, which had succeeded, was run %d times", run[0], again)
	}
}

func TestTheConcurrencyOfARunningBackfillIsChanged(t *testing.T) {
	t.Parallel()
	w := sharedWorld(t)
	run := days("2026-03-06", 4)
	release := w.hold(t, run...)
	tab := newTab(t, w)
	name := tab.launch(run[0], run[3], "1", "4 days")
	unmoved := tab.stays()
	w.awaitRunning(t, 1, run...)
	tab.fill(field("max_concurrency"), "3")
	tab.click(button("Change"))
	tab.sees("3 at once")
	w.awaitRunning(t, 3, run...)
	if got := w.concurrency(t, name); got != 3 {
		t.Errorf("the map run's concurrency is %d", got)
	}
	release()
	tab.ends("Succeeded", "4 of 4, 100 %")
	unmoved()
	w.succeeded(t, name, run...)
	w.allPublished(t, run...)
}

// concurrency is that of a backfill's only map run.
func (w *world) concurrency(t testing.TB, name string) int32 {
	t.Helper()
	runs, err := w.sfn.ListMapRuns(t.Context(), &sfn.ListMapRunsInput{ExecutionArn: aws.String(w.executionARN(name))})
	if err != nil || len(runs.MapRuns) != 1 {
		t.Fatalf("%+v, %v", runs, err)
	}
	found, err := w.sfn.DescribeMapRun(t.Context(), &sfn.DescribeMapRunInput{MapRunArn: runs.MapRuns[0].MapRunArn})
	if err != nil {
		t.Fatal(err)
	}
	return found.MaxConcurrency
}
