package pipeline_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/pipelinetest"
	"delfos/shared/backfill"
	"delfos/shared/backfill/report"
	"delfos/shared/pipeline"
	"delfos/shared/pipeline/machine"
	"delfos/shared/status"
)

// launch plans what is asked for and launches just that.
func launch(t *testing.T, w *pipelinetest.World, request backfill.Request, name string) {
	t.Helper()
	plan, err := w.Pipeline.Plan(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	led, err := w.Pipeline.Launch(t.Context(), ana, plan.Request, name)
	if err != nil || led.Backfill != name {
		t.Fatalf("launched %+v: %v", led, err)
	}
}

func detailOf(t *testing.T, w *pipelinetest.World, name string) pipeline.BackfillDetail {
	t.Helper()
	b, err := w.Pipeline.Backfill(t.Context(), name)
	for _, err := range []error{err, b.Graph.Err, b.States.Err, b.MapRuns.Err} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// standings are the states' standings by name.
func standings(b pipeline.BackfillDetail) map[string]machine.Standing {
	found := map[string]machine.Standing{}
	for name, state := range b.States.Value {
		found[name] = state.Standing
	}
	return found
}

func TestABackfillIsSeenFromItsLaunchToItsEnd(t *testing.T) {
	t.Parallel()
	w := pipelinetest.New(t, 4)
	w.FillSource(t, w.Day(0), w.Day(1), w.Day(2), w.Day(3))
	hold := w.Hold(w.Day(1))
	launch(t, w, backfill.Request{MaxConcurrency: 1, Reason: "to see it"}, "seen")
	hold.Await(t)

	b := detailOf(t, w, "seen")
	wanted := map[string]machine.Standing{"Plan": machine.Succeeded, "AnythingToDo": machine.Succeeded, "Partitions": machine.Running}
	if diff := cmp.Diff(wanted, standings(b)); diff != "" {
		t.Errorf("while it runs (-wanted +seen):\n%s", diff)
	}
	if diff := cmp.Diff(pipeline.Counts{Planned: 4, Waiting: 2, Running: 1, Materialized: 1}, b.Counts); diff != "" {
		t.Error(diff)
	}
	if b.State != status.BackfillRunning || b.Over() || b.Request.Reason != "to see it" || b.MapRuns.Value[0].MaxConcurrency != 1 {
		t.Errorf("it is %+v", b)
	}
	items, err := w.Pipeline.Items(t.Context(), "seen", pipeline.ItemFilter{}, pipeline.Page{})
	if err != nil {
		t.Fatal(err)
	}
	outcomes := []report.Outcome{}
	for _, item := range items.Items {
		outcomes = append(outcomes, item.Outcome)
	}
	if diff := cmp.Diff([]report.Outcome{report.Materialized, report.Running, report.Waiting, report.Waiting}, outcomes); diff != "" {
		t.Errorf("the items (-wanted +seen):\n%s", diff)
	}
	if first := items.Items[0]; first.Rows == 0 || first.Took == 0 || first.StartedAt.IsZero() || first.RunID == "" {
		t.Errorf("a materialized item is %+v", first)
	}
	listed, err := w.Pipeline.Backfills(t.Context(), pipeline.BackfillFilter{State: status.BackfillRunning}, pipeline.Page{})
	if err != nil || len(listed.Backfills) != 1 || listed.Backfills[0].Counts != b.Counts {
		t.Errorf("listed are %+v: %v", listed, err)
	}

	hold.Release()
	if end := w.AwaitEnd(t, "seen", 1); end != "SUCCEEDED" {
		t.Fatal(end)
	}
	b = detailOf(t, w, "seen")
	if b.Report == nil || b.Counts.Materialized != 4 || standings(b)["Done"] != machine.Succeeded {
		t.Errorf("in the end it is %+v", b)
	}
}

func TestWhatFailedOfABackfillIsSaidAndRedrivenAlone(t *testing.T) {
	t.Parallel()
	w := pipelinetest.New(t, 3)
	w.FillSource(t, w.Day(0), w.Day(2)) // the day between is empty, which fails
	launch(t, w, backfill.Request{}, "gap")
	if end := w.AwaitEnd(t, "gap", 1); end != "FAILED" {
		t.Fatal(end)
	}
	b := detailOf(t, w, "gap")
	if summary := b.States.Value["Summary"]; summary.Standing != machine.Failed || summary.Failures != 1 ||
		summary.Error != "PartitionsFailed" || !strings.HasPrefix(summary.Cause, "1 of 3 partitions failed") {
		t.Errorf("the state that failed is %+v", summary)
	}
	if !b.CanRedrive || b.Error != "PartitionsFailed" || strings.Contains(b.Cause, "{") || b.Counts.Failed != 1 {
		t.Errorf("it is %+v", b)
	}
	items, err := w.Pipeline.Items(t.Context(), "gap", pipeline.ItemFilter{Outcome: report.Failed}, pipeline.Page{})
	if err != nil || len(items.Items) != 1 || items.Items[0].Failure.Type != "EmptyPartition" || items.Counts.Materialized != 2 {
		t.Fatalf("what failed is %+v: %v", items, err)
	}
	overview := w.Pipeline.Overview(t.Context())
	if kinds := kindsOf(overview.Attention); !cmp.Equal(kinds, []string{"failed", "backfill"}) {
		t.Errorf("what needs a person is %v", kinds)
	}

	w.FillSource(t, w.Day(1))
	if _, err := w.Pipeline.Redrive(t.Context(), ana, "gap"); err != nil {
		t.Fatal(err)
	}
	if end := w.AwaitEnd(t, "gap", 2); end != "SUCCEEDED" {
		t.Fatal(end)
	}
	b = detailOf(t, w, "gap")
	if again := b.States.Value["Partitions"]; again.Entered != 2 || len(b.MapRuns.Value) != 2 || b.Counts.Materialized != 3 || b.Redrives != 1 {
		t.Errorf("after the redrive: %+v, %+v", again, b)
	}
	if runs, err := w.Pipeline.Runs(t.Context(), pipeline.RunFilter{Backfill: "gap", Partition: w.Day(0)}, pipeline.Page{}); err != nil || len(runs.Runs) != 1 {
		t.Errorf("the runs of a day that was well are %+v: %v", runs, err)
	}
}

func kindsOf(all []pipeline.Attention) []string {
	kinds := []string{}
	for _, one := range all {
		kinds = append(kinds, one.Kind)
	}
	return kinds
}
