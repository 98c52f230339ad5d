package pipeline_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"delfos/infra/local/pipelinetest"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
	"delfos/shared/status"
)

func TestRunsAreListedPageByPageAndByWhatTheyAre(t *testing.T) {
	t.Parallel()
	w := pipelinetest.New(t, 100)
	w.FillStatus(t, 250)
	all := readAll(t, w, pipeline.RunFilter{}, 100)
	if len(all) != 250 {
		t.Fatalf("there are %d runs", len(all))
	}
	for i := range all[1:] {
		if all[i].StartedAt.Before(all[i+1].StartedAt) {
			t.Fatalf("%s is before %s", all[i].ID, all[i+1].ID)
		}
	}
	for name, test := range map[string]struct {
		filter pipeline.RunFilter
		want   int
	}{
		"failed":              {pipeline.RunFilter{Outcome: status.OutcomeFailed}, 2},
		"succeeded":           {pipeline.RunFilter{Outcome: status.OutcomeSucceeded}, 248},
		"by hand":             {pipeline.RunFilter{Trigger: status.TriggerManual}, 250},
		"by a schedule":       {pipeline.RunFilter{Trigger: status.TriggerSchedule}, 0},
		"of a day":            {pipeline.RunFilter{Partition: w.Day(7)}, 3},
		"failed of a day":     {pipeline.RunFilter{Partition: w.Day(99), Outcome: status.OutcomeFailed}, 2},
		"since":               {pipeline.RunFilter{Since: all[9].StartedAt}, 10},
		"failed since":        {pipeline.RunFilter{Since: all[99].StartedAt, Outcome: status.OutcomeFailed}, 1},
		"of a backfill":       {pipeline.RunFilter{Backfill: "nobody"}, 0},
		"since tomorrow":      {pipeline.RunFilter{Since: w.Now().Add(time.Hour)}, 0},
		"of a day since then": {pipeline.RunFilter{Partition: w.Day(7), Since: all[99].StartedAt}, 1},
	} {
		for _, limit := range []int{1, 3, 100} {
			if limit < test.want/10 {
				continue
			}
			if have := readAll(t, w, test.filter, limit); len(have) != test.want {
				t.Errorf("%s, %d a page: %d runs, want %d", name, limit, len(have), test.want)
			}
		}
	}
	if _, err := w.Pipeline.Runs(t.Context(), pipeline.RunFilter{}, pipeline.Page{Limit: 1001}); !is[*pipeline.InvalidError](err) {
		t.Errorf("1001 a page: %v", err)
	}
	if _, err := w.Pipeline.Run(t.Context(), "nobody"); !is[*pipeline.NotFoundError](err) {
		t.Errorf("a run that is not there: %v", err)
	}
}

func readAll(t *testing.T, w *pipelinetest.World, filter pipeline.RunFilter, limit int) []pipeline.Run {
	t.Helper()
	var all []pipeline.Run
	page := pipeline.Page{Limit: limit}
	for {
		list, err := w.Pipeline.Runs(t.Context(), filter, page)
		if err != nil {
			t.Fatal(err)
		}
		if len(list.Runs) > limit {
			t.Fatalf("a page of %d has %d", limit, len(list.Runs))
		}
		all = append(all, list.Runs...)
		if page.Before = list.Next; page.Before == "" {
			return all
		}
	}
}

func TestARunThatDiedHasFailed(t *testing.T) {
	t.Parallel()
	w := pipelinetest.New(t, 30)
	at := w.Now().Add(-time.Hour)
	for n := range 20 { // more than are read one by one
		key := w.Day(n)
		lease, _, err := w.Status.Claim(t.Context(), status.Claim{
			Asset: pipelinetest.Asset, Partition: key, RunID: "01KJ-" + key.String(), Now: at, LeaseUntil: at.Add(time.Second),
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Status.StartRun(t.Context(), status.Run{
			ID: lease.RunID, Asset: pipelinetest.Asset, Partition: key, Trigger: status.TriggerManual, Attempt: 1, StartedAt: at, Generation: lease.Generation,
		}); err != nil {
			t.Fatal(err)
		}
		list, err := w.Pipeline.Runs(t.Context(), pipeline.RunFilter{Outcome: status.OutcomeFailed}, pipeline.Page{})
		if err != nil || len(list.Runs) != n+1 || list.Runs[0].Failure.Type != status.FailureLeaseExpired {
			t.Fatalf("%d died; failed are %+v: %v", n+1, list, err)
		}
		if _, known := list.Runs[0].Took(w.Now()); known {
			t.Error("it is known how long it took")
		}
	}
	if list, err := w.Pipeline.Runs(t.Context(), pipeline.RunFilter{Outcome: status.OutcomeRunning}, pipeline.Page{}); err != nil || len(list.Runs) != 0 {
		t.Errorf("running are %+v: %v", list, err)
	}
	days, err := w.Pipeline.Partitions(t.Context(), w.First, w.Last)
	if err != nil || len(days) != 30 || days[0].Attempt != status.AttemptFailed || days[20].Attempt != status.AttemptNone {
		t.Errorf("the days are %+v: %v", days, err)
	}
}

func TestPartitionsAreAllDaysOfTheRangeThatThePipelineHas(t *testing.T) {
	t.Parallel()
	w := pipelinetest.New(t, 2100)
	w.FillStatus(t, 1100)
	for name, test := range map[string]struct{ first, last, from, to partition.Key }{
		"all":        {w.First, w.Last, w.First, w.Last},
		"too many":   {w.First.AddDays(-10), w.Last.AddDays(10), w.First, w.Last},
		"one":        {w.Day(3), w.Day(3), w.Day(3), w.Day(3)},
		"a stretch":  {w.Day(999), w.Day(2050), w.Day(999), w.Day(2050)},
		"the future": {w.Last.AddDays(1), w.Last.AddDays(9), partition.Key{}, partition.Key{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			days, err := w.Pipeline.Partitions(t.Context(), test.first, test.last)
			if err != nil {
				t.Fatal(err)
			}
			var keys []partition.Key
			for _, day := range days {
				keys = append(keys, day.Key)
				untouched := w.Day(1099).Before(day.Key)
				if (day.Attempt == status.AttemptNone) != untouched || (day.Data == status.DataMissing && day.Attempt == status.AttemptSucceeded) {
					t.Fatalf("%+v", day)
				}
			}
			var want []partition.Key
			if !test.from.IsZero() {
				want = partition.Days(test.from, test.to)
			}
			if diff := cmp.Diff(want, keys, cmp.Comparer(func(a, b partition.Key) bool { return a == b })); diff != "" {
				t.Error(diff)
			}
		})
	}
	if _, err := w.Pipeline.Partitions(t.Context(), w.Last, w.First); !is[*pipeline.InvalidError](err) {
		t.Errorf("a range that is upside down: %v", err)
	}
}

// A page cannot ask the calendar for the span of thousands of days.
func TestADayIsSkippedWhereItsSpanIsEmpty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom([]string{
			"UTC", "Europe/Lisbon", "America/Sao_Paulo", "America/Havana", "Pacific/Apia", "Pacific/Kwajalein", "Australia/Lord_Howe", "Antarctica/Troll",
		}).Draw(t, "zone")
		key := rapid.SampledFrom([]string{"2011-12-30", "2011-12-31", "1993-08-21", "1993-08-20", "2018-11-04", "2026-03-29"}).Draw(t, "about")
		day := partition.MustParseKey(key).AddDays(rapid.IntRange(-400, 400).Draw(t, "days"))
		calendar, err := partition.NewCalendar(zone, day)
		if err != nil {
			t.Fatal(err)
		}
		if have, want := pipeline.IsSkipped(day, calendar.Location()), calendar.Span(day).Duration() == 0; have != want {
			t.Fatalf("%s in %s: skipped %v, want %v", day, zone, have, want)
		}
	})
}
