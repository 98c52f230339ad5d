package partitions_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"delfos/shared/bearer"
	"delfos/shared/console/chart"
	"delfos/shared/console/partitions"
	"delfos/shared/console/site"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
)

// console is the pages as a browser sees them.
type console struct {
	t       testing.TB
	fake    *fake
	handler http.Handler
	cookies []*http.Cookie
}

// newConsole is of days from first on, at noon UTC of the day after last.
func newConsole(t testing.TB, zone, first, last string, change ...func(*site.Options)) *console {
	t.Helper()
	calendar, err := partition.NewCalendar(zone, partition.MustParseKey(first))
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{calendar: calendar, days: map[partition.Key]pipeline.Day{}}
	f.now = calendar.Span(partition.MustParseKey(last)).End.Add(12 * time.Hour)
	options := site.Options{
		Asset: "turbine-1", Location: calendar.Location(), Secret: bearer.Fixed("secret"), Now: func() time.Time { return f.now },
		Logger: slog.New(slog.DiscardHandler),
	}
	for _, set := range change {
		set(&options)
	}
	s := site.New(options)
	s.AddAssets(chart.Assets())
	mux := http.NewServeMux()
	partitions.Register(mux, s, f)
	return &console{t: t, fake: f, handler: s.Handler(mux)}
}

// another is another browser at the same console.
func (c *console) another(t testing.TB) *console {
	t.Helper()
	return &console{t: t, fake: c.fake, handler: c.handler}
}

func (c *console) do(r *http.Request) *http.Response {
	c.t.Helper()
	for _, cookie := range c.cookies {
		r.AddCookie(cookie)
	}
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	answer := w.Result()
	c.cookies = append(c.cookies, answer.Cookies()...)
	return answer
}

// get gives a page, which must have the status.
func (c *console) get(path string, want int) string {
	c.t.Helper()
	answer := c.do(httptest.NewRequest(http.MethodGet, path, nil))
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if answer.StatusCode != want {
		c.t.Fatalf("GET %s: status %d, want %d: %s", path, answer.StatusCode, want, body)
	}
	return string(body)
}

var csrf = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// post sends a form as our pages would, with the token of the page that it is on.
func (c *console) post(page, path string, form url.Values) *http.Response {
	c.t.Helper()
	if token := csrf.FindStringSubmatch(c.get(page, http.StatusOK)); token != nil {
		form.Set("csrf", token[1])
	}
	return c.send(path, form)
}

func (c *console) send(path string, form url.Values) *http.Response {
	c.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return c.do(r)
}

func text(t testing.TB, answer *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// holds checks that a page has each of the texts.
func holds(t testing.TB, page string, texts ...string) {
	t.Helper()
	for _, want := range texts {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if t.Failed() {
		t.Log(page)
	}
}

func lacks(t testing.TB, page string, texts ...string) {
	t.Helper()
	for _, unwanted := range texts {
		if strings.Contains(page, unwanted) {
			t.Errorf("the page has %q", unwanted)
		}
	}
}
