package backfills_test

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delfos/shared/backfill/report"
	"delfos/shared/console/site"
	"delfos/shared/pipeline"
	"delfos/shared/status"
)

// says fails the test where the page lacks one of the texts.
func says(t *testing.T, body string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(body, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	for _, bad := range []string{"<script>alert", "<i>why", "<b>many", "NaN", "%!"} {
		if strings.Contains(body, bad) {
			t.Errorf("the page has %s", bad)
		}
	}
}

func TestBackfillsAreListedByState(t *testing.T) {
	t.Parallel()
	f := running(t, 10)
	for i := range 120 {
		b := f.detail.Backfill
		b.Name = fmt.Sprintf("b-%d", 1000+i)
		if i%2 == 1 {
			b.State, b.EndedAt, b.Redrives = status.BackfillFailed, b.StartedAt.Add(90*time.Second), 2
		}
		f.list = append(f.list, b)
	}
	b := browser(t, f, site.Options{})
	says(t, b.Get("/backfills").Body, `href="/backfills/b-1000"`, "4 of 10", "1 failed", ">all days</span> <span class=\"nowrap\">from 2026-02-20 on<", "&lt;i&gt;why", `data-poll="/backfills/fragment"`, "before=50")
	failed := b.Get("/backfills?state=failed").Body
	says(t, failed, "b-1001", "1 min 30 s", "state=failed", "how often it was redriven")
	if strings.Contains(failed, "b-1000") {
		t.Error("a running one is among those that failed")
	}
	says(t, b.Get("/backfills?before=50").Body, "Back to the newest", "b-1050")
	says(t, browser(t, &fake{}, site.Options{}).Get("/backfills").Body, "No backfill yet", "/backfills/new")
}

func TestAWrongAddressGetsAPageThatHelps(t *testing.T) {
	t.Parallel()
	b := browser(t, running(t, 10), site.Options{})
	for address, want := range map[string]struct {
		status int
		says   string
	}{
		"/backfills?state=dead":          {400, "none of running"},
		"/backfills/none":                {404, "There is no backfill none"},
		"/backfills/none/fragment":       {404, "Check its name"},
		"/backfills/b-1?outcome=odd":     {400, "none of failed"},
		"/backfills/b-1?items=x":         {400, "want the next"},
		"/backfills/new?form=2026-02-20": {400, "there is no such parameter"},
		"/backfills/new?from=2026-02-30": {400, "from"},
		"/backfills/new?last_days=0":     {400, "last_days"},
	} {
		if got := b.Get(address); got.Status != want.status || !strings.Contains(got.Body, want.says) {
			t.Errorf("%s: status %d, want %d and %q", address, got.Status, want.status, want.says)
		}
	}
}

func TestARunningBackfillIsShownLive(t *testing.T) {
	t.Parallel()
	b := browser(t, running(t, 10), site.Options{})
	body := b.Get("/backfills/b-1").Body
	says(t, body,
		`data-poll="/backfills/b-1/fragment"`, `data-poll="/backfills/b-1/items"`, `data-poll="/backfills/b-1/events"`,
		"graph-node--map graph-node--running", "5 of 10, 1 failed", "2 at once", "5 of 10, 50 %", "a minute; about",
		"EmptyPartition", "010001", "TaskStateEntered", "&lt;/pre&gt;", `value="4"`, "Cancel the backfill",
		"events=older")
	for _, part := range []string{"fragment", "items", "events"} {
		first := b.Fragment("/backfills/b-1/" + part)
		if first.Status != 200 || strings.Contains(first.Body, "data-final") || strings.Contains(first.Body, "<html") {
			t.Errorf("%s: %d %s", part, first.Status, first.Body)
		}
		if again := b.Fragment("/backfills/b-1/"+part, "If-None-Match", first.Header.Get("ETag")); again.Status != 304 {
			t.Errorf("%s: asked again, status %d", part, again.Status)
		}
	}
}

func TestAFailedBackfillSaysWhy(t *testing.T) {
	t.Parallel()
	b := browser(t, failed(t), site.Options{})
	body := b.Get("/backfills/b-1").Body
	says(t, body, "Why it failed", "PartitionsFailed", "&lt;b&gt;many", "<code>delfos retry b-1</code>", "EmptyPartition × 5", "Redrive what is left", "/backfills/new?from=2026-02-20")
	if strings.Contains(body, "data-poll") || strings.Contains(body, "Cancel the backfill") {
		t.Error("what is over is polled, or can be cancelled")
	}
	for _, part := range []string{"fragment", "items", "events"} {
		if got := b.Fragment("/backfills/b-1/" + part); !strings.Contains(got.Body, "data-final") {
			t.Errorf("%s does not end the polling", part)
		}
	}
}

// What is read at about the end is not taken for the end: the page would show it for ever.
func TestAPartIsPolledUntilAllThatItShowsIsOfAfterTheEnd(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*fake)
		polled map[string]bool // by the part
	}{
		"all is":                 {func(*fake) {}, map[string]bool{}},
		"the list is of before":  {func(f *fake) { f.behind = true }, map[string]bool{"fragment": true, "items": true}},
		"a run is still to stop": {func(f *fake) { f.items[9].Outcome = report.Running }, map[string]bool{"fragment": true, "items": true}},
		"the events are of before": {
			func(f *fake) { f.events[0].Type = "MapRunSucceeded" }, map[string]bool{"events": true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := failed(t)
			test.change(f)
			b := browser(t, f, site.Options{})
			whole := b.Get("/backfills/b-1").Body
			for _, part := range []string{"fragment", "items", "events"} {
				path := "/backfills/b-1/" + part
				if polled := strings.Contains(whole, `data-poll="`+path+`"`); polled != test.polled[part] {
					t.Errorf("the page polls %s: %t", part, polled)
				}
				if final := strings.Contains(b.Fragment(path).Body, "data-final"); final == test.polled[part] {
					t.Errorf("%s is final: %t", part, final)
				}
			}
			if test.polled["items"] && !strings.Contains(whole, "Redrive what is left") {
				t.Error("what is over cannot be redriven")
			}
		})
	}
}

func TestACancelledBackfillIsCalledSoEverywhere(t *testing.T) {
	t.Parallel()
	f := cancelled(t)
	b := browser(t, f, site.Options{})
	for address, wants := range map[string][]string{
		"/backfills":                       {"Cancelled</span>"},
		"/backfills/b-1":                   {"Cancelled</span>", "Why it was cancelled", "Not run</span>", "Not run <span"},
		"/backfills/b-1?outcome=waiting":   {"Not run</span>", `aria-current="true">Not run`},
		"/backfills/b-1?outcome=cancelled": {"None is cancelled"},
	} {
		body := b.Get(address).Body
		says(t, body, wants...)
		for _, other := range []string{"Stop", "stopped", "Waiting", "waiting</"} { // but for Step Functions' own events
			if strings.Contains(body, other) {
				t.Errorf("%s says %s", address, other)
			}
		}
	}
	whole := cancelled(t)
	whole.items = whole.items[:3]
	says(t, browser(t, whole, site.Options{}).Get("/backfills/b-1?outcome=waiting").Body, "Every partition was run")
}

func TestABackfillWhoseExecutionIsGoneIsShownByItsRecord(t *testing.T) {
	t.Parallel()
	f := forgotten(t)
	b := browser(t, f, site.Options{})
	body := b.Get("/backfills/b-1").Body
	says(t, body, "Execution gone</span>", "Step Functions has no execution of this backfill any more", "how it ended is not known",
		"4 of 10, 40 %", "&lt;i&gt;why", "10 partitions of ", "2026-02-20 … 2026-03-01", "<dt>Ended</dt><dd>not known</dd>")
	for _, none := range []string{"data-poll", `action="/backfills/b-1`, "Plan it again", "State machine", "It cannot be drawn", `id="partitions"`, `id="history"`} {
		if strings.Contains(body, none) {
			t.Errorf("the page has %s", none)
		}
	}
	list := b.Get("/backfills").Body
	says(t, list, "Execution gone</span>", "4 of 10", "how it ended is not known")
	if strings.Contains(list, "Running</span>") {
		t.Error("the list says that it runs")
	}
	f.detail.State, f.detail.EndedAt = status.BackfillFailed, f.detail.StartedAt.Add(30*time.Second)
	f.detail.Error, f.detail.Cause = "PartitionsFailed", "6 of 10 partitions failed"
	ended := browser(t, f, site.Options{}).Get("/backfills/b-1").Body
	says(t, ended, "Failed</span>", "has no execution of this backfill any more", "6 of 10 partitions failed", "30 s after its start")
	if strings.Contains(ended, "how it ended is not known") {
		t.Error("it is said not to be known how it ended")
	}
}

func TestWhatOthersHaveRunMeanwhileIsCountedAsTheListOfPartitionsHasIt(t *testing.T) {
	t.Parallel()
	f := cancelled(t) // of which the map runs know no more than before
	for _, item := range f.items {
		if item.Outcome != report.Materialized && item.Outcome != report.Waiting {
			t.Fatalf("%+v", item)
		}
	}
	body := browser(t, f, site.Options{}).Get("/backfills/b-1").Body
	says(t, body, "3 of 4, 75 %", `Materialized</span><b>3</b>`, `Materialized <span class="count">3</span>`, `Not run</span><b>1</b>`, `Not run <span class="count">1</span>`)
}

func TestAPageOfABackfillAsksOnceForWhatItsPartsShow(t *testing.T) {
	t.Parallel()
	f := running(t, 10)
	b := browser(t, f, site.Options{})
	b.Get("/backfills/b-1")
	for _, part := range []string{"fragment", "items", "events"} {
		b.Fragment("/backfills/b-1/" + part)
	}
	if asked := f.asks.Load(); asked != 3 {
		t.Errorf("the pipeline was asked %d times, want 3", asked)
	}
}

func TestPartsAreUnchangedAtTheFirstPoll(t *testing.T) {
	t.Parallel()
	b := browser(t, running(t, 10), site.Options{})
	for page, parts := range map[string]int{"/backfills": 1, "/backfills/b-1": 3, "/backfills/b-1?outcome=failed": 3} {
		if n := b.Unchanged(page); n != parts {
			t.Errorf("%s has %d live parts, want %d", page, n, parts)
		}
	}
}

func TestPartsThatCannotBeReadLeaveTheOthers(t *testing.T) {
	t.Parallel()
	f := failed(t)
	away := errors.New("Step Functions <is> away")
	f.detail.Graph.Err, f.detail.States.Err, f.detail.MapRuns.Err = away, away, away
	got := browser(t, f, site.Options{}).Get("/backfills/b-1")
	if got.Status != 200 {
		t.Fatal(got.Status)
	}
	says(t, got.Body, "It cannot be drawn: Step Functions &lt;is&gt; away", "The map runs cannot be read", "PartitionsFailed")
}

func TestPartitionsAreFilteredAndTurned(t *testing.T) {
	t.Parallel()
	b := browser(t, running(t, 350), site.Options{})
	says(t, b.Get("/backfills/b-1").Body, "1 to 100 of 350", "/backfills/b-1?items=100#partitions", `outcome=failed#partitions`)
	says(t, b.Get("/backfills/b-1?items=200&events=older").Body, "201 to 300 of 350", "/backfills/b-1?events=older&amp;items=100#partitions", "Back to the newest events")
	failed := b.Get("/backfills/b-1?outcome=failed").Body
	says(t, failed, "EmptyPartition", `data-poll="/backfills/b-1/items?outcome=failed"`)
	if strings.Contains(failed, "010001") {
		t.Error("a materialized one is among those that failed")
	}
	says(t, b.Get("/backfills/b-1?outcome=waived").Body, "None is waived")
}

func TestThePlanIsShownAndLaunchedByItsHash(t *testing.T) {
	t.Parallel()
	for name, form := range map[string]url.Values{
		"fields":      {"use": {"form"}, "range": {"days"}, "from": {"2026-02-20"}, "to": {"2026-03-01"}, "select": {"all"}, "order": {"newest"}, "max_concurrency": {"7"}, "reason": {`say "why"`}, "name": {"mine"}, "last_days": {"3"}},
		"JSON":        {"use": {"json"}, "request": {`{"from":"2026-02-20","to":"2026-03-01","select":"all","order":"newest","max_concurrency":7,"reason":"say \"why\""}`}, "name": {"mine"}},
		"an old hash": {"use": {"json"}, "request": {`{"from":"2026-02-20","to":"2026-03-01","select":"all","order":"newest","max_concurrency":7,"reason":"say \"why\"","plan_hash":"` + strings.Repeat("f", 64) + `"}`}, "name": {"mine"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fake{}
			b := browser(t, f, site.Options{})
			shown := b.Post("/backfills/new", "/backfills/plan", form)
			if shown.Status != 200 {
				t.Fatal(shown.Status, shown.Body)
			}
			says(t, shown.Body, "3 days would run", "2026-02-20 … 2026-02-21", hash, "Launch 3 days", `value="2026-03-01"`, `value="7"`, "&#34;max_concurrency&#34;: 7")
			request := between(t, shown.Body, `<input type="hidden" name="request" value="`, `"`)
			got := b.Post("/backfills/new", "/backfills", url.Values{"request": {request}, "name": {"mine"}})
			if got.Status != 303 || got.Location != "/backfills/b-2" {
				t.Errorf("%d to %s: %s", got.Status, got.Location, got.Body)
			}
			want := []string{`local with console launches "mine": {"from":"2026-02-20","to":"2026-03-01","select":"all","order":"newest","max_concurrency":7,"reason":"say \"why\"","plan_hash":"` + hash + `"}`}
			if diff := cmp.Diff(want, f.done); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// between is what stands between two texts, unescaped.
func between(t *testing.T, body, from, to string) string {
	t.Helper()
	_, rest, ok := strings.Cut(body, from)
	if !ok {
		t.Fatalf("there is no %s", from)
	}
	text, _, _ := strings.Cut(rest, to)
	return strings.NewReplacer("&#34;", `"`, "&#43;", "+", "&amp;", "&").Replace(text)
}

func TestAPlanIsAPartForTheScript(t *testing.T) {
	t.Parallel()
	b := browser(t, &fake{}, site.Options{})
	got := b.Post("/backfills/new", "/backfills/plan", url.Values{"use": {"form"}, "range": {"last"}, "last_days": {"3"}}, "Delfos-Fragment", "1")
	if got.Status != 200 || strings.Contains(got.Body, "<html") {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	says(t, got.Body, "Launch 3 days", "&#34;last_days&#34;: 3")
}

func TestWhatCannotBePlannedSaysWhy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		form    url.Values
		planner error
		status  int
		says    string
	}{
		"no number":       {url.Values{"max_concurrency": {"many"}}, nil, 400, "max_concurrency"},
		"too many":        {url.Values{"max_concurrency": {"101"}}, nil, 400, "max_concurrency"},
		"no days":         {url.Values{"range": {"last"}, "last_days": {"-1"}}, nil, 400, "last_days"},
		"no JSON":         {url.Values{"use": {"json"}, "request": {"{<b>"}}, nil, 400, "There is no plan"},
		"unknown member":  {url.Values{"use": {"json"}, "request": {`{"form":"2026-02-20"}`}}, nil, 400, "form"},
		"refused":         {nil, &pipeline.InvalidError{Field: "request", Reason: "to <2027>: it is after the last day"}, 400, "to &lt;2027&gt;: it is after"},
		"planner is away": {nil, &pipeline.UnavailableError{What: "the planner", Cause: errors.New("no answer")}, 503, "no answer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := browser(t, &fake{planned: c.planner}, site.Options{}).Post("/backfills/new", "/backfills/plan", c.form)
			if got.Status != c.status {
				t.Errorf("status %d, want %d", got.Status, c.status)
			}
			says(t, got.Body, c.says, "There is no plan")
		})
	}
}

func TestAPlanThatHasChangedIsExplained(t *testing.T) {
	t.Parallel()
	f := &fake{launch: &pipeline.ConflictError{Reason: "the plan is not the one that was shown", Advice: "look at the plan again"}}
	request := `{"from":"2026-02-20","select":"all","plan_hash":"` + hash + `"}`
	got := browser(t, f, site.Options{}).Post("/backfills/new", "/backfills", url.Values{"request": {request}})
	if got.Status != 409 {
		t.Errorf("status %d", got.Status)
	}
	says(t, got.Body, "Nothing was launched", "the plan is not the one that was shown", "/backfills/new?from=2026-02-20", "select=all")
}

func TestNamesOfPagesAreNoNamesOfBackfills(t *testing.T) {
	t.Parallel()
	f := &fake{}
	got := browser(t, f, site.Options{}).Post("/backfills/new", "/backfills", url.Values{"request": {`{}`}, "name": {"new"}})
	if got.Status != 400 || len(f.done) > 0 {
		t.Errorf("%d, done %v", got.Status, f.done)
	}
}

func TestABackfillIsSteered(t *testing.T) {
	t.Parallel()
	for action, c := range map[string]struct {
		form url.Values
		want string
	}{
		"cancel":      {url.Values{"reason": {" too slow "}}, "local with console stops b-1: too slow"},
		"redrive":     {nil, "local with console redrives b-1"},
		"concurrency": {url.Values{"max_concurrency": {"9"}}, "local with console sets b-1 to 9"},
	} {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			f := running(t, 10)
			b := browser(t, f, site.Options{})
			if got := b.PostWith("forged", "/backfills/b-1/"+action, c.form); got.Status != 403 || len(f.done) > 0 {
				t.Errorf("forged: %d, done %v", got.Status, f.done)
			}
			if got := b.Post("/backfills/b-1", "/backfills/b-1/"+action, c.form); got.Status != 303 || got.Location != "/backfills/b-1" {
				t.Errorf("%d to %s", got.Status, got.Location)
			}
			if diff := cmp.Diff([]string{c.want}, f.done); diff != "" {
				t.Error(diff)
			}
			f.fails = nil
			if got := b.Post("/backfills/b-1", "/backfills/b-1/concurrency", url.Values{"max_concurrency": {"x"}}); got.Status != 400 {
				t.Errorf("no number: %d", got.Status)
			}
			quiet := running(t, 10)
			if got := browser(t, quiet, site.Options{ReadOnly: true}).PostWith("any", "/backfills/b-1/"+action, c.form); got.Status != 403 || len(quiet.done) > 0 {
				t.Errorf("read-only: %d, done %v", got.Status, quiet.done)
			}
		})
	}
}

func TestAReadOnlyConsoleShowsNoActions(t *testing.T) {
	t.Parallel()
	b := browser(t, running(t, 10), site.Options{ReadOnly: true})
	for _, address := range []string{"/backfills", "/backfills/new", "/backfills/b-1"} {
		if got := b.Get(address); got.Status != 200 || strings.Contains(got.Body, `method="post"`) {
			t.Errorf("%s: %d, or it has a form", address, got.Status)
		}
	}
}

func BenchmarkBackfill(b *testing.B) {
	visitor := browser(b, running(b, 3653), site.Options{})
	b.ReportAllocs()
	for b.Loop() {
		if got := visitor.Get("/backfills/b-1"); got.Status != 200 {
			b.Fatal(got.Status)
		}
	}
}
