package runs_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"delfos/shared/console/site"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
	"delfos/shared/status"
)

func TestTheAddressSaysWhichRuns(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]struct {
		filter pipeline.RunFilter
		before string
	}{
		"/runs":                               {},
		"/runs?outcome=failed&trigger=manual": {pipeline.RunFilter{Outcome: status.OutcomeFailed, Trigger: status.TriggerManual}, ""},
		"/runs?partition=2026-02-21&before=3": {pipeline.RunFilter{Partition: day}, "3"},
		"/runs?backfill=b-1&within=1h":        {pipeline.RunFilter{Backfill: "b-1", Since: now.Add(-time.Hour)}, ""},
		"/runs/fragment?outcome=&trigger=":    {},
	} {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			f := &fake{runs: some()}
			if got := browser(t, f, site.Options{}).Get(address); got.Status != 200 {
				t.Fatalf("status %d: %s", got.Status, got.Body)
			}
			if diff := cmp.Diff(want.filter, f.filter, cmpopts.EquateComparable(partition.Key{})); diff != "" || f.page.Before != want.before {
				t.Errorf("page %+v, filter (-want +got):\n%s", f.page, diff)
			}
		})
	}
}

func TestAWrongParameterGetsAPageThatHelps(t *testing.T) {
	t.Parallel()
	b := browser(t, &fake{runs: some()}, site.Options{})
	for address, want := range map[string]struct {
		status int
		says   string
	}{
		"/runs?outcome=bad":                         {400, "none of running, succeeded, failed, cancelled"},
		"/runs?partition=2026-02-30":                {400, "no day that exists"},
		"/runs?outcom=failed":                       {400, "there is no such parameter"},
		"/runs/fragment?within=3y":                  {400, "none of 15m"},
		"/runs/01NONE":                              {404, "There is no run 01NONE"},
		"/runs/01NONE/log":                          {404, "check its id"},
		"/runs/%3Cscript%3Ealert(1)%3C%2Fscript%3E": {404, "&lt;script&gt;"},
	} {
		got := b.Get(address)
		if got.Status != want.status || !strings.Contains(strings.ToLower(got.Body), strings.ToLower(want.says)) {
			t.Errorf("%s: status %d, want %d and %q in %s", address, got.Status, want.status, want.says, got.Body)
		}
	}
}

func TestRunsAreListedAndDrawn(t *testing.T) {
	t.Parallel()
	f := &fake{runs: some()}
	body := browser(t, f, site.Options{}).Get("/runs").Body
	for _, want := range []string{
		`href="/runs/01B"`, `data-poll="/runs/fragment"`, "EmptyPartition", "&lt;script&gt;alert(", `class="lanes`, "lanes__break", "attempt--cancelled",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	if strings.Contains(body, "<script>alert") || strings.Contains(body, "NaN") {
		t.Error("an error's text became markup, or a number is none")
	}
}

func TestOlderRunsAreAPageOfTheirOwn(t *testing.T) {
	t.Parallel()
	f := &fake{}
	for i := range 100 {
		f.runs = append(f.runs, run(fmt.Sprintf("01%03d", i), i, status.OutcomeSucceeded))
	}
	b := browser(t, f, site.Options{})
	if body := b.Get("/runs?outcome=succeeded").Body; !strings.Contains(body, `href="/runs?before=60&amp;outcome=succeeded"`) {
		t.Error("the first page does not lead to the next")
	}
	body := b.Get("/runs?before=60&outcome=succeeded").Body
	if strings.Contains(body, `data-poll="`) || !strings.Contains(body, "Back to the newest") || !strings.Contains(body, "01099") {
		t.Error("older runs follow what happens, or do not lead back")
	}
}

func TestEmptyPagesSayWhatToDo(t *testing.T) {
	t.Parallel()
	b := browser(t, &fake{}, site.Options{})
	for address, want := range map[string]string{"/runs": "Nothing has been run yet", "/runs?outcome=failed": "No run matches"} {
		if body := b.Get(address).Body; !strings.Contains(body, want) {
			t.Errorf("%s does not say %q", address, want)
		}
	}
}

func TestAPipelineThatIsAwayIsSaid(t *testing.T) {
	t.Parallel()
	got := browser(t, &fake{fails: errAway}, site.Options{}).Fragment("/runs/fragment")
	if got.Status != 503 || !strings.Contains(got.Body, "connection &lt;refused&gt;") || strings.Contains(got.Body, "<html") {
		t.Errorf("%d %s", got.Status, got.Body)
	}
}

func TestAFailedRunSaysWhyAndWhatToDo(t *testing.T) {
	t.Parallel()
	f := &fake{runs: some()}
	b := browser(t, f, site.Options{})
	body := b.Get("/runs/01C").Body
	for _, want := range []string{"Why it failed", "EmptyPartition", "&lt;script&gt;", "What to do", "waive it", "it may be empty", "log__line--error", "&lt;b&gt;01C"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	if strings.Contains(body, "/runs/01C/fragment") {
		t.Error("a run that is over is polled")
	}
	f.logErr = errAway
	if got := b.Get("/runs/01C"); got.Status != 200 || !strings.Contains(got.Body, "The log cannot be read") {
		t.Errorf("without its log the page is %d", got.Status)
	}
}

func TestAPublishedRunShowsItsSteps(t *testing.T) {
	t.Parallel()
	body := browser(t, &fake{runs: some()}, site.Options{}).Get("/runs/01B").Body
	for _, want := range []string{`width="25.000%"`, `width="75.000%"`, "Extract", "7 ms", "Rerun 2026-02-23"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page has no %s", want)
		}
	}
}

func TestAPartOfARunThatIsOverEndsThePolling(t *testing.T) {
	t.Parallel()
	b := browser(t, &fake{runs: some()}, site.Options{})
	for address, final := range map[string]bool{"/runs/01A/fragment": false, "/runs/01B/fragment": true, "/runs/01B/log": true} {
		first := b.Fragment(address)
		if first.Status != 200 || strings.Contains(first.Body, "data-final") != final {
			t.Errorf("%s: %d %s", address, first.Status, first.Body)
		}
		if again := b.Fragment(address, "If-None-Match", first.Header.Get("ETag")); again.Status != 304 {
			t.Errorf("%s: asked again, status %d", address, again.Status)
		}
	}
}

func TestARunIsRerunAndCancelled(t *testing.T) {
	t.Parallel()
	f := &fake{runs: some()}
	b := browser(t, f, site.Options{})
	if got := b.Post("/runs/01C", "/runs/01C/rerun", url.Values{"allow_empty": {"yes"}}); got.Status != 303 || got.Location != "/runs/01NEW" {
		t.Errorf("%d to %s", got.Status, got.Location)
	}
	if got := b.Post("/runs/01A", "/runs/01A/cancel", url.Values{"reason": {"a test"}}); got.Status != 303 || got.Location != "/runs/01A" {
		t.Errorf("%d to %s", got.Status, got.Location)
	}
	want := []string{"local with console materializes 2026-02-24, empty true", "local with console cancels 01A: a test"}
	if diff := cmp.Diff(want, f.done); diff != "" {
		t.Error(diff)
	}
}

func TestNothingIsDoneWithoutATokenOrWhereReadOnly(t *testing.T) {
	t.Parallel()
	for _, readOnly := range []bool{false, true} {
		f := &fake{runs: some()}
		b := browser(t, f, site.Options{ReadOnly: readOnly})
		if got := b.PostWith("forged", "/runs/01C/rerun", nil); got.Status != 403 || len(f.done) > 0 {
			t.Errorf("read-only %t: status %d, done %v", readOnly, got.Status, f.done)
		}
		if body := b.Get("/runs/01C").Body; strings.Contains(body, "/rerun") == readOnly {
			t.Errorf("read-only %t: the page has the action, or lacks it", readOnly)
		}
	}
}

func TestARunThatFailedAgainIsLedTo(t *testing.T) {
	t.Parallel()
	f := &fake{runs: some()}
	b := browser(t, f, site.Options{})
	_, rest, _ := strings.Cut(b.Get("/runs/01C").Body, `name="csrf" value="`)
	token, _, _ := strings.Cut(rest, `"`)
	f.refuse = &pipeline.RunFailedError{Partition: day, RunID: "01NEW", Type: "EmptyPartition", Message: "still none"}
	got := b.PostWith(token, "/runs/01C/rerun", nil)
	if got.Status != 303 || got.Location != "/runs/01NEW" {
		t.Errorf("%d to %s: %s", got.Status, got.Location, got.Body)
	}
}

func BenchmarkRuns(b *testing.B) {
	f := &fake{}
	for i := range 10_000 {
		outcome := []status.Outcome{status.OutcomeSucceeded, status.OutcomeFailed, status.OutcomeCancelled}[i%3]
		f.runs = append(f.runs, run(fmt.Sprintf("01%05d", i), i, outcome))
	}
	visitor := browser(b, f, site.Options{})
	b.ReportAllocs()
	for b.Loop() {
		if got := visitor.Get("/runs"); got.Status != 200 {
			b.Fatal(got.Status)
		}
	}
}

func TestRunsAreUnchangedAtTheFirstPoll(t *testing.T) {
	t.Parallel()
	b := browser(t, &fake{runs: some()}, site.Options{})
	for page, parts := range map[string]int{"/runs": 1, "/runs?outcome=failed": 1, "/runs/01A": 1} {
		if n := b.Unchanged(page); n != parts {
			t.Errorf("%s has %d live parts, want %d", page, n, parts)
		}
	}
}

func TestAReadOnlyConsoleWithoutRunsOffersNone(t *testing.T) {
	t.Parallel()
	for readOnly, offers := range map[bool]bool{true: false, false: true} {
		body := browser(t, &fake{}, site.Options{ReadOnly: readOnly}).Get("/runs").Body
		if got := strings.Contains(body, "/backfills/new"); got != offers {
			t.Errorf("read-only %t: it offers to plan a backfill: %t", readOnly, got)
		}
	}
}

func TestACancelledRunIsCalledSoOnce(t *testing.T) {
	t.Parallel()
	f := &fake{runs: some()}
	f.runs[3].Failure = &status.Failure{Type: "Cancelled", Message: "it was cancelled by ana"}
	body := browser(t, f, site.Options{}).Get("/runs?outcome=cancelled").Body
	if n := strings.Count(body, "Cancelled</"); n != 3 { // a choice, the legend and the badge
		t.Errorf("it says Cancelled %d times, want 3", n)
	}
	if !strings.Contains(body, "it was cancelled by ana") {
		t.Error("it does not say why")
	}
}
