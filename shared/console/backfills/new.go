package backfills

import (
	"context"
	"errors"
	"net/http"

	"delfos/shared/console/query"
	"delfos/shared/console/site"
	"delfos/shared/pipeline"
)

// begun is what the page of a new backfill shows.
type begun struct {
	form
	Plan planned
}

// begin shows the form, filled in as the address says. The plan is made when somebody
// asks for it: it can take the planner some time, and records what it finds stale.
func (p pages) begin(w http.ResponseWriter, r *http.Request) {
	q := query.Of(r)
	for _, name := range []string{"range", "from", "to", "last_days", "select", "order", "max_concurrency", "reason", "name"} {
		q.Text(name)
	}
	if err := q.Err(); err != nil {
		p.site.Fail(w, r, err)
		return
	}
	data := begun{form: newForm(p.pipeline)}
	data.take(r.URL.Query())
	status := 0
	if _, err := pipeline.ParseRequest([]byte(data.JSON)); err != nil {
		data.Plan, status = refused(err), http.StatusBadRequest
	}
	p.show(w, r, data, status)
}

func (p pages) show(w http.ResponseWriter, r *http.Request, data begun, status int) {
	p.site.Render(w, r, site.Page{
		Title: "New backfill", Section: "backfills", Template: p.template, Name: "new", Data: data, Status: status,
		Styles: []string{"backfills.css"}, Scripts: []string{"plan.js"},
	})
}

// plan answers with the plan of what was sent: as a part where the page's script asks, and
// otherwise as the whole page.
func (p pages) plan(w http.ResponseWriter, r *http.Request) {
	if !p.site.Accept(w, r) {
		return
	}
	data := begun{form: newForm(p.pipeline)}
	data.take(r.PostForm)
	if r.PostForm.Get("use") == "json" {
		data.takeJSON(r.PostForm.Get("request"))
	}
	data.Plan = p.makePlan(r.Context(), data.form)
	p.site.Acts.Happened() // days that it found stale are so from now on
	if r.Header.Get("Delfos-Fragment") != "" {
		p.site.Fragment(w, r, p.template, "plan", data.Plan)
		return
	}
	p.show(w, r, data, data.Plan.status)
}

// launch starts the plan that was shown.
func (p pages) launch(w http.ResponseWriter, r *http.Request) {
	p.site.Do(w, r, func(ctx context.Context, who pipeline.Actor) (string, error) {
		request, err := pipeline.ParseRequest([]byte(r.PostForm.Get("request")))
		if err != nil {
			return "", err
		}
		name := r.PostForm.Get("name")
		if name == "new" || name == "plan" || name == "fragment" {
			return "", &pipeline.InvalidError{Field: "name", Reason: "the console has pages of its own called " + name + "; choose another"}
		}
		started, err := p.pipeline.Launch(ctx, who, request, name)
		if conflict, ok := errors.AsType[*pipeline.ConflictError](err); ok {
			return "", &site.Refusal{
				Status: http.StatusConflict, Title: "Nothing was launched",
				Advice: "It is refused because " + conflict.Reason + ". What you see is what runs, or nothing does: " + conflict.Advice + ".",
				Links:  []site.Link{{Text: "The plan as it is now", URL: again(request)}, {Text: "Backfills", URL: "/backfills"}},
			}
		}
		return "/backfills/" + started.Backfill, err
	})
}
