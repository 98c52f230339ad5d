package runs_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"delfos/shared/console/runs"
	"delfos/shared/console/site"
	"delfos/shared/console/sitetest"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
	"delfos/shared/pipeline/runlog"
	"delfos/shared/status"
)

var (
	now = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	day = partition.MustParseKey("2026-02-21")
)

// fake is a pipeline with some runs.
type fake struct {
	runs   []pipeline.Run // newest first
	filter pipeline.RunFilter
	page   pipeline.Page
	fails  error // of what is read
	refuse error // of what is done
	logErr error
	done   []string // what was asked to be done
}

func (f *fake) Runs(_ context.Context, filter pipeline.RunFilter, page pipeline.Page) (pipeline.RunList, error) {
	f.filter, f.page = filter, page
	from, _ := strconv.Atoi(page.Before)
	to := min(from+page.Limit, len(f.runs))
	list := pipeline.RunList{Runs: f.runs[min(from, to):to]}
	if to < len(f.runs) {
		list.Next = strconv.Itoa(to)
	}
	return list, f.fails
}

func (f *fake) Run(_ context.Context, id string) (pipeline.RunDetail, error) {
	for _, run := range f.runs {
		if run.ID != id {
			continue
		}
		detail := pipeline.RunDetail{Run: run}
		if run.Failure != nil {
			detail.Causes = []string{run.Failure.Type, run.Failure.Message}
		}
		if run.Outcome == status.OutcomeSucceeded {
			detail.Steps = []pipeline.Step{{Name: "extract", Took: 7 * time.Millisecond}, {Name: "load", Took: 21 * time.Millisecond}}
		}
		return detail, f.fails
	}
	return pipeline.RunDetail{}, &pipeline.NotFoundError{What: "run", Name: id, Advice: "check its id"}
}

func (f *fake) Log(_ context.Context, runID, _ string) (pipeline.LogPage, error) {
	return pipeline.LogPage{Final: true, Lines: []runlog.Line{
		{At: now, Kind: runlog.Platform, Message: "platform.start"},
		{At: now, Kind: runlog.Application, Level: "ERROR", Message: "failed <b>" + runID + "</b>", Fields: []runlog.Field{{Name: "partition", Value: "2026-02-21"}}},
	}}, f.logErr
}

func (f *fake) Materialize(_ context.Context, who pipeline.Actor, key partition.Key, allowEmpty bool) (pipeline.Materialized, error) {
	f.done = append(f.done, fmt.Sprintf("%s materializes %s, empty %t", who, key, allowEmpty))
	return pipeline.Materialized{Started: pipeline.Started{RunID: "01NEW", Partition: key}}, f.refuse
}

func (f *fake) CancelRun(_ context.Context, who pipeline.Actor, runID, reason string) (pipeline.Started, error) {
	f.done = append(f.done, fmt.Sprintf("%s cancels %s: %s", who, runID, reason))
	return pipeline.Started{RunID: runID}, f.refuse
}

// run makes the run of some minutes ago.
func run(id string, minutes int, outcome status.Outcome) pipeline.Run {
	r := pipeline.Run{Run: status.Run{
		ID: id, Asset: "turbine-1", Partition: day.AddDays(minutes % 40), Trigger: status.TriggerManual, Attempt: 1,
		Outcome: outcome, StartedAt: now.Add(-time.Duration(minutes) * time.Minute),
	}}
	if outcome != status.OutcomeRunning {
		r.FinishedAt = r.StartedAt.Add(30 * time.Millisecond)
	}
	if outcome == status.OutcomeFailed {
		r.Failure = &status.Failure{Type: "EmptyPartition", Message: `the source has no sample of it: <script>alert("x")</script>`}
	}
	return r
}

func some() []pipeline.Run {
	return []pipeline.Run{
		run("01A", 1, status.OutcomeRunning), run("01B", 2, status.OutcomeSucceeded), run("01C", 3, status.OutcomeFailed), run("01D", 600, status.OutcomeCancelled),
	}
}

func browser(t testing.TB, f *fake, options site.Options) *sitetest.Browser {
	t.Helper()
	options.Now = func() time.Time { return now }
	return sitetest.New(t, options, func(mux *http.ServeMux, s *site.Site) { runs.Register(mux, s, f) })
}

var errAway = &pipeline.UnavailableError{What: "the status tables", Cause: errors.New("connection <refused>")}
