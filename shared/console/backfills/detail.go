package backfills

import (
	"context"
	"html/template"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"delfos/shared/backfill/report"
	"delfos/shared/console/query"
	"delfos/shared/console/site"
	"delfos/shared/pipeline"
)

// whole is what the page of one backfill shows.
type whole struct {
	State  state
	Items  itemsView
	Events eventsView
}

// state is how a backfill stands.
type state struct {
	pipeline.BackfillDetail
	Path     string
	Asked    []string
	Again    string // the address at which the same request is planned anew
	Took     time.Duration
	Graph    template.HTML // "" where it cannot be drawn
	GraphErr string
	States   []stateRow
	Progress progress
	Why      [][]said // the cause in paragraphs
	Errors   []errorCount
	Most     int // how many partitions run at once; 0 where none is under way
	Passes   []pass
	Final    bool // none of it changes any more, but by a redrive
}

// errorCount is how many partitions failed with a type of error.
type errorCount struct {
	Type  string
	Count int
}

// pass is one map run.
type pass struct {
	pipeline.MapRun
	Number int
	Took   time.Duration
}

// chosen is what the address of the page says.
type chosen struct {
	Outcome, Items, Events string
}

func choose(r *http.Request) (chosen, error) {
	q := query.Of(r)
	c := chosen{q.OneOf("outcome", outcomes...), q.Text("items"), q.Text("events")}
	return c, q.Err()
}

func (p pages) backfill(w http.ResponseWriter, r *http.Request) {
	data, err := p.readWhole(r)
	if err != nil {
		p.site.Fail(w, r, err)
		return
	}
	p.site.Render(w, r, site.Page{
		Title: data.State.Name, Section: "backfills", Template: p.template, Name: "backfill", Data: data,
		Styles: []string{"backfills.css", "graph.css"},
	})
}

func (p pages) readWhole(r *http.Request) (whole, error) {
	c, err := choose(r)
	if err != nil {
		return whole{}, err
	}
	name := r.PathValue("name")
	data := whole{}
	group, ctx := errgroup.WithContext(r.Context())
	group.Go(func() (err error) { data.State, err = p.readState(ctx, name); return err })
	group.Go(func() (err error) { data.Items, err = p.readItems(ctx, name, c); return err })
	group.Go(func() (err error) { data.Events, err = p.readEvents(ctx, name, c); return err })
	err = group.Wait()
	return data, err
}

func (p pages) statePart(w http.ResponseWriter, r *http.Request) {
	if err := query.Of(r).Err(); err != nil {
		p.site.Fail(w, r, err)
		return
	}
	data, err := p.readState(r.Context(), r.PathValue("name"))
	if err != nil {
		p.site.Fail(w, r, err)
		return
	}
	p.site.Fragment(w, r, p.template, "state", data)
}

func (p pages) readState(ctx context.Context, name string) (state, error) {
	found, isCounted, err := p.counted(ctx, name)
	if err != nil {
		return state{}, err
	}
	now := p.site.Now()
	s := state{BackfillDetail: found, Path: page(name), Asked: asked(found.Request), Again: again(found.Request), Took: found.Took(now)}
	s.Final = found.Over() && isCounted && found.Counts.Running == 0
	s.Why = paragraphs(found.Cause)
	s.Progress = progressOf(found, now)
	if found.Report != nil {
		s.Errors = errorCounts(found.Report)
	}
	for i, run := range found.MapRuns.Value {
		if run.Status == "RUNNING" {
			s.Most = run.MaxConcurrency
		}
		end := run.StoppedAt
		if end.IsZero() {
			end = now
		}
		s.Passes = append(s.Passes, pass{run, i + 1, end.Sub(run.StartedAt)})
	}
	if !found.Forgotten {
		s.draw(now)
	}
	return s, nil
}

// counted is a backfill with its partitions counted as the list of them counts them: the
// map runs, which go without the status tables, know nothing of what others have run. A
// list that was read before the end of the backfill does not count how it ended, and
// isCounted is false: the next look has one that does.
func (p pages) counted(ctx context.Context, name string) (found pipeline.BackfillDetail, isCounted bool, err error) {
	var list pipeline.ItemList
	var unlisted error // the list says it itself
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) { found, err = p.detail(ctx, name); return err })
	group.Go(func() error {
		list, unlisted = p.items(ctx, name, "", "")
		return nil
	})
	err = group.Wait()
	isCounted = unlisted != nil || list.Over || !found.Over()
	if isCounted && list.Counts.Planned > 0 {
		found.Counts = list.Counts
	}
	return found, isCounted, err
}

// said is a piece of a text: words, or a command between backquotes.
type said struct {
	Text string
	Code bool
}

// paragraphs are the lines of a text for a person, with its commands told from its words.
func paragraphs(text string) [][]said {
	var all [][]said
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		var paragraph []said
		for i, piece := range strings.Split(line, "`") {
			if piece != "" {
				paragraph = append(paragraph, said{piece, i%2 == 1})
			}
		}
		all = append(all, paragraph)
	}
	return all
}

func errorCounts(r *report.Report) []errorCount {
	var all []errorCount
	for _, name := range sortedKeys(r.Errors) {
		all = append(all, errorCount{name, r.Errors[name]})
	}
	return all
}
