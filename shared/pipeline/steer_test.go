package pipeline_test

import (
	"errors"
	"strings"
	"testing"

	"delfos/infra/local/pipelinetest"
	"delfos/shared/backfill"
	"delfos/shared/pipeline"
	"delfos/shared/status"
)

// is tells whether an error has a type.
func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func TestAStoppedBackfillSaysWhoStoppedItAndGoesOnWhenRedriven(t *testing.T) {
	t.Parallel()
	w := pipelinetest.New(t, 3)
	w.FillSource(t, w.Day(0), w.Day(1), w.Day(2))
	hold := w.Hold(w.Day(0))
	launch(t, w, backfill.Request{MaxConcurrency: 1}, "stopped")
	hold.Await(t)
	if _, err := w.Pipeline.Redrive(t.Context(), ana, "stopped"); !is[*pipeline.ConflictError](err) {
		t.Errorf("a running one is redriven: %v", err)
	}
	if _, err := w.Pipeline.SetConcurrency(t.Context(), ana, "stopped", 2); err != nil {
		t.Error(err)
	}
	if runs := detailOf(t, w, "stopped").MapRuns.Value; runs[0].MaxConcurrency != 2 {
		t.Errorf("the concurrency is %d", runs[0].MaxConcurrency)
	}
	if _, err := w.Pipeline.Stop(t.Context(), ana, "stopped", "the source is being mended"); err != nil {
		t.Fatal(err)
	}
	if end := w.AwaitEnd(t, "stopped", 1); end != "ABORTED" {
		t.Fatal(end)
	}
	b := detailOf(t, w, "stopped")
	if b.State != status.BackfillCancelled || b.Cause != "cancelled by ana with console: the source is being mended" || !b.CanRedrive {
		t.Errorf("it is %+v", b)
	}
	for _, again := range []func() error{
		func() error { _, err := w.Pipeline.Stop(t.Context(), ana, "stopped", ""); return err },
		func() error { _, err := w.Pipeline.SetConcurrency(t.Context(), ana, "stopped", 1); return err },
	} {
		if err := again(); !is[*pipeline.ConflictError](err) {
			t.Errorf("of one that is over: %v", err)
		}
	}
	hold.Release()
	if _, err := w.Pipeline.Redrive(t.Context(), ana, "stopped"); err != nil {
		t.Fatal(err)
	}
	if end := w.AwaitEnd(t, "stopped", 2); end != "SUCCEEDED" {
		t.Fatal(end)
	}
	if _, err := w.Pipeline.Redrive(t.Context(), ana, "stopped"); !is[*pipeline.ConflictError](err) {
		t.Errorf("one that succeeded is redriven: %v", err)
	}
	if listed, err := w.Pipeline.Backfills(t.Context(), pipeline.BackfillFilter{}, pipeline.Page{}); err != nil || listed.Backfills[0].Counts.Materialized != 3 {
		t.Errorf("listed are %+v: %v", listed, err)
	}
}

func TestABackfillThatIsNotThereIsNotFound(t *testing.T) {
	t.Parallel()
	w := pipelinetest.New(t, 1)
	for _, name := range []string{"nobody", "", "a/b", "../etc", strings.Repeat("x", 81)} {
		for what, err := range map[string]error{
			"seen":    second(w.Pipeline.Backfill(t.Context(), name)),
			"items":   second(w.Pipeline.Items(t.Context(), name, pipeline.ItemFilter{}, pipeline.Page{})),
			"events":  second(w.Pipeline.Events(t.Context(), name, "", false)),
			"stopped": second(w.Pipeline.Stop(t.Context(), ana, name, "")),
			"redrive": second(w.Pipeline.Redrive(t.Context(), ana, name)),
			"set":     second(w.Pipeline.SetConcurrency(t.Context(), ana, name, 1)),
		} {
			if !is[*pipeline.NotFoundError](err) {
				t.Errorf("%s %q: %v", what, name, err)
			}
		}
	}
	if err := second(w.Pipeline.SetConcurrency(t.Context(), ana, "nobody", 101)); !is[*pipeline.InvalidError](err) {
		t.Error(err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestOnlyThePlanThatWasShownIsLaunched(t *testing.T) {
	t.Parallel()
	w := pipelinetest.New(t, 3)
	w.FillSource(t, w.Day(0), w.Day(1), w.Day(2))
	shown, err := w.Pipeline.Plan(t.Context(), backfill.Request{})
	if err != nil || len(shown.Partitions) != 3 || shown.Request.PlanHash != shown.Hash || len(shown.JSON) == 0 {
		t.Fatalf("the plan is %+v: %v", shown, err)
	}
	if _, err := w.Pipeline.Launch(t.Context(), ana, backfill.Request{}, ""); !is[*pipeline.InvalidError](err) {
		t.Errorf("without a hash: %v", err)
	}
	if _, err := w.Pipeline.Launch(t.Context(), ana, shown.Request, "a b"); !is[*pipeline.InvalidError](err) {
		t.Errorf("with a name that is none: %v", err)
	}
	if _, err := w.Pipeline.Materialize(t.Context(), ana, w.Day(1), false); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Pipeline.Launch(t.Context(), ana, shown.Request, ""); !is[*pipeline.ConflictError](err) {
		t.Errorf("after a change: %v", err)
	}
	if _, err := w.Pipeline.Plan(t.Context(), shown.Request); !is[*pipeline.ConflictError](err) {
		t.Errorf("planned again: %v", err)
	}
	launch(t, w, backfill.Request{}, "once")
	w.AwaitEnd(t, "once", 1)
	shown, err = w.Pipeline.Plan(t.Context(), backfill.Request{Select: backfill.SelectAll})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Pipeline.Launch(t.Context(), ana, shown.Request, "once"); !is[*pipeline.ConflictError](err) {
		t.Errorf("under a name that there has been: %v", err)
	}
	nothing, err := w.Pipeline.Plan(t.Context(), backfill.Request{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Pipeline.Launch(t.Context(), ana, nothing.Request, ""); !is[*pipeline.ConflictError](err) {
		t.Errorf("with nothing to do: %v", err)
	}
	led, err := w.Pipeline.Launch(t.Context(), ana, shown.Request, "")
	if err != nil || !strings.HasPrefix(led.Backfill, "backfill-20") {
		t.Errorf("without a name: %+v, %v", led, err)
	}
	w.AwaitEnd(t, led.Backfill, 1)
}

func TestARequestThatCannotBePlannedSaysWhy(t *testing.T) {
	t.Parallel()
	w := pipelinetest.New(t, 3)
	for _, request := range []backfill.Request{
		{From: w.First.AddDays(-1)}, {LastDays: -1}, {LastDays: 2, To: w.Last}, {Select: "some"}, {MaxConcurrency: 101},
	} {
		if _, err := w.Pipeline.Plan(t.Context(), request); !is[*pipeline.InvalidError](err) {
			t.Errorf("%+v: %v", request, err)
		}
	}
	if _, err := pipeline.ParseRequest([]byte(`{"form":"2026-02-20"}`)); !is[*pipeline.InvalidError](err) || !strings.Contains(err.Error(), "form") {
		t.Errorf("a member that is none: %v", err)
	}
}

func TestTheHistoryIsReadFromBothEnds(t *testing.T) {
	t.Parallel()
	w := pipelinetest.New(t, 1)
	w.FillSource(t, w.Day(0))
	launch(t, w, backfill.Request{}, "told")
	w.AwaitEnd(t, "told", 1)
	oldest, err := w.Pipeline.Events(t.Context(), "told", "", false)
	if err != nil || oldest.Next != "" {
		t.Fatal(oldest.Next, err)
	}
	newest, err := w.Pipeline.Events(t.Context(), "told", "", true)
	if err != nil || len(newest.Events) != len(oldest.Events) {
		t.Fatal(len(newest.Events), err)
	}
	first, last := oldest.Events[0], newest.Events[0]
	if first.Type != "ExecutionStarted" || !strings.Contains(string(first.Details), `"input"`) || last.Type != "ExecutionSucceeded" {
		t.Errorf("from %+v to %+v", first, last)
	}
	mapRun := ""
	for _, event := range oldest.Events {
		if event.Type == "TaskStateEntered" && event.State != "Plan" && event.State != "Summary" {
			t.Errorf("%+v is of no task", event)
		}
		mapRun += event.MapRun
	}
	if !strings.Contains(mapRun, ":mapRun:") {
		t.Error("the map run has no event")
	}
	if _, err := w.Pipeline.Events(t.Context(), "told", "nonsense", false); !is[*pipeline.InvalidError](err) {
		t.Errorf("after nonsense: %v", err)
	}
}
