package runs

import (
	"context"
	"errors"
	"html/template"
	"net/http"
	"time"

	"delfos/shared/console/site"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
	"delfos/shared/pipeline/runlog"
	"delfos/shared/status"
)

// detail is what the page of one run shows.
type detail struct {
	pipeline.RunDetail
	Running bool
	Took    time.Duration
	Known   bool // how long it took
	Bar     template.HTML
	Parts   []part
	Why     []cause
	Advice  string // what to do about the failure; "" is none
	Log     logPart
}

// part is a step and the number of its colour.
type part struct {
	pipeline.Step
	Colour int
}

// cause is one line of why a run failed.
type cause struct {
	Depth int
	Text  string
}

// logPart is what a run has logged.
type logPart struct {
	ID      string
	Running bool
	Final   bool
	Lines   []line
	Err     string
}

// line is one line of the log.
type line struct {
	runlog.Line
	Class string // of its level
}

func (p pages) run(w http.ResponseWriter, r *http.Request) {
	data, err := p.detail(r.Context(), r.PathValue("id"))
	if err != nil {
		p.site.Fail(w, r, err)
		return
	}
	data.Log = p.readLog(r.Context(), data.ID, data.Running)
	p.site.Render(w, r, site.Page{
		Title: "Run of " + data.Partition.String(), Section: "runs", Template: p.template, Name: "run", Data: data, Styles: []string{"runs.css"},
	})
}

func (p pages) runPart(w http.ResponseWriter, r *http.Request) {
	data, err := p.detail(r.Context(), r.PathValue("id"))
	if err != nil {
		p.site.Fail(w, r, err)
		return
	}
	p.site.Fragment(w, r, p.template, "run-part", data)
}

func (p pages) detail(ctx context.Context, id string) (detail, error) {
	run, err := p.pipeline.Run(ctx, id)
	if err != nil {
		return detail{}, err
	}
	data := detail{RunDetail: run, Running: run.Outcome == status.OutcomeRunning, Bar: steps(run.Steps)}
	data.Took, data.Known = run.Took(p.site.Now())
	for i, s := range run.Steps {
		data.Parts = append(data.Parts, part{s, colour(i)})
	}
	for i, text := range run.Causes {
		data.Why = append(data.Why, cause{min(i, 4), text})
	}
	if run.Failure != nil {
		data.Advice = advice(run.Failure.Type)
	}
	return data, nil
}

// log answers with what the run has logged by now.
func (p pages) log(w http.ResponseWriter, r *http.Request) {
	run, err := p.pipeline.Run(r.Context(), r.PathValue("id"))
	if err != nil {
		p.site.Fail(w, r, err)
		return
	}
	p.site.Fragment(w, r, p.template, "log-part", p.readLog(r.Context(), run.ID, run.Outcome == status.OutcomeRunning))
}

// readLog reads the log from its beginning; where it cannot, the rest of the page stands.
func (p pages) readLog(ctx context.Context, id string, running bool) logPart {
	part := logPart{ID: id, Running: running}
	page, err := p.pipeline.Log(ctx, id, "")
	if err != nil {
		part.Err = err.Error()
		return part
	}
	part.Final = page.Final
	for _, each := range page.Lines {
		part.Lines = append(part.Lines, line{each, levelClass(each)})
	}
	return part
}

func levelClass(l runlog.Line) string {
	switch {
	case l.Kind == runlog.Platform:
		return "log__line--platform"
	case l.Kind == runlog.Text:
		return "log__line--text"
	case l.Level == "ERROR":
		return "log__line--error"
	case l.Level == "WARN":
		return "log__line--warn"
	case l.Level == "DEBUG":
		return "log__line--debug"
	default:
		return "log__line--info"
	}
}

// rerun runs the run's day once more, and leads to what came of it.
func (p pages) rerun(w http.ResponseWriter, r *http.Request) {
	p.site.Do(w, r, func(ctx context.Context, who pipeline.Actor) (string, error) {
		run, err := p.pipeline.Run(ctx, r.PathValue("id"))
		if err != nil {
			return "", err
		}
		done, err := p.pipeline.Materialize(ctx, who, run.Partition, r.PostForm.Get("allow_empty") == "yes")
		// The page of a run that failed says more than an error page could.
		if failed, ok := errors.AsType[*pipeline.RunFailedError](err); ok && failed.RunID != "" {
			return seen(failed.RunID, run.Partition), nil
		}
		return seen(done.RunID, run.Partition), err
	})
}

// seen is where a new run is looked at; one that has no id yet is on its day's page.
func seen(runID string, key partition.Key) string {
	if runID == "" {
		return "/partitions/" + key.String()
	}
	return "/runs/" + runID
}

func (p pages) cancel(w http.ResponseWriter, r *http.Request) {
	p.site.Do(w, r, func(ctx context.Context, who pipeline.Actor) (string, error) {
		id := r.PathValue("id")
		_, err := p.pipeline.CancelRun(ctx, who, id, r.PostForm.Get("reason"))
		return "/runs/" + id, err
	})
}
