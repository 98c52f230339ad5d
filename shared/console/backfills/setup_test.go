package backfills_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"delfos/shared/backfill"
	"delfos/shared/backfill/report"
	"delfos/shared/console/backfills"
	"delfos/shared/console/site"
	"delfos/shared/console/sitetest"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
	"delfos/shared/pipeline/machine"
	"delfos/shared/status"
)

var (
	now   = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	first = partition.MustParseKey("2026-02-20")
	hash  = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
)

// fake is a pipeline with one backfill, b-1, and a planner.
type fake struct {
	detail pipeline.BackfillDetail
	list   []pipeline.Backfill
	items  []pipeline.Item
	events []pipeline.Event
	behind bool // the items were read before the end of the backfill

	asked   backfill.Request // of the planner
	planned error
	launch  error
	fails   error
	done    []string // what was asked to be done
	asks    atomic.Int64
}

func (f *fake) Range() (from, to partition.Key) { return first, first.AddDays(9) }

func (f *fake) Backfills(_ context.Context, filter pipeline.BackfillFilter, page pipeline.Page) (pipeline.BackfillList, error) {
	var list pipeline.BackfillList
	from, _ := strconv.Atoi(page.Before)
	for i, b := range f.list {
		switch {
		case i < from || filter.State != "" && filter.State != b.State:
		case len(list.Backfills) == page.Limit:
			list.Next = strconv.Itoa(i)
			return list, f.fails
		default:
			list.Backfills = append(list.Backfills, b)
		}
	}
	return list, f.fails
}

func (f *fake) Backfill(_ context.Context, name string) (pipeline.BackfillDetail, error) {
	f.asks.Add(1)
	if name != f.detail.Name {
		return pipeline.BackfillDetail{}, &pipeline.NotFoundError{What: "backfill", Name: name, Advice: "check its name"}
	}
	return f.detail, f.fails
}

func (f *fake) Items(_ context.Context, _ string, filter pipeline.ItemFilter, page pipeline.Page) (pipeline.ItemList, error) {
	f.asks.Add(1)
	list := pipeline.ItemList{Over: f.detail.Over() && !f.behind}
	var matching []pipeline.Item
	for _, item := range f.items {
		list.Counts.Planned++
		*map[report.Outcome]*int{
			report.Materialized: &list.Counts.Materialized, report.Failed: &list.Counts.Failed,
			report.Running: &list.Counts.Running, report.Waiting: &list.Counts.Waiting,
		}[item.Outcome]++
		if filter.Outcome == "" || filter.Outcome == item.Outcome {
			matching = append(matching, item)
		}
	}
	from, err := strconv.Atoi(page.Before)
	if page.Before != "" && err != nil {
		return list, &pipeline.InvalidError{Field: "before", Reason: "want the next of the page before"}
	}
	to := min(from+page.Limit, len(matching))
	if list.Items = matching[min(from, to):to]; to < len(matching) {
		list.Next = strconv.Itoa(to)
	}
	return list, f.fails
}

func (f *fake) Events(_ context.Context, _, after string, newestFirst bool) (pipeline.EventList, error) {
	f.asks.Add(1)
	if !newestFirst {
		return pipeline.EventList{}, errors.New("the oldest were asked for")
	}
	if after == "" && len(f.events) > 2 {
		return pipeline.EventList{Events: f.events[:2], Next: "older"}, f.fails
	}
	return pipeline.EventList{Events: f.events[min(2, len(f.events)):]}, f.fails
}

func (f *fake) Plan(_ context.Context, request backfill.Request) (pipeline.Plan, error) {
	f.asked = request
	if f.planned != nil {
		return pipeline.Plan{}, f.planned
	}
	plan := pipeline.Plan{Request: request}
	plan.Plan = backfill.Plan{
		From: first, To: first.AddDays(9), Select: "missing", Order: "oldest", MaxConcurrency: 4, Hash: hash,
		Partitions: []partition.Key{first, first.AddDays(1), first.AddDays(4)},
		Included:   map[backfill.Why][]partition.Key{backfill.WhyMissing: {first, first.AddDays(1)}, backfill.WhyFailed: {first.AddDays(4)}},
		Excluded:   map[backfill.Why][]partition.Key{backfill.WhyMaterialized: {first.AddDays(2), first.AddDays(3)}},
	}
	plan.Request.PlanHash = hash
	return plan, nil
}

func (f *fake) Launch(_ context.Context, who pipeline.Actor, request backfill.Request, name string) (pipeline.Started, error) {
	text, err := json.Marshal(request)
	if err != nil {
		return pipeline.Started{}, err
	}
	f.done = append(f.done, fmt.Sprintf("%s launches %q: %s", who, name, text))
	return pipeline.Started{Backfill: "b-2"}, f.launch
}

func (f *fake) Stop(_ context.Context, who pipeline.Actor, name, reason string) (pipeline.Started, error) {
	f.done = append(f.done, fmt.Sprintf("%s stops %s: %s", who, name, reason))
	return pipeline.Started{Backfill: name}, f.fails
}

func (f *fake) Redrive(_ context.Context, who pipeline.Actor, name string) (pipeline.Started, error) {
	f.done = append(f.done, fmt.Sprintf("%s redrives %s", who, name))
	return pipeline.Started{Backfill: name}, f.fails
}

func (f *fake) SetConcurrency(_ context.Context, who pipeline.Actor, name string, most int) (pipeline.Started, error) {
	f.done = append(f.done, fmt.Sprintf("%s sets %s to %d", who, name, most))
	return pipeline.Started{Backfill: name}, f.fails
}

// running is a backfill that is under way, of so many days, of which one has failed.
func running(t testing.TB, days int) *fake {
	t.Helper()
	definition, err := os.ReadFile("../../../infra/statemachine/backfill.asl.json")
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := machine.Parse(definition)
	if err != nil {
		t.Fatal(err)
	}
	counts := pipeline.Counts{Planned: days, Materialized: days - 6, Failed: 1, Running: 2, Waiting: 3}
	f := &fake{detail: pipeline.BackfillDetail{
		Backfill: pipeline.Backfill{
			Name: "b-1", State: status.BackfillRunning, StartedAt: now.Add(-time.Minute), Counts: counts,
			Request: backfill.Request{From: first, Select: backfill.SelectAll, Reason: "<i>why</i>"}, Input: json.RawMessage(`{"from":"2026-02-20"}`),
			Plan: &status.BackfillPlan{From: first, To: first.AddDays(days - 1), Partitions: days, Hash: hash},
		},
		ARN: "arn:aws:states:us-east-1:000000000000:execution:delfos-backfill:b-1", Status: "RUNNING",
		Graph: pipeline.Part[machine.Graph]{Value: drawn}, Definition: definition,
		States: pipeline.Part[map[string]pipeline.StateState]{Value: map[string]pipeline.StateState{
			"Plan":       {Name: "Plan", Standing: machine.Succeeded, Entered: 1, EnteredAt: now.Add(-time.Minute), EndedAt: now.Add(-59 * time.Second)},
			"Partitions": {Name: "Partitions", Standing: machine.Running, Entered: 1, EnteredAt: now.Add(-59 * time.Second)},
		}},
		MapRuns: pipeline.Part[[]pipeline.MapRun]{Value: []pipeline.MapRun{{
			ARN: "arn:aws:states:us-east-1:000000000000:mapRun:delfos-backfill/Partitions:1", Status: "RUNNING", StartedAt: now.Add(-time.Minute), MaxConcurrency: 4,
			Counts: pipeline.MapCounts{Total: days, Succeeded: days - 6, Failed: 1, Running: 2, Pending: 3},
		}}},
	}}
	for i := range days {
		item := pipeline.Item{Partition: first.AddDays(i), Outcome: report.Materialized, RunID: fmt.Sprintf("01%04d", i), StartedAt: now, Took: 30 * time.Millisecond, Rows: 1152}
		switch {
		case i >= days-3:
			item = pipeline.Item{Partition: item.Partition, Outcome: report.Waiting}
		case i >= days-5:
			item.Outcome = report.Running
		case i == days-6:
			item.Outcome, item.Failure = report.Failed, &status.Failure{Type: "EmptyPartition", Message: "none <script>alert(1)</script>"}
		}
		f.items = append(f.items, item)
	}
	for i := range 4 {
		f.events = append(f.events, pipeline.Event{
			Event:   machine.Event{ID: int64(4 - i), At: now, Type: "TaskStateEntered", State: "Plan"},
			Details: json.RawMessage(`{"input":"{\"a\":\"</pre><b>\"}"}`),
		})
	}
	return f
}

// failed is the same after its end.
func failed(t testing.TB) *fake {
	t.Helper()
	f := running(t, 10)
	d := &f.detail
	d.State, d.Status, d.EndedAt, d.CanRedrive = status.BackfillFailed, "FAILED", now, true
	d.Error, d.Cause = "PartitionsFailed", "6 of 10 partitions failed: <b>many</b>. Redrive it (`delfos retry b-1`)."
	d.Report = &report.Report{Errors: map[string]int{"EmptyPartition": 5, "NotRun": 1}}
	d.MapRuns.Value[0].Status = "SUCCEEDED"
	d.Counts = pipeline.Counts{Planned: 10, Materialized: 4, Failed: 6}
	for i := range f.items[4:] {
		f.items[4+i].Outcome = report.Failed
	}
	f.events[0].Type = "ExecutionFailed"
	return f
}

// cancelled is one of four days that was cancelled with two of them materialized and two to
// come, of which somebody has run one since.
func cancelled(t testing.TB) *fake {
	t.Helper()
	f := running(t, 10)
	d := &f.detail
	d.State, d.Status, d.EndedAt, d.CanRedrive = status.BackfillCancelled, "ABORTED", now, true
	d.Error, d.Cause = "Cancelled", "cancelled by ana with console: too slow"
	d.Counts, d.Plan.Partitions = pipeline.Counts{Planned: 4, Materialized: 2, Waiting: 2}, 4
	d.MapRuns.Value[0].Status, d.MapRuns.Value[0].Counts = "ABORTED", pipeline.MapCounts{Total: 4, Succeeded: 2, Pending: 2}
	f.items = append(f.items[:3:3], pipeline.Item{Partition: first.AddDays(3), Outcome: report.Waiting})
	f.list, f.events[0].Type = []pipeline.Backfill{d.Backfill}, "ExecutionAborted"
	return f
}

// forgotten is one that is recorded as running, and whose execution is gone.
func forgotten(t testing.TB) *fake {
	t.Helper()
	f := running(t, 10)
	b := f.detail.Backfill
	b.State, b.Counts = pipeline.BackfillGone, pipeline.Counts{Planned: 10, Materialized: 4, Waiting: 6}
	f.detail = pipeline.BackfillDetail{Backfill: b, ARN: f.detail.ARN, Forgotten: true}
	f.list, f.items, f.events = []pipeline.Backfill{b}, nil, nil
	return f
}

func browser(t testing.TB, f *fake, options site.Options) *sitetest.Browser {
	t.Helper()
	options.Now = func() time.Time { return now }
	return sitetest.New(t, options, func(mux *http.ServeMux, s *site.Site) { backfills.Register(mux, s, f) })
}
