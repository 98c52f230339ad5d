package partitions_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"delfos/shared/console/site"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
	"delfos/shared/status"
)

func key(text string) partition.Key { return partition.MustParseKey(text) }

var hidden = regexp.MustCompile(`<input type="hidden" name="([a-z_]+)" value="([^"]*)">`)

// formOf reads the hidden fields of the form that posts to the path.
func formOf(t testing.TB, page, path string) url.Values {
	t.Helper()
	_, form, ok := strings.Cut(page, `action="`+path+`"`)
	if !ok {
		t.Fatalf("no form posts to %s: %s", path, page)
	}
	form, _, _ = strings.Cut(form, "</form>")
	values := url.Values{}
	for _, field := range hidden.FindAllStringSubmatch(form, -1) {
		values.Set(field[1], field[2])
	}
	return values
}

func TestWhatIsLaunchedIsThePlanThatWasShown(t *testing.T) {
	t.Parallel()
	c := newConsole(t, "UTC", "2026-02-20", "2026-03-10")
	c.fake.put(status.DataMaterialized, status.AttemptSucceeded, "2026-02-22")
	page := c.get("/partitions?from=2026-02-20&to=2026-02-24&plan=missing&order=newest&max_concurrency=7", http.StatusOK)
	holds(t, page, "The plan: 4 days run, 1 left out", "newest first, at most 7 at a time",
		"2026-02-20 …</span>", "2026-02-21</span>, ", "2026-02-23 …</span>", "2026-02-24</span>", "materialized")
	form := formOf(t, page, "/partitions/launch")
	form.Set("reason", "trying <it> out")
	hash := form.Get("plan_hash")
	if len(hash) != 64 || !strings.Contains(page, hash[:12]) {
		t.Fatalf("the hash is %q", hash)
	}
	answer := c.send("/partitions/launch", form)
	if at := answer.Header.Get("Location"); answer.StatusCode != http.StatusSeeOther || at != "/backfills/backfill-1" {
		t.Errorf("%d to %q", answer.StatusCode, at)
	}
	want := []string{`local launches 2026-02-20 2026-02-24 missing newest 7 "trying <it> out" ` + hash + " "}
	if diff := cmp.Diff(want, c.fake.done); diff != "" {
		t.Error(diff)
	}
}

func TestAPlanWithNothingToRunHasNoButton(t *testing.T) {
	t.Parallel()
	c := newConsole(t, "UTC", "2026-02-20", "2026-03-10")
	c.fake.put(status.DataMaterialized, status.AttemptSucceeded, "2026-02-22")
	page := c.get("/partitions?from=2026-02-22&plan=missing", http.StatusOK)
	holds(t, page, "Nothing to run")
	lacks(t, page, "/partitions/launch")
}

func TestAPlanThatCannotBeMadeSaysWhyOnThePage(t *testing.T) {
	t.Parallel()
	c := newConsole(t, "UTC", "2026-02-20", "2026-03-10")
	c.fake.refuse = errDown
	holds(t, c.get("/partitions?from=2026-02-22&plan=stale", http.StatusOK), "There is no plan", "no route to host", "Plan again")
}

func TestAPlanThatHasChangedIsNotLaunched(t *testing.T) {
	t.Parallel()
	c := newConsole(t, "UTC", "2026-02-20", "2026-03-10")
	form := formOf(t, c.get("/partitions?from=2026-02-20&to=2026-02-24&plan=missing", http.StatusOK), "/partitions/launch")
	c.fake.refuse = &pipeline.ConflictError{Reason: "the plan is another by now", Advice: "look at it again"}
	answer := c.send("/partitions/launch", form)
	page := text(t, answer)
	if answer.StatusCode != http.StatusConflict {
		t.Errorf("status %d, want 409", answer.StatusCode)
	}
	holds(t, page, "Nothing was started: the plan is another by now", "look at it again",
		`href="/partitions?from=2026-02-20&amp;max_concurrency=4&amp;order=oldest&amp;plan=missing&amp;to=2026-02-24#plan"`)
}

func TestALaunchWithoutAPlanIsRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(url.Values){
		"no hash":          func(f url.Values) { f.Del("plan_hash") },
		"no range":         func(f url.Values) { f.Del("from"); f.Del("to") },
		"no days":          func(f url.Values) { f.Set("from", "soon") },
		"no such select":   func(f url.Values) { f.Set("plan", "none") },
		"a long reason":    func(f url.Values) { f.Set("reason", strings.Repeat("ä", 257)) },
		"too many at once": func(f url.Values) { f.Set("max_concurrency", "101") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newConsole(t, "UTC", "2026-02-20", "2026-03-10")
			form := url.Values{"from": {"2026-02-20"}, "to": {"2026-02-24"}, "plan": {"all"}, "plan_hash": {"0123"}}
			change(form)
			if answer := c.post("/partitions?from=2026-02-20", "/partitions/launch", form); answer.StatusCode != http.StatusBadRequest {
				t.Errorf("status %d, want 400: %s", answer.StatusCode, text(t, answer))
			}
			if len(c.fake.done) > 0 {
				t.Errorf("it did %q", c.fake.done)
			}
		})
	}
}

func TestActionsOnADay(t *testing.T) {
	t.Parallel()
	c := newConsole(t, "UTC", "2026-02-20", "2026-03-10")
	const day = "/partitions/2026-02-20"
	for _, action := range []struct {
		path string
		form url.Values
	}{
		{day + "/materialize", url.Values{}},
		{day + "/materialize", url.Values{"allow_empty": {"yes"}}},
		{day + "/waive", url.Values{"reason": {"serviced"}}},
		{day + "/unwaive", url.Values{}},
	} {
		answer := c.post(day, action.path, action.form)
		if at := answer.Header.Get("Location"); answer.StatusCode != http.StatusSeeOther || at != day {
			t.Errorf("%s: %d to %q", action.path, answer.StatusCode, at)
		}
	}
	want := []string{
		"local materializes 2026-02-20 false", "local materializes 2026-02-20 true",
		"local waives 2026-02-20: serviced", "local unwaives 2026-02-20",
	}
	if diff := cmp.Diff(want, c.fake.done); diff != "" {
		t.Error(diff)
	}
}

func TestTheMissingDaysOfASelectionAreWaivedTogether(t *testing.T) {
	t.Parallel()
	c := newConsole(t, "UTC", "2026-02-20", "2026-03-10")
	c.fake.put(status.DataMaterialized, status.AttemptSucceeded, "2026-02-22")
	c.fake.put(status.DataWaived, status.AttemptNone, "2026-02-24")
	const selection = "/partitions?from=2026-02-21&to=2026-02-25"
	page := c.get(selection, http.StatusOK)
	for path, want := range map[string][]string{
		"/partitions/waive": {
			"local waives 2026-02-21: serviced", "local waives 2026-02-23: serviced", "local waives 2026-02-25: serviced",
		},
		"/partitions/unwaive": {"local unwaives 2026-02-24"},
	} {
		form := formOf(t, page, path)
		form.Set("reason", "serviced")
		c.fake.done = nil
		answer := c.send(path, form)
		if at := answer.Header.Get("Location"); answer.StatusCode != http.StatusSeeOther || at != selection {
			t.Errorf("%s: %d to %q: %s", path, answer.StatusCode, at, text(t, answer))
		}
		slices.Sort(c.fake.done)
		if diff := cmp.Diff(want, c.fake.done); diff != "" {
			t.Error(diff)
		}
	}
}

func TestAWaiverOfASelectionSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		form   url.Values
		refuse error
		status int
		want   string
	}{
		"no days":   {url.Values{"reason": {"x"}}, nil, http.StatusBadRequest, "want the days"},
		"no reason": {url.Values{"from": {"2026-02-20"}}, nil, http.StatusBadRequest, "1 to 256 characters"},
		"too many":  {url.Values{"from": {"2016-02-20"}, "to": {"2026-02-20"}, "reason": {"x"}}, nil, http.StatusBadRequest, "at most 366"},
		"no status": {url.Values{"from": {"2026-02-20"}, "reason": {"x"}}, errDown, http.StatusBadGateway, "Done for 0 of 1 days"},
		"has data by now": {
			url.Values{"from": {"2026-02-20"}, "reason": {"x"}},
			&pipeline.ConflictError{Reason: "it has data", Advice: "look at it"}, http.StatusSeeOther, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newConsole(t, "UTC", "2026-02-20", "2026-03-10")
			c.fake.refuse = tc.refuse
			answer := c.post("/partitions?from=2026-02-20", "/partitions/waive", tc.form)
			page := text(t, answer)
			if answer.StatusCode != tc.status || !strings.Contains(page, tc.want) {
				t.Errorf("status %d, want %d with %q: %s", answer.StatusCode, tc.status, tc.want, page)
			}
		})
	}
}

func TestAnActionShowsAtOnce(t *testing.T) {
	t.Parallel()
	c := newConsole(t, "UTC", "2026-02-20", "2026-03-10")
	c.get("/partitions/live", http.StatusOK)
	c.post("/partitions/2026-02-20", "/partitions/2026-02-20/materialize", url.Values{})
	c.get("/partitions/live", http.StatusOK)
	if c.fake.reads != 2 {
		t.Errorf("%d reads of all days, want a new one after the action", c.fake.reads)
	}
}

func TestAnActionNeedsOurFormAndADay(t *testing.T) {
	t.Parallel()
	c := newConsole(t, "UTC", "2026-02-20", "2026-03-10")
	for _, path := range []string{
		"/partitions/launch", "/partitions/waive", "/partitions/unwaive", "/partitions/2026-02-20/materialize", "/partitions/2026-02-20/waive", "/partitions/2026-02-20/unwaive",
	} {
		if answer := c.send(path, url.Values{"csrf": {"forged"}}); answer.StatusCode != http.StatusForbidden {
			t.Errorf("%s with a forged token: status %d, want 403", path, answer.StatusCode)
		}
	}
	if answer := c.post("/partitions/2026-02-20", "/partitions/someday/materialize", url.Values{}); answer.StatusCode != http.StatusBadRequest {
		t.Errorf("a day that is none: status %d, want 400", answer.StatusCode)
	}
	if len(c.fake.done) > 0 {
		t.Errorf("it did %q", c.fake.done)
	}
}

func TestAReadOnlyConsoleDoesNothing(t *testing.T) {
	t.Parallel()
	c := newConsole(t, "UTC", "2026-02-20", "2026-03-10", func(o *site.Options) { o.ReadOnly = true })
	if answer := c.post("/partitions", "/partitions/2026-02-20/materialize", url.Values{}); answer.StatusCode != http.StatusForbidden {
		t.Errorf("status %d, want 403", answer.StatusCode)
	}
	if len(c.fake.done) > 0 {
		t.Errorf("it did %q", c.fake.done)
	}
}

func TestARunThatFailsSaysWhy(t *testing.T) {
	t.Parallel()
	c := newConsole(t, "UTC", "2026-02-20", "2026-03-10")
	c.fake.refuse = &pipeline.RunFailedError{Partition: key("2026-02-20"), RunID: "R1", Type: "EmptyPartition", Message: "no sample"}
	answer := c.post("/partitions/2026-02-20", "/partitions/2026-02-20/materialize", url.Values{})
	if answer.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("status %d, want 422", answer.StatusCode)
	}
	holds(t, text(t, answer), "EmptyPartition", "/runs/R1")
}
