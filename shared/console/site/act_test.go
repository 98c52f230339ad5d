package site_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"delfos/shared/bearer"
	"delfos/shared/console/site"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
)

func files(name, content string) fstest.MapFS {
	return fstest.MapFS{name: {Data: []byte(content)}}
}

func TestAFormIsTakenFromOurPagesAlone(t *testing.T) {
	t.Parallel()
	stranger := newConsole(t, site.Options{}).token(t, "/")
	tests := map[string]struct {
		token   string // "" is that of the page
		headers []string
		status  int
	}{
		"of our page":                    {"", nil, 303},
		"as browsers of today say it":    {"", []string{"Sec-Fetch-Site", "same-origin", "Origin", "https://console.example.com"}, 303},
		"as older browsers say it":       {"", []string{"Origin", "http://console.example.com"}, 303},
		"without a token":                {"none", nil, 403},
		"with another browser's token":   {stranger, nil, 403},
		"of another site":                {"", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		"of another site of our domain":  {"", []string{"Sec-Fetch-Site", "same-site"}, 403},
		"of another origin":              {"", []string{"Origin", "https://evil.example.com"}, 403},
		"of a page that hides its place": {"", []string{"Origin", "null"}, 403},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newConsole(t, site.Options{})
			token := c.token(t, "/")
			if test.token != "" {
				token = test.token
			}
			got := c.send(t, http.MethodPost, "/act", url.Values{"csrf": {token}, "to": {"/runs/1"}}, test.headers...)
			if got.status != test.status || (len(c.acted) == 1) != (test.status == 303) {
				t.Errorf("status %d, want %d; acted: %v", got.status, test.status, c.acted)
			}
			if test.status == 303 && (got.header.Get("Location") != "/runs/1" || c.acted[0] != "local with console") {
				t.Errorf("to %q by %v", got.header.Get("Location"), c.acted)
			}
			if test.status == 403 && !strings.Contains(got.body, "Nothing was done") {
				t.Errorf("the page does not say that nothing was done: %s", got.body)
			}
		})
	}
}

func TestAFormWithoutItsBrowserIsRefused(t *testing.T) {
	t.Parallel()
	c := newConsole(t, site.Options{})
	token := c.token(t, "/")
	clear(c.cookies)
	if got := c.send(t, http.MethodPost, "/act", url.Values{"csrf": {token}}); got.status != http.StatusForbidden || len(c.acted) != 0 {
		t.Errorf("status %d, acted %v", got.status, c.acted)
	}
}

func TestAReadOnlyConsoleDoesNothing(t *testing.T) {
	t.Parallel()
	c := newConsole(t, site.Options{ReadOnly: true})
	token := c.token(t, "/")
	got := c.send(t, http.MethodPost, "/act", url.Values{"csrf": {token}})
	if got.status != http.StatusForbidden || !strings.Contains(got.body, "read-only") || len(c.acted) != 0 {
		t.Errorf("%d %s", got.status, got.body)
	}
	if page := c.get(t, "/").body; !strings.Contains(page, "Read-only") {
		t.Error("the page does not say that it is read-only")
	}
}

func TestWhatIsKeptIsOldOnceSomebodyHasActed(t *testing.T) {
	t.Parallel()
	c := newConsole(t, site.Options{})
	elsewhere := newConsole(t, site.Options{}) // another process of the same console
	stranger := func(c *console) *console { return &console{handler: c.handler, cookies: map[string]*http.Cookie{}} }
	for _, process := range []*console{c, elsewhere} {
		process.get(t, "/kept")
		process.data = "other content"
		if got := process.get(t, "/kept").body; !strings.Contains(got, ">content<") {
			t.Fatalf("it is not kept: %s", got)
		}
	}
	c.fails = errPlain // whatever came of it
	c.send(t, http.MethodPost, "/act", url.Values{"csrf": {c.token(t, "/")}})
	if got := stranger(c).get(t, "/kept").body; !strings.Contains(got, "other content") {
		t.Errorf("others see what was before: %s", got)
	}
	if got := stranger(elsewhere).get(t, "/kept").body; !strings.Contains(got, ">content<") {
		t.Errorf("another process knows of it: %s", got)
	}
	elsewhere.cookies = c.cookies
	if got := elsewhere.get(t, "/kept").body; !strings.Contains(got, "other content") {
		t.Errorf("who has acted sees what was before, in another process: %s", got)
	}
	if note := c.cookies["delfos_acted"]; note == nil || note.MaxAge < 1 || note.MaxAge > 5 {
		t.Errorf("the note of it is %+v; want one of a few seconds", note)
	}
}

func TestAnActionsRedirectStaysHere(t *testing.T) {
	t.Parallel()
	c := newConsole(t, site.Options{})
	token := c.token(t, "/")
	for to, want := range map[string]string{
		"/runs?x=1#y": "/runs?x=1#y", "https://evil.example.com/": "/", "//evil.example.com": "/", `/\evil.example.com`: "/", "": "/", "runs": "/", "/\t/evil": "/",
	} {
		got := c.send(t, http.MethodPost, "/act", url.Values{"csrf": {token}, "to": {to}})
		if got.header.Get("Location") != want {
			t.Errorf("%q leads to %q, want %q", to, got.header.Get("Location"), want)
		}
	}
}

func TestAScriptIsAnsweredInJSON(t *testing.T) {
	t.Parallel()
	c := newConsole(t, site.Options{})
	form := url.Values{"csrf": {c.token(t, "/")}, "to": {"/runs/1"}}
	var done struct{ Redirect string }
	got := c.send(t, http.MethodPost, "/act", form, "Accept", "application/json")
	if err := json.Unmarshal([]byte(got.body), &done); err != nil || got.status != http.StatusOK || done.Redirect != "/runs/1" {
		t.Errorf("%d %s: %v", got.status, got.body, err)
	}
	c.fails = &pipeline.ConflictError{Reason: "it has ended", Advice: "redrive it"}
	var problem struct {
		Status        int
		Title, Detail string
	}
	got = c.send(t, http.MethodPost, "/act", form, "Accept", "application/json")
	if err := json.Unmarshal([]byte(got.body), &problem); err != nil || got.header.Get("Content-Type") != "application/problem+json" {
		t.Fatalf("%s %s: %v", got.header.Get("Content-Type"), got.body, err)
	}
	if problem.Status != 409 || problem.Title != "It has ended" || problem.Detail != "Redrive it." {
		t.Errorf("%+v", problem)
	}
}

func TestEachErrorHasItsPage(t *testing.T) {
	t.Parallel()
	day, err := partition.ParseKey("2026-02-21")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		err    error
		status int
		want   []string
	}{
		"not found":   {&pipeline.NotFoundError{What: "run", Name: "01X", Advice: "look at the list of runs"}, 404, []string{"There is no run 01X", "Look at the list of runs."}},
		"invalid":     {&pipeline.InvalidError{Field: "from", Reason: "want a day"}, 400, []string{"From: want a day."}},
		"conflict":    {&pipeline.ConflictError{Reason: "it runs", Advice: "wait"}, 409, []string{"It runs", "Wait."}},
		"unavailable": {&pipeline.UnavailableError{What: "the source API", Cause: errPlain}, 503, []string{"The source API cannot be reached"}},
		"refused":     {&pipeline.RefusedError{What: "Step Functions", Cause: errPlain}, 502, []string{"Step Functions refused"}},
		"run failed": {
			&pipeline.RunFailedError{Partition: day, RunID: "01X", Type: "EmptyPartition", Message: "no sample"}, 422,
			[]string{"The run of 2026-02-21 has failed: EmptyPartition", `href="/runs/01X"`, `href="/partitions/2026-02-21"`},
		},
		"of a page": {&site.Refusal{Status: 418, Title: "A title", Advice: "An advice"}, 418, []string{"A title", "An advice"}},
		"wrapped":   {fmt.Errorf("around: %w", &pipeline.ConflictError{Reason: "it runs", Advice: "wait"}), 409, nil},
		"too slow":  {fmt.Errorf("ask: %w", context.DeadlineExceeded), 504, []string{"took too long"}},
		"any other": {errPlain, 500, []string{"A plain error."}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newConsole(t, site.Options{})
			c.fails = test.err
			got := c.send(t, http.MethodPost, "/act", url.Values{"csrf": {c.token(t, "/")}})
			if got.status != test.status {
				t.Errorf("status %d, want %d", got.status, test.status)
			}
			for _, want := range test.want {
				if !strings.Contains(got.body, want) {
					t.Errorf("the page lacks %q: %s", want, got.body)
				}
			}
		})
	}
}

func TestAFormThatIsTooLargeIsRefused(t *testing.T) {
	t.Parallel()
	c := newConsole(t, site.Options{})
	got := c.send(t, http.MethodPost, "/act", url.Values{"csrf": {c.token(t, "/")}, "input": {strings.Repeat("x", 2<<20)}})
	if got.status != http.StatusRequestEntityTooLarge || len(c.acted) != 0 {
		t.Errorf("status %d", got.status)
	}
}

func TestAStrangersNoteMakesNothingOld(t *testing.T) {
	t.Parallel()
	c := newConsole(t, site.Options{Token: bearer.Fixed(secretToken)})
	c.signIn(t, "ana", secretToken, "/")
	c.get(t, "/kept")
	c.data = "other content"
	stranger := &console{handler: c.handler, cookies: map[string]*http.Cookie{"delfos_acted": {Name: "delfos_acted", Value: "yes"}}}
	stranger.get(t, "/login")
	if got := c.get(t, "/kept").body; !strings.Contains(got, ">content<") {
		t.Errorf("it is read anew: %s", got)
	}
}
