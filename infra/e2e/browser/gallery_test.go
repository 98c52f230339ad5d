package browser

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"delfos/infra/local"
	"delfos/shared/partition"
)

// exhibit is a page in a state that is worth looking at.
type exhibit struct{ name, path string }

// variant is how a page is looked at.
type variant struct {
	theme string
	width int64
}

// TestEveryPageIsFitToBeSeen opens every page, at first of a stack in which nothing has
// happened yet and then of one in which everything has: nothing is wider than the
// screen, axe-core finds nothing serious, and the browser nothing to complain of, such
// as what the Content-Security-Policy forbids.
func TestEveryPageIsFitToBeSeen(t *testing.T) {
	t.Parallel()
	needsAxe(t)
	w := newWorld(t, local.Options{SeedDays: 40})
	if err := w.tickLater(t.Context()); err != nil {
		t.Fatal(err)
	}
	tab := newTab(t, w)
	tab.allow(`status of 404`)
	tab.show([]exhibit{
		{"empty-overview", "/"},
		{"empty-partitions", "/partitions"},
		{"empty-day", "/partitions/2026-02-20"},
		{"empty-runs", "/runs"},
		{"empty-backfills", "/backfills"},
		{"empty-schedules", "/schedules"},
	})
	failedRun, release := w.live(t)
	defer release()
	goodRun := w.day(t, "2026-02-24").RunID
	tab.show([]exhibit{
		// What runs is held up, and does not wait for ever.
		{"day-running", "/partitions/2026-03-15"},
		{"backfill-running", "/backfills/repair-of-march"},
		{"overview", "/"},
		{"partitions", "/partitions?month=2026-03"},
		{"selection", "/partitions?from=2026-03-08&to=2026-03-20&month=2026-03"},
		{"filtered", "/partitions?attempt=failed&month=2026-03"},
		{"plan", "/partitions?from=2026-03-08&to=2026-04-20&plan=missing&month=2026-03"},
		{"day", "/partitions/2026-02-24"},
		{"day-stale", "/partitions/2026-02-26"},
		{"day-failed", "/partitions/2026-03-05"},
		{"day-waived", "/partitions/2026-03-12"},
		{"day-before-the-first", "/partitions/2020-01-01"},
		{"runs", "/runs"},
		{"runs-none", "/runs?outcome=cancelled&trigger=schedule"},
		{"run", "/runs/" + goodRun},
		{"run-failed", "/runs/" + failedRun},
		{"backfills", "/backfills"},
		{"backfill-failed", "/backfills/february-and-more"},
		{"backfill-cancelled", "/backfills/too-much"},
		{"backfill-long-name", "/backfills/" + longName},
		{"backfill-new", "/backfills/new"},
		{"schedules", "/schedules?day=2026-03-12"},
		{"api", "/api?variables=wind_speed&variables=power&start=2026-02-24T00%3A00&end=2026-02-25T00%3A00"},
		{"not-found", "/nothing"},
	})
	w.showOthers(t, "too-much", failedRun)
}

// show looks at pages one after the other.
func (tab *tab) show(exhibits []exhibit) {
	tab.t.Helper()
	for _, e := range exhibits {
		tab.theme("light")
		tab.resize(wide, 900)
		tab.to(e.path)
		tab.until(e.name+" is there", func() bool { return eval[int](tab, `document.querySelectorAll("#main .skeleton").length`) == 0 })
		tab.look(e.name)
	}
}

// look looks at the page as it is in all variants, or in the two most unlike where no
// pictures are wanted.
func (tab *tab) look(page string) {
	tab.t.Helper()
	variants := []variant{{"light", wide}, {"dark", narrow}}
	if os.Getenv("DELFOS_SCREENSHOTS") != "" {
		variants = append(variants, variant{"dark", wide}, variant{"light", narrow})
	}
	for i, v := range variants {
		tab.theme(v.theme)
		tab.resize(v.width, 900)
		name := fmt.Sprintf("%s-%s-%d", page, v.theme, v.width)
		tab.picture(name)
		if beyond := eval[[]string](tab, overflowing); len(beyond) > 0 {
			tab.t.Errorf("%s does not fit: %q", name, beyond)
		}
		if i < 2 {
			tab.accessible(name)
		}
	}
}

// overflowing lists what makes a page wider than its screen, the tables of which one does
// not see the last column, and the choices of which one does not see the last.
const overflowing = `(() => {
	const width = document.documentElement.clientWidth;
	const wider = document.documentElement.scrollWidth <= width ? [] :
		[...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > width + 1);
	const cut = [...document.querySelectorAll(".table-wrap, .segmented")].filter((e) => e.scrollWidth > e.clientWidth + 1);
	return [...wider, ...cut].slice(0, 5).map((e) => e.outerHTML.slice(0, 160));
})()`

// live brings about all states that there are: days that are materialized, stale,
// missing, waived, failed and running, and backfills that failed, were cancelled and run.
func (w *world) live(t testing.TB) (failedRun string, release func()) {
	t.Helper()
	source := connect(t, w.SourceDSN)
	execute(t, source, `DELETE FROM data WHERE timestamp >= '2026-03-05Z' AND timestamp < '2026-03-06Z'`)
	execute(t, source, `DELETE FROM data WHERE timestamp >= '2026-02-24T09:00Z' AND timestamp < '2026-02-24T11:30Z'`)
	w.backfill(t, "february-and-more", `{"to":"2026-03-07","max_concurrency":8,"reason":"the first days, all of them"}`)
	w.awaitEnd(t, "february-and-more")
	failedRun = w.day(t, "2026-03-05").RunID
	w.backfill(t, longName, fmt.Sprintf(`{"to":"2026-02-20","select":"all","reason":%q}`, strings.Repeat("and for a long reason ", 11)))
	w.awaitEnd(t, longName)

	execute(t, source, `UPDATE data SET power = power + 1 WHERE timestamp >= '2026-02-26Z' AND timestamp < '2026-02-27Z'`)
	_, err := w.lambda.Invoke(t.Context(), &lambda.InvokeInput{
		FunctionName: aws.String(w.Functions["PlanBackfillFunction"]), Payload: []byte(`{"request":{"select":"stale"}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	first := days("2026-03-08", 2)
	letGo := w.hold(t, first...)
	w.backfill(t, "too-much", `{"from":"2026-03-08","to":"2026-03-11","max_concurrency":2}`)
	w.awaitRunning(t, 2, first...)
	_, err = w.sfn.StopExecution(t.Context(), &sfn.StopExecutionInput{
		ExecutionArn: aws.String(w.executionARN("too-much")), Error: aws.String("Cancelled"), Cause: aws.String("cancelled by ana with console: the source is being repaired"),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.awaitRunning(t, 0, first...)
	letGo()
	w.run(t, "2026-03-10")
	_, err = w.status.Waive(t.Context(), asset, partition.MustParseKey("2026-03-12"), "the turbine was being serviced", time.Now())
	if err != nil {
		t.Fatal(err)
	}

	held := days("2026-03-15", 3)
	release = w.hold(t, held...)
	w.backfill(t, "repair-of-march", `{"from":"2026-03-13","to":"2026-03-26","max_concurrency":3,"reason":"the source is repaired"}`)
	w.awaitRunning(t, 3, held...)
	return failedRun, release
}
