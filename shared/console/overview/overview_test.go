package overview

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"delfos/shared/bearer"
	"delfos/shared/console/site"
	"delfos/shared/console/site/sitetest"
	pagetest "delfos/shared/console/sitetest"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
	"delfos/shared/schedule"
	"delfos/shared/status"
)

var now = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// fake is a pipeline that stands as told.
type fake struct {
	stands pipeline.Overview
	ticks  []pipeline.PastTick
	hangs  bool // until the caller has no patience left

	looked, ticked atomic.Int64 // how often it was asked
}

func (f *fake) Overview(ctx context.Context) pipeline.Overview {
	f.looked.Add(1)
	o := f.stands
	if f.hangs {
		<-ctx.Done()
		o.Days = pipeline.Part[pipeline.DayCounts]{Err: &pipeline.UnavailableError{What: "the status tables", Cause: ctx.Err()}}
	}
	return o
}

func (f *fake) Ticks(context.Context, int) ([]pipeline.PastTick, error) {
	f.ticked.Add(1)
	return f.ticks, nil
}

func key(t *testing.T, text string) partition.Key {
	t.Helper()
	k, err := partition.ParseKey(text)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// well is a pipeline of ten days, all of them there.
func well(t *testing.T) *fake {
	t.Helper()
	first, last := key(t, "2026-02-20"), key(t, "2026-03-01")
	o := pipeline.Overview{At: now}
	o.API.Value.Took = 12 * time.Millisecond
	o.Source.Value.Extent = pipeline.Extent{First: now.AddDate(0, 0, -10), Last: now.Add(-8*time.Hour - time.Minute)}
	o.Target.Value.Published = 10
	o.Days.Value = pipeline.DayCounts{
		First: first, Last: last, Total: 10,
		Data: map[status.DataState]int{status.DataMaterialized: 10}, Attempts: map[status.AttemptState]int{status.AttemptSucceeded: 10},
	}
	for i := range 10 {
		o.Days.Value.Recent = append(o.Days.Value.Recent, pipeline.Day{Partition: status.Partition{
			Key: first.AddDays(i), Data: status.DataMaterialized, Attempt: status.AttemptSucceeded,
		}})
	}
	o.LastRuns.Value = []pipeline.Run{{Run: status.Run{ID: "01RUN", Partition: last, Outcome: status.OutcomeSucceeded, Trigger: status.TriggerSchedule, StartedAt: now}}}
	o.Schedules.Value = []pipeline.Schedule{{Name: "tick", Target: pipeline.TargetEtl, On: true, Next: []schedule.Tick{{At: now.Add(17 * time.Hour)}}}}
	return &fake{stands: o}
}

// browser is one in front of the page, by the given clock.
func browser(t *testing.T, f *fake, clock func() time.Time) *pagetest.Browser {
	t.Helper()
	return pagetest.New(t, site.Options{Now: clock}, func(mux *http.ServeMux, s *site.Site) {
		register(mux, s, f, time.Hour)
		mux.HandleFunc("POST /act", func(w http.ResponseWriter, r *http.Request) {
			s.Do(w, r, func(context.Context, pipeline.Actor) (string, error) { return "/", nil })
		})
		mux.HandleFunc("GET /form", func(w http.ResponseWriter, r *http.Request) {
			s.Render(w, r, site.Page{Template: s.Parse(fstest.MapFS{"form.html": {Data: []byte("{{csrf}}")}}, "*.html"), Name: "form.html"})
		})
	})
}

// show asks for one of the page's addresses.
func show(t *testing.T, f *fake, options site.Options, target string) string {
	t.Helper()
	options.Asset, options.Secret, options.Logger = "turbine-1", bearer.Fixed("secret"), slog.New(slog.DiscardHandler)
	options.Now = func() time.Time { return now }
	s := site.New(options)
	mux := http.NewServeMux()
	patience := time.Hour
	if f.hangs {
		patience = time.Millisecond
	}
	register(mux, s, f, patience)
	w := httptest.NewRecorder()
	s.Handler(mux).ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, nil))
	if w.Code != http.StatusOK {
		t.Errorf("%s: status %d", target, w.Code)
	}
	sitetest.Clean(t, w.Body.String())
	return w.Body.String()
}

func has(t *testing.T, page string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func lacks(t *testing.T, page string, unwanted ...string) {
	t.Helper()
	for _, text := range unwanted {
		if strings.Contains(page, text) {
			t.Errorf("the page has %q", text)
		}
	}
}

func TestAWellPipelineSaysSoFirst(t *testing.T) {
	t.Parallel()
	f := well(t)
	f.ticks = []pipeline.PastTick{{
		Schedule: "tick", Target: pipeline.TargetEtl, FiredAt: now.Add(-7 * time.Hour), Outcome: schedule.Started,
		Run: &pipeline.Run{Run: status.Run{ID: "01TICK", Partition: f.stands.Days.Value.Last, Outcome: status.OutcomeSucceeded}},
	}}
	got := show(t, f, site.Options{}, "/")
	has(t, got, "All is well", "All 10 days are materialized, up to the last that has ended, 2026-03-01.", `data-poll="/overview/part"`,
		`href="/partitions?data=materialized"`, `href="/partitions?attempt=failed"`, `href="/partitions/2026-02-25"`,
		`href="/runs/01TICK"`, "2026-03-03 01:00", "Source API", "10 days published", "None is running")
	lacks(t, got, "needs you", `class="need `, "skeleton", "data-now")
}

func TestWhatNeedsAPersonComesFirstAndLeadsOn(t *testing.T) {
	t.Parallel()
	f := well(t)
	a, b := key(t, "2026-02-21"), key(t, "2026-02-23")
	f.stands.Attention = []pipeline.Attention{
		{Kind: "failed", Urgency: pipeline.Alarm, Title: "2 days have failed", Advice: "See why.", Days: []partition.Key{a, b}},
		{Kind: "failed", Urgency: pipeline.Warning, Title: "A rerun failed", Days: []partition.Key{a}},
		{Kind: "backfill", Urgency: pipeline.Warning, Title: "A backfill failed", Backfill: "sweep-1"},
		{Kind: "schedule", Urgency: pipeline.Warning, Title: "It is off", Schedule: "tick"},
		{Kind: "stale", Urgency: pipeline.Notice, Title: "2 are stale", Days: []partition.Key{a, b}},
		{Kind: "source", Urgency: pipeline.Warning, Title: "No samples", Days: []partition.Key{b}},
	}
	got := show(t, f, site.Options{}, "/")
	has(t, got, "One thing needs you now", "need--alarm", "need--notice", "See why.",
		`href="/backfills/new?from=2026-02-21&amp;to=2026-02-23&amp;select=failed"`, `href="/partitions?attempt=failed&amp;month=2026-02"`,
		`href="/partitions/2026-02-21"`, `href="/backfills/sweep-1"`, `href="/schedules"`,
		`href="/backfills/new?from=2026-02-21&amp;to=2026-02-23&amp;select=stale"`, `href="/api"`)
	readOnly := show(t, f, site.Options{ReadOnly: true}, "/")
	has(t, readOnly, "2 days have failed", "See the days")
	lacks(t, readOnly, "/backfills/new")
	if strings.Index(got, "2 days have failed") > strings.Index(got, `class="stats"`) {
		t.Error("the numbers come before what needs a person")
	}
	lacks(t, got, "All is well")
}

func TestAFreshPipelineSaysHowToBegin(t *testing.T) {
	t.Parallel()
	f := well(t)
	d := &f.stands.Days.Value
	d.Data = map[status.DataState]int{status.DataMissing: 10}
	d.Attempts, d.Recent, d.LagDays = nil, nil, 10
	d.Missing = []partition.Key{d.First, d.Last}
	f.stands.LastRuns.Value = nil
	f.stands.Source.Value.Extent.Last = time.Date(2026, 2, 25, 23, 59, 0, 0, time.UTC)
	f.stands.Attention = []pipeline.Attention{{Kind: "missing", Urgency: pipeline.Warning, Title: "10 days have no data yet", Days: d.Missing}}
	got := show(t, f, site.Options{}, "/")
	has(t, got, "Nothing has run yet", "6 days, 2026-02-20 to 2026-02-25, can be materialized now", `href="/backfills/new?to=2026-02-25"`, `href="/partitions/2026-02-20"`, "No runs yet", "No tick yet")
	lacks(t, got, "10 days have no data yet", "New backfill")
	if readOnly := show(t, f, site.Options{ReadOnly: true}, "/"); strings.Contains(readOnly, "/backfills/new") {
		t.Error("a read-only console offers to begin")
	}
}

func TestBeforeTheFirstDayHasEndedThereIsNothingToDo(t *testing.T) {
	t.Parallel()
	f := well(t)
	f.stands.Days.Value = pipeline.DayCounts{First: key(t, "2026-03-02"), Last: key(t, "2026-03-01")}
	f.stands.LastRuns.Value, f.stands.Target.Value.Published = nil, 0
	has(t, show(t, f, site.Options{}, "/"), "No day has ended yet", "No day can be materialized yet", "2026-03-02")
}

func TestWhatDoesNotAnswerIsToldBesideWhatDoes(t *testing.T) {
	t.Parallel()
	f := well(t)
	down := &pipeline.UnavailableError{What: "the target", Cause: errors.New("<connection> refused")}
	f.stands.Target = pipeline.Part[pipeline.TargetHealth]{Err: down}
	f.stands.LastRuns = pipeline.Part[[]pipeline.Run]{Err: down}
	f.stands.Backfills.Err, f.stands.Schedules.Err, f.stands.Source.Err, f.stands.API.Err = down, down, down, down
	f.stands.Letters = pipeline.Part[pipeline.DeadLetters]{Value: pipeline.DeadLetters{Queue: "dead", Waiting: 2}}
	got := show(t, f, site.Options{}, "/")
	has(t, got, "does not answer", "cannot be told", "The target cannot be reached", "2 messages could not be delivered", "&lt;connection&gt;", "Materialized")
	lacks(t, got, "<connection>", "No tick yet", "There is no schedule")
	f.stands.Days.Err = down
	has(t, show(t, f, site.Options{}, "/"), "How the days stand cannot be told")
}

func TestASlowPipelineDoesNotHoldThePageUp(t *testing.T) {
	t.Parallel()
	f := well(t)
	f.hangs = true
	got := show(t, f, site.Options{}, "/")
	has(t, got, "Still asking how things stand", "skeleton", "data-now", "Latest runs")
	lacks(t, got, "cannot be reached", "All is well")
}

func TestAPartThatIsPolledStaysTheSameWhileNothingChanges(t *testing.T) {
	t.Parallel()
	f := well(t)
	first := show(t, f, site.Options{}, "/overview/part")
	f.stands.API.Value.Took, f.stands.Target.Value.Took, f.stands.Source.Value.Behind = 31*time.Millisecond, time.Second, 9*time.Hour
	f.stands.At = now.Add(time.Minute)
	if show(t, f, site.Options{}, "/overview/part") != first {
		t.Error("the part differs though nothing has changed")
	}
}

func TestThePartIsUnchangedAtTheFirstPoll(t *testing.T) {
	t.Parallel()
	b := browser(t, well(t), func() time.Time { return now })
	if n := b.Unchanged("/"); n != 1 {
		t.Errorf("%d live parts, want 1", n)
	}
}

func TestRunningBackfillsShowHowFarTheyAre(t *testing.T) {
	t.Parallel()
	f := well(t)
	f.stands.Backfills.Value = []pipeline.Backfill{
		{Name: "backfill-1", State: status.BackfillRunning, StartedAt: now, Counts: pipeline.Counts{Planned: 9, Materialized: 3, Failed: 1, Running: 2, Waiting: 3}},
		{Name: "backfill-2", State: status.BackfillRunning, StartedAt: now},
		{Name: "backfill-3", State: status.BackfillSucceeded, StartedAt: now},
	}
	got := show(t, f, site.Options{}, "/")
	has(t, got, "2 backfills are running", `href="/backfills/backfill-1"`, `aria-label="4 of 9 done"`, "4 of 9 days, 2 running", "1 failed", "Planning")
	lacks(t, got, "/backfills/backfill-3")
}

func TestDaysAreToldByWords(t *testing.T) {
	t.Parallel()
	f := well(t)
	days := f.stands.Days.Value.Recent
	days[1].Data, days[1].Attempt, days[1].Failure = status.DataMissing, status.AttemptFailed, &status.Failure{Type: "EmptyPartition"}
	days[2].Data = status.DataStale
	days[3].Skipped = true
	got := show(t, f, site.Options{}, "/")
	has(t, got, "2026-02-21, missing, last attempt failed, EmptyPartition", "2026-02-22, stale", `aria-label="20: 2026-02-20, materialized"`, "Mar")
	lacks(t, got, "2026-02-23, materialized")
}
