package pipeline_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/pipelinetest"
	"delfos/shared/backfill"
	"delfos/shared/pipeline"
	"delfos/shared/status"
)

// recordOnly records a backfill that Step Functions does not know, of three days of which
// one is materialized.
func recordOnly(t *testing.T, w *pipelinetest.World, name string, state status.BackfillState, failure *status.Failure) {
	t.Helper()
	change := status.BackfillChange{
		Asset: pipelinetest.Asset, ID: name, State: state, Failure: failure,
		Request: json.RawMessage(`{"last_days": 3, "reason": "old times"}`), StartedAt: w.Now().Add(-100 * 24 * time.Hour), Now: w.Now(),
	}
	if state != status.BackfillRunning {
		change.EndedAt = change.StartedAt.Add(time.Minute)
	}
	_, err := w.Status.ChangeBackfill(t.Context(), change)
	if err == nil {
		err = w.Status.PlanBackfill(t.Context(), pipelinetest.Asset, name, status.BackfillPlan{From: w.Day(0), To: w.Day(2), Partitions: 3, Hash: "abc"}, w.Now())
	}
	if err == nil && state != status.BackfillRunning {
		err = w.Status.CountBackfill(t.Context(), pipelinetest.Asset, name, 0, status.BackfillCounts{Materialized: 1, Failed: 2}, w.Now())
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestABackfillWhoseExecutionIsGoneIsToldByItsRecord(t *testing.T) {
	t.Parallel()
	w := pipelinetest.New(t, 3)
	failure := &status.Failure{Type: "PartitionsFailed", Message: "2 of 3 partitions failed"}
	recordOnly(t, w, "ended", status.BackfillFailed, failure)
	recordOnly(t, w, "lost", status.BackfillRunning, nil)
	for name, want := range map[string]struct {
		state  status.BackfillState
		counts pipeline.Counts
		why    string
	}{
		"ended": {status.BackfillFailed, pipeline.Counts{Planned: 3, Materialized: 1, Failed: 2}, failure.Message},
		"lost":  {pipeline.BackfillGone, pipeline.Counts{Planned: 3, Waiting: 3}, ""},
	} {
		b, err := w.Pipeline.Backfill(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		if !b.Forgotten || !b.Over() || b.CanRedrive || b.State != want.state || b.Cause != want.why || b.Request.Reason != "old times" || b.Plan.From != w.Day(0) {
			t.Errorf("%s is %+v", name, b)
		}
		if diff := cmp.Diff(want.counts, b.Counts); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if items, err := w.Pipeline.Items(t.Context(), name, pipeline.ItemFilter{}, pipeline.Page{}); err != nil || len(items.Items) != 0 || !items.Over {
			t.Errorf("its items are %+v: %v", items, err)
		}
		if events, err := w.Pipeline.Events(t.Context(), name, "", true); err != nil || len(events.Events) != 0 {
			t.Errorf("its history is %+v: %v", events, err)
		}
		if _, err := w.Pipeline.Stop(t.Context(), ana, name, ""); !is[*pipeline.NotFoundError](err) {
			t.Errorf("stopped: %v", err)
		}
	}
	for _, name := range []string{"never", "no name"} {
		if _, err := w.Pipeline.Backfill(t.Context(), name); !is[*pipeline.NotFoundError](err) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := w.Pipeline.Items(t.Context(), name, pipeline.ItemFilter{}, pipeline.Page{}); !is[*pipeline.NotFoundError](err) {
			t.Errorf("the items of %s: %v", name, err)
		}
		if _, err := w.Pipeline.Events(t.Context(), name, "", true); !is[*pipeline.NotFoundError](err) {
			t.Errorf("the history of %s: %v", name, err)
		}
	}
}

func TestABackfillWhoseExecutionIsGoneIsNotAmongThoseThatRun(t *testing.T) {
	t.Parallel()
	w := pipelinetest.New(t, 3)
	w.FillSource(t, w.Day(0))
	recordOnly(t, w, "lost", status.BackfillRunning, nil)
	hold := w.Hold(w.Day(0))
	launch(t, w, backfill.Request{To: w.Day(0)}, "alive")
	hold.Await(t)

	stands := func(filter pipeline.BackfillFilter) map[string]status.BackfillState {
		list, err := w.Pipeline.Backfills(t.Context(), filter, pipeline.Page{})
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]status.BackfillState{}
		for _, b := range list.Backfills {
			found[b.Name] = b.State
		}
		return found
	}
	if diff := cmp.Diff(map[string]status.BackfillState{"alive": status.BackfillRunning, "lost": pipeline.BackfillGone}, stands(pipeline.BackfillFilter{})); diff != "" {
		t.Errorf("of all (-wanted +seen):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]status.BackfillState{"alive": status.BackfillRunning}, stands(pipeline.BackfillFilter{State: status.BackfillRunning})); diff != "" {
		t.Errorf("of those that run (-wanted +seen):\n%s", diff)
	}
	if running := w.Pipeline.Overview(t.Context()).Running(); len(running) != 1 || running[0].Name != "alive" {
		t.Errorf("the overview has running %+v", running)
	}
	hold.Release()
	if end := w.AwaitEnd(t, "alive", 1); end != "SUCCEEDED" {
		t.Fatal(end)
	}
}
