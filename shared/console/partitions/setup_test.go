package partitions_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"delfos/shared/backfill"
	"delfos/shared/console/chart"
	"delfos/shared/console/partitions"
	"delfos/shared/console/site"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
	"delfos/shared/pipeline/runlog"
	"delfos/shared/status"
)

// fake is a pipeline in memory.
type fake struct {
	calendar partition.Calendar
	now      time.Time

	mu     sync.Mutex
	days   map[partition.Key]pipeline.Day // those that something happened to
	done   []string                       // actions, as they came
	reads  int                            // of all days
	fails  error                          // of what is read
	refuse error                          // of what is done
	curves error
}

func (f *fake) Calendar() partition.Calendar { return f.calendar }

func (f *fake) Range() (first, last partition.Key) {
	return f.calendar.First(), f.calendar.LastEnded(f.now)
}

func (f *fake) Partitions(_ context.Context, first, last partition.Key) ([]pipeline.Day, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	if f.fails != nil {
		return nil, f.fails
	}
	var days []pipeline.Day
	for _, key := range partition.Days(first, last) {
		days = append(days, f.at(key))
	}
	return days, nil
}

func (f *fake) at(key partition.Key) pipeline.Day {
	day, ok := f.days[key]
	if !ok {
		day = pipeline.Day{Partition: status.Partition{Key: key, Data: status.DataMissing}}
	}
	day.Skipped = f.calendar.Span(key).Duration() == 0
	return day
}

func (f *fake) Partition(_ context.Context, key partition.Key) (pipeline.DayDetail, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fails != nil {
		return pipeline.DayDetail{}, f.fails
	}
	first, last := f.Range()
	detail := pipeline.DayDetail{Day: f.at(key), Span: f.calendar.Span(key)}
	for _, near := range partition.Days(key.AddDays(-7), key.AddDays(7)) {
		if !near.Before(first) && !last.Before(near) {
			detail.Around = append(detail.Around, f.at(near))
		}
	}
	if first.Before(key) {
		detail.Previous = key.AddDays(-1)
	}
	if key.Before(last) {
		detail.Next = key.AddDays(1)
	}
	if day := detail.Day; day.RunID != "" {
		run := status.Run{
			ID: day.RunID, Partition: key, Trigger: status.TriggerManual, Attempt: 1, Outcome: status.Outcome(day.Attempt),
			StartedAt: f.now.Add(-time.Minute), Failure: day.Failure, Materialization: day.Materialization, BackfillID: day.BackfillID,
		}
		if run.Outcome != status.OutcomeRunning {
			run.FinishedAt = f.now.Add(-time.Minute + 27*time.Millisecond)
		}
		detail.Runs = []pipeline.Run{{Run: run}}
	}
	return detail, nil
}

func (f *fake) Curves(_ context.Context, key partition.Key) (pipeline.Curves, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.curves != nil {
		return pipeline.Curves{}, f.curves
	}
	curves := pipeline.Curves{Span: f.calendar.Span(key), Window: 10 * time.Minute}
	if f.at(key).Materialization == nil {
		return curves, nil
	}
	wind := pipeline.Curve{Variable: "wind_speed", Unit: "m/s"}
	for at := curves.Span.Start; at.Before(curves.Span.End); at = at.Add(curves.Window) {
		mean := 8 + math.Sin(at.Sub(curves.Span.Start).Hours())
		if at.Sub(curves.Span.Start) == 2*time.Hour {
			mean = math.NaN()
		}
		curves.Times = append(curves.Times, at)
		wind.Mean, wind.Min = append(wind.Mean, mean), append(wind.Min, mean-1)
		wind.Max, wind.Std = append(wind.Max, mean+1), append(wind.Std, mean-mean+0.3)
	}
	curves.Curves = []pipeline.Curve{wind}
	return curves, nil
}

func (f *fake) Log(_ context.Context, runID, _ string) (pipeline.LogPage, error) {
	if runID == "gone" {
		return pipeline.LogPage{}, &pipeline.NotFoundError{What: "run", Name: runID, Advice: "check its id"}
	}
	return pipeline.LogPage{Next: "n", Final: true, Lines: []runlog.Line{{
		At: f.now, Kind: runlog.Application, Level: "ERROR", Message: "<b>bold</b>", Fields: []runlog.Field{{Name: "rows", Value: "3"}},
	}}}, nil
}

// Plan takes the days without data; its hash is of the request and of them.
func (f *fake) Plan(_ context.Context, r backfill.Request) (pipeline.Plan, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refuse != nil {
		return pipeline.Plan{}, f.refuse
	}
	plan := pipeline.Plan{Plan: backfill.Plan{
		From: r.From, To: r.To, Select: r.Select, Order: r.Order, MaxConcurrency: r.MaxConcurrency,
		Included: map[backfill.Why][]partition.Key{}, Excluded: map[backfill.Why][]partition.Key{},
	}}
	for _, key := range partition.Days(r.From, r.To) {
		if f.at(key).Data == status.DataMissing {
			plan.Partitions = append(plan.Partitions, key)
			plan.Included[backfill.WhyMissing] = append(plan.Included[backfill.WhyMissing], key)
			continue
		}
		plan.Excluded[backfill.WhyMaterialized] = append(plan.Excluded[backfill.WhyMaterialized], key)
	}
	sum := sha256.Sum256(fmt.Append(nil, plan))
	plan.Hash = hex.EncodeToString(sum[:])
	return plan, nil
}

func (f *fake) act(format string, of ...any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.done = append(f.done, fmt.Sprintf(format, of...))
	return f.refuse
}

func (f *fake) Launch(_ context.Context, who pipeline.Actor, r backfill.Request, name string) (pipeline.Started, error) {
	return pipeline.Started{Backfill: "backfill-1"}, f.act("%s launches %s %s %s %s %d %q %s %s",
		who.Name, r.From, r.To, r.Select, r.Order, r.MaxConcurrency, r.Reason, r.PlanHash, name)
}

func (f *fake) Materialize(_ context.Context, who pipeline.Actor, key partition.Key, allowEmpty bool) (pipeline.Materialized, error) {
	return pipeline.Materialized{}, f.act("%s materializes %s %v", who.Name, key, allowEmpty)
}

func (f *fake) Waive(_ context.Context, who pipeline.Actor, key partition.Key, reason string) (pipeline.Day, error) {
	return pipeline.Day{}, f.act("%s waives %s: %s", who.Name, key, reason)
}

func (f *fake) Unwaive(_ context.Context, who pipeline.Actor, key partition.Key) (pipeline.Day, error) {
	return pipeline.Day{}, f.act("%s unwaives %s", who.Name, key)
}

// put sets days' states.
func (f *fake) put(data status.DataState, attempt status.AttemptState, keys ...string) {
	for _, text := range keys {
		key := partition.MustParseKey(text)
		day := pipeline.Day{Partition: status.Partition{Key: key, Data: data, Attempt: attempt, Generation: 1, RunID: "RUN" + text}}
		if data == status.DataMaterialized || data == status.DataStale {
			day.Materialization = &status.Materialization{
				RunID: "RUN" + text, Generation: 1, RowsRead: 1440, Windows: 144, RowsWritten: 1152, Coverage: 1, Fingerprint: "f1ng3r",
				Duration: status.Durations{Total: 27 * time.Millisecond}, PublishedAt: f.now.Add(-time.Hour),
			}
		}
		if attempt == status.AttemptFailed {
			day.Failure = &status.Failure{Type: "EmptyPartition", Message: "the source has <no> sample of it"}
		}
		f.days[key] = day
	}
}

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
		Asset: "turbine-1", Location: calendar.Location(), Secret: "secret", Now: func() time.Time { return f.now },
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

var errDown = &pipeline.UnavailableError{What: "the status tables", Cause: errors.New("no route to host")}
