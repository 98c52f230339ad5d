package schedules_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delfos/shared/backfill"
	"delfos/shared/console/schedules"
	"delfos/shared/console/site"
	"delfos/shared/console/sitetest"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
	"delfos/shared/schedule"
	"delfos/shared/status"
)

var (
	now = time.Date(2026, 3, 28, 20, 0, 0, 0, time.UTC)
	day = partition.MustParseKey("2026-03-27")
)

// fake is a pipeline with a tick and a sweep.
type fake struct {
	zone    *time.Location
	ticks   []pipeline.PastTick
	fails   error
	past    error
	preview error
	started pipeline.Started
	asked   partition.Key
	done    []string
}

func newFake(t testing.TB) *fake {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return &fake{zone: zone}
}

func (f *fake) Schedules(_ context.Context, ticks int) ([]pipeline.Schedule, error) {
	at := time.Date(2026, 3, 29, 1, 30, 0, 0, time.UTC)
	tick := pipeline.Schedule{
		Name: "daily-tick", Target: pipeline.TargetEtl, Expression: "cron(30 2 * * ? *)", TimeZone: "Europe/Berlin", Zone: f.zone, On: true,
		Input: `{"scheduled_time":"<aws.scheduler.scheduled-time>"}`,
	}
	for i := range ticks {
		next := schedule.Tick{At: at.AddDate(0, 0, i)}
		if i == 0 {
			next.Warning = "the clocks go forward: the one at 2026-03-29 02:30 does not exist, and is skipped"
		}
		tick.Next = append(tick.Next, next)
	}
	sweep := pipeline.Schedule{Name: "sweep", Target: pipeline.TargetBackfill, Expression: "bad", TimeZone: "Nowhere", Problem: "there is no zone <Nowhere>"}
	return []pipeline.Schedule{tick, sweep}, f.fails
}

func (f *fake) Ticks(context.Context, int) ([]pipeline.PastTick, error) { return f.ticks, f.past }

func (f *fake) TurnSchedule(_ context.Context, who pipeline.Actor, name string, on bool) (pipeline.Schedule, error) {
	f.done = append(f.done, fmt.Sprintf("%s turns %s %t", who, name, on))
	return pipeline.Schedule{}, f.fails
}

func (f *fake) PreviewTick(_ context.Context, day partition.Key) ([]pipeline.Preview, error) {
	f.asked = day
	at := time.Date(2026, 3, 28, 1, 30, 0, 0, time.UTC)
	all, _ := f.Schedules(context.Background(), 0)
	return []pipeline.Preview{
		{Schedule: all[0], Ticks: 1, First: at, Last: at, Day: &pipeline.Day{Partition: status.Partition{Key: day.AddDays(-1), Data: status.DataStale}}},
		{Schedule: all[1], Ticks: 2, First: at, Last: at.Add(time.Hour), Plan: &pipeline.Plan{Plan: backfill.Plan{
			Partitions: []partition.Key{day}, Included: map[backfill.Why][]partition.Key{backfill.WhyFailed: {day}},
		}}},
		{Schedule: all[1], Ticks: 1, First: at, Last: at, Problem: "its input is <wrong>"},
		{Schedule: all[1]},
	}, f.preview
}

func (f *fake) LaunchTick(_ context.Context, who pipeline.Actor, name string, at time.Time) (pipeline.Started, error) {
	f.done = append(f.done, fmt.Sprintf("%s launches %s of %s", who, name, at.Format(time.RFC3339)))
	return f.started, f.fails
}

func browser(t testing.TB, f *fake, options site.Options) *sitetest.Browser {
	t.Helper()
	options.Now, options.Location = func() time.Time { return now }, f.zone
	return sitetest.New(t, options, func(mux *http.ServeMux, s *site.Site) { schedules.Register(mux, s, f) })
}

// says fails the test where the page lacks one of the texts.
func says(t *testing.T, body string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(body, want) {
			t.Errorf("the page has no %s", want)
		}
	}
}

func TestTicksToComeAreToldInBothTimes(t *testing.T) {
	t.Parallel()
	b := browser(t, newFake(t), site.Options{})
	for _, address := range []string{"/schedules", "/schedules/fragment"} {
		says(t, b.Get(address).Body,
			"Sun 2026-03-29 03:30:00", "&#43;02:00", "Sun 2026-03-29 01:30:00", "the clocks go forward", "cron(30 2 * * ? *)",
			"&lt;aws.scheduler.scheduled-time&gt;", "there is no zone &lt;Nowhere&gt;", `action="/schedules/daily-tick/off"`, `action="/schedules/sweep/on"`, "No tick yet")
	}
	first := b.Fragment("/schedules/fragment")
	if again := b.Fragment("/schedules/fragment", "If-None-Match", first.Header.Get("ETag")); again.Status != 304 {
		t.Errorf("asked again: %d", again.Status)
	}
}

func TestWhereTheClocksShowUTCsTimeItIsToldOnce(t *testing.T) {
	t.Parallel()
	for name, columns := range map[string]int{"UTC": 1, "Etc/UTC": 1, "Atlantic/Reykjavik": 1, "Europe/Lisbon": 2, "Europe/Berlin": 2} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		f := newFake(t)
		f.zone = zone
		body := browser(t, f, site.Options{}).Get("/schedules").Body
		if got := strings.Count(body, `<th scope="col">UTC</th>`); got != columns-1 {
			t.Errorf("%s: %d columns of UTC beside the schedule's", name, got)
		}
		if twice := strings.Contains(body, "00:00</span>") || strings.Contains(body, "+00:00"); columns == 1 && twice {
			t.Errorf("%s: what is the same is told twice", name)
		}
	}
}

func TestTheTicksAreUnchangedAtTheFirstPoll(t *testing.T) {
	t.Parallel()
	if n := browser(t, newFake(t), site.Options{}).Unchanged("/schedules?day=2027-01-02"); n != 1 {
		t.Errorf("%d live parts, want 1", n)
	}
}

func TestPastTicksSayWhatTheyDid(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.ticks = []pipeline.PastTick{
		{Schedule: "daily-tick", FiredAt: now, ScheduledAt: now.Add(-5 * time.Minute), Outcome: schedule.Started, Run: &pipeline.Run{Run: status.Run{
			ID: "01A", Partition: day, Outcome: status.OutcomeFailed, Failure: &status.Failure{Type: "EmptyPartition"},
		}}},
		{Schedule: "sweep", FiredAt: now, ScheduledAt: now, Outcome: schedule.Started, Backfill: &pipeline.Backfill{Name: "b-1", State: status.BackfillSucceeded, Counts: pipeline.Counts{Planned: 3, Materialized: 3}}},
		{Schedule: "sweep", FiredAt: now, Outcome: schedule.DeadLettered, Error: "<refused>"},
		{Schedule: "sweep", FiredAt: now, Outcome: schedule.Missed, Missed: 2},
		{Schedule: "sweep", FiredAt: now, Outcome: schedule.Dropped},
	}
	b := browser(t, f, site.Options{})
	says(t, b.Get("/schedules").Body, "/runs/01A", "EmptyPartition", "5 min 00 s late", "/backfills/b-1", "3 of 3", "&lt;refused&gt;", "2 ticks while the stack was down", "nothing that is known")
	f.past = errors.New("the logs <are> away")
	got := b.Get("/schedules")
	says(t, got.Body, "They cannot be read: the logs &lt;are&gt; away", "daily-tick")
}

func TestATickOfAnyDayIsPreviewed(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	b := browser(t, f, site.Options{})
	body := b.Get("/schedules?day=2027-01-02").Body
	if f.asked.String() != "2027-01-02" {
		t.Errorf("asked for %s", f.asked)
	}
	says(t, body, "Sat 2026-03-28 02:30:00", "/partitions/2027-01-01", "Stale", "2 ticks in all", "<b>1 day</b>", "its input is &lt;wrong&gt;", "It has no tick on this day", `value="2026-03-28T01:30:00Z"`)
	if got := strings.Count(body, "/launch"); got != 2 {
		t.Errorf("%d of the previews can be launched, want 2", got)
	}
	if b.Get("/schedules"); f.asked.String() != "2026-03-29" {
		t.Errorf("without a day: asked for %s, want tomorrow", f.asked)
	}
	f.preview = errors.New("no <plan>")
	says(t, b.Get("/schedules").Body, "It cannot be told: no &lt;plan&gt;", "daily-tick")
}

func TestAWrongAddressGetsAPageThatHelps(t *testing.T) {
	t.Parallel()
	b := browser(t, newFake(t), site.Options{})
	for _, address := range []string{"/schedules?day=tomorrow", "/schedules?dya=2026-01-01", "/schedules/fragment?x=1"} {
		if got := b.Get(address); got.Status != 400 || !strings.Contains(got.Body, "The page without parameters") {
			t.Errorf("%s: %d", address, got.Status)
		}
	}
}

func TestSchedulesAreTurnedAndTicksLaunched(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		path    string
		form    url.Values
		started pipeline.Started
		to      string
		done    string
	}{
		"on":       {"/schedules/sweep/on", nil, pipeline.Started{}, "/schedules", "local with console turns sweep true"},
		"off":      {"/schedules/daily-tick/off", nil, pipeline.Started{}, "/schedules", "local with console turns daily-tick false"},
		"run":      {"/schedules/daily-tick/launch", url.Values{"at": {"2026-03-28T01:30:00Z"}}, pipeline.Started{RunID: "01A", Partition: day}, "/runs/01A", "local with console launches daily-tick of 2026-03-28T01:30:00Z"},
		"waiting":  {"/schedules/daily-tick/launch", url.Values{"at": {"2026-03-28T01:30:00Z"}}, pipeline.Started{Partition: day}, "/partitions/2026-03-27", "local with console launches daily-tick of 2026-03-28T01:30:00Z"},
		"backfill": {"/schedules/sweep/launch", url.Values{"at": {"2026-03-28T01:30:00Z"}}, pipeline.Started{Backfill: "b-1"}, "/backfills/b-1", "local with console launches sweep of 2026-03-28T01:30:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.started = c.started
			b := browser(t, f, site.Options{})
			if got := b.PostWith("forged", c.path, c.form); got.Status != 403 || len(f.done) > 0 {
				t.Errorf("forged: %d, done %v", got.Status, f.done)
			}
			if got := b.Post("/schedules", c.path, c.form); got.Status != 303 || got.Location != c.to {
				t.Errorf("%d to %s", got.Status, got.Location)
			}
			if diff := cmp.Diff([]string{c.done}, f.done); diff != "" {
				t.Error(diff)
			}
			quiet := newFake(t)
			if got := browser(t, quiet, site.Options{ReadOnly: true}).PostWith("any", c.path, c.form); got.Status != 403 || len(quiet.done) > 0 {
				t.Errorf("read-only: %d, done %v", got.Status, quiet.done)
			}
		})
	}
}

func TestATimeThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	if got := browser(t, f, site.Options{}).Post("/schedules", "/schedules/sweep/launch", url.Values{"at": {"soon"}}); got.Status != 400 || len(f.done) > 0 {
		t.Errorf("%d, done %v", got.Status, f.done)
	}
}

func TestAReadOnlyConsoleShowsNoActions(t *testing.T) {
	t.Parallel()
	if body := browser(t, newFake(t), site.Options{ReadOnly: true}).Get("/schedules").Body; strings.Contains(body, `method="post"`) {
		t.Error("the page has a form")
	}
}
