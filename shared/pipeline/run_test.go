package pipeline_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"delfos/infra/local/pipelinetest"
	"delfos/shared/pipeline"
	"delfos/shared/pipeline/runlog"
	"delfos/shared/status"
)

// remade is the world's pipeline with other options.
func remade(t *testing.T, w *pipelinetest.World, change func(*pipeline.Options)) *pipeline.Pipeline {
	t.Helper()
	options := w.Options
	change(&options)
	p, err := pipeline.New(options)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestADayIsRunAndSeenWithItsRunItsLogAndItsCurves(t *testing.T) {
	t.Parallel()
	w := pipelinetest.New(t, 3)
	span := w.Calendar.Span(w.Day(1))
	_, err := w.Source.Exec(t.Context(), `INSERT INTO data SELECT at, 8 + random(), 900, 15
		FROM generate_series($1::timestamptz, $1::timestamptz + interval '6 hours', interval '1 minute') AS at`, span.Start)
	if err != nil {
		t.Fatal(err)
	}
	done, err := w.Pipeline.Materialize(t.Context(), ana, w.Day(1), false)
	if err != nil || done.RunID == "" || done.Pending || done.Materialization.RowsRead != 361 {
		t.Fatalf("it came to %+v: %v", done, err)
	}
	day, err := w.Pipeline.Partition(t.Context(), w.Day(1))
	if err != nil {
		t.Fatal(err)
	}
	if day.Data != status.DataMaterialized || len(day.Runs) != 1 || len(day.Around) != 3 || day.Previous != w.Day(0) || day.Next != w.Day(2) || day.Span != span {
		t.Errorf("the day is %+v", day)
	}
	run, err := w.Pipeline.Run(t.Context(), done.RunID)
	if err != nil || run.Outcome != status.OutcomeSucceeded || len(run.Steps) < 3 || run.Causes != nil {
		t.Errorf("the run is %+v: %v", run, err)
	}
	page, err := w.Pipeline.Log(t.Context(), done.RunID, "")
	if err != nil || !page.Final || len(page.Lines) != 3 || page.Lines[1].Message != "published" || page.Lines[2].Kind != runlog.Platform {
		t.Errorf("the log is %+v: %v", page, err)
	}
	if more, err := w.Pipeline.Log(t.Context(), done.RunID, page.Next); err != nil || len(more.Lines) != 0 || !more.Final {
		t.Errorf("after its end it has %+v: %v", more, err)
	}
	checkCurves(t, w)
}

func checkCurves(t *testing.T, w *pipelinetest.World) {
	t.Helper()
	curves, err := w.Pipeline.Curves(t.Context(), w.Day(1))
	if err != nil {
		t.Fatal(err)
	}
	if len(curves.Curves) != 2 || curves.Curves[0].Variable != "wind_speed" || curves.Curves[1].Unit != "kW" || len(curves.Times) != 144 {
		t.Fatalf("the curves are %d of %d windows", len(curves.Curves), len(curves.Times))
	}
	wind := curves.Curves[0]
	if !(wind.Min[0] <= wind.Mean[0] && wind.Mean[0] <= wind.Max[0] && wind.Std[0] > 0) {
		t.Errorf("the first window is %v, %v, %v, %v", wind.Min[0], wind.Mean[0], wind.Max[0], wind.Std[0])
	}
	if !math.IsNaN(wind.Mean[40]) || !math.IsNaN(wind.Std[36]) || math.IsNaN(wind.Mean[36]) {
		t.Errorf("a gap is %v, the std of one sample %v", wind.Mean[40], wind.Std[36])
	}
	if empty, err := w.Pipeline.Curves(t.Context(), w.Day(0)); err != nil || !empty.Empty() || len(empty.Times) != 144 {
		t.Errorf("a day without data has %+v: %v", empty.Curves, err)
	}
}

func TestARunThatFailsSaysWhyAndWhichItWas(t *testing.T) {
	t.Parallel()
	w := pipelinetest.New(t, 2)
	done, err := w.Pipeline.Materialize(t.Context(), ana, w.Day(0), false)
	failed, ok := err.(*pipeline.RunFailedError) //nolint:errorlint // the type itself
	if !ok || failed.Type != "EmptyPartition" || failed.RunID == "" || done.RunID != failed.RunID {
		t.Fatalf("%+v: %v", done, err)
	}
	run, err := w.Pipeline.Run(t.Context(), failed.RunID)
	if err != nil || run.Outcome != status.OutcomeFailed || run.Causes[0] != "EmptyPartition" || len(run.Causes) < 2 {
		t.Errorf("the run is %+v: %v", run, err)
	}
	if done, err = w.Pipeline.Materialize(t.Context(), ana, w.Day(0), true); err != nil || done.Materialization.RowsRead != 0 {
		t.Errorf("allowed to be empty: %+v, %v", done, err)
	}
	for _, outside := range []int{-1, 2} {
		if _, err := w.Pipeline.Materialize(t.Context(), ana, w.Day(outside), false); !is[*pipeline.NotFoundError](err) {
			t.Errorf("%s: %v", w.Day(outside), err)
		}
	}
}

func TestARunThatLastsIsPendingBusyAndCanBeCancelled(t *testing.T) {
	t.Parallel()
	w := pipelinetest.New(t, 1)
	w.FillSource(t, w.Day(0))
	hold := w.Hold(w.Day(0))
	hasty := remade(t, w, func(o *pipeline.Options) { o.Patience = 50 * time.Millisecond })
	done, err := hasty.Materialize(t.Context(), ana, w.Day(0), false)
	if err != nil || !done.Pending {
		t.Fatalf("%+v: %v", done, err)
	}
	hold.Await(t)
	day, err := w.Pipeline.Partition(t.Context(), w.Day(0))
	if err != nil || day.Attempt != status.AttemptRunning {
		t.Fatalf("the day is %+v: %v", day, err)
	}
	if _, err := w.Pipeline.Materialize(t.Context(), ana, w.Day(0), false); !is[*pipeline.ConflictError](err) {
		t.Errorf("run once more: %v", err)
	}
	page, err := w.Pipeline.Log(t.Context(), day.RunID, "")
	if err != nil || page.Final || len(page.Lines) != 1 {
		t.Errorf("the log of a running one is %+v: %v", page, err)
	}
	if _, err := w.Pipeline.CancelRun(t.Context(), ana, day.RunID, "too late"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Pipeline.CancelRun(t.Context(), ana, day.RunID, ""); !is[*pipeline.ConflictError](err) {
		t.Errorf("cancelled twice: %v", err)
	}
	run, err := w.Pipeline.Run(t.Context(), day.RunID)
	if err != nil || run.Outcome != status.OutcomeCancelled || !strings.Contains(run.Failure.Message, "ana with console: too late") {
		t.Errorf("the run is %+v: %v", run, err)
	}
}

func TestADayIsWaivedAndUnwaived(t *testing.T) {
	t.Parallel()
	w := pipelinetest.New(t, 2)
	w.FillSource(t, w.Day(1))
	day, err := w.Pipeline.Waive(t.Context(), ana, w.Day(0), "the turbine was not built")
	if err != nil || day.Data != status.DataWaived || day.WaivedReason != "the turbine was not built" {
		t.Errorf("waived: %+v, %v", day, err)
	}
	if day, err = w.Pipeline.Unwaive(t.Context(), ana, w.Day(0)); err != nil || day.Data != status.DataMissing {
		t.Errorf("unwaived: %+v, %v", day, err)
	}
	if _, err := w.Pipeline.Waive(t.Context(), ana, w.Day(0), ""); !is[*pipeline.InvalidError](err) {
		t.Errorf("without a reason: %v", err)
	}
	if _, err := w.Pipeline.Materialize(t.Context(), ana, w.Day(1), false); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Pipeline.Waive(t.Context(), ana, w.Day(1), "no"); !is[*pipeline.ConflictError](err) {
		t.Errorf("with data: %v", err)
	}
}

func TestEveryActionLeavesALine(t *testing.T) {
	t.Parallel()
	w := pipelinetest.New(t, 1)
	w.FillSource(t, w.Day(0))
	var log bytes.Buffer
	p := remade(t, w, func(o *pipeline.Options) { o.Logger = slog.New(slog.NewJSONHandler(&log, nil)) })
	done, err := p.Materialize(t.Context(), ana, w.Day(0), false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Waive(t.Context(), ana, w.Day(0), "no"); err == nil {
		t.Fatal("a day with data is waived")
	}
	var said, refused map[string]any
	decoder := json.NewDecoder(&log)
	if err := decoder.Decode(&said); err != nil {
		t.Fatal(err)
	}
	if err := decoder.Decode(&refused); err != nil {
		t.Fatal(err)
	}
	if said["msg"] != "audit" || said["actor"] != "ana" || said["action"] != "materialize" || said["target"] != w.Day(0).String() || said["run_id"] != done.RunID {
		t.Errorf("said is %v", said)
	}
	if refused["level"] != "WARN" || refused["action"] != "waive" || refused["error"] == nil {
		t.Errorf("of what was refused is said %v", refused)
	}
}
