package partitions

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"delfos/shared/backfill"
	"delfos/shared/console/site"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
)

// launch starts the backfill whose plan was shown: by the plan's hash, so that what
// runs is what was seen.
func (p *pages) launch(w http.ResponseWriter, r *http.Request) {
	p.site.Do(w, r, func(ctx context.Context, who pipeline.Actor) (string, error) {
		v, reason, hash, err := parseLaunch(r.PostForm)
		if err != nil {
			return "", err
		}
		request := v.request()
		request.Reason, request.PlanHash = reason, hash
		started, err := p.pipeline.Launch(ctx, who, request, "")
		if conflict, is := errors.AsType[*pipeline.ConflictError](err); is {
			return "", &site.Refusal{
				Status: http.StatusConflict, Title: "Nothing was started: " + conflict.Reason, Advice: conflict.Advice + ".",
				Links: []site.Link{{Text: "Plan anew", URL: v.PlanURL()}},
			}
		}
		if err != nil {
			return "", err
		}
		return "/backfills/" + url.PathEscape(started.Backfill), nil
	})
}

// parseLaunch reads the form of a plan that was shown.
func parseLaunch(form url.Values) (v view, reason, hash string, err error) {
	query := url.Values{}
	for _, name := range []string{"from", "to", "plan", "order", "max_concurrency"} {
		query.Set(name, form.Get(name))
	}
	v, err = parseView(query)
	if wrong, is := errors.AsType[*parameterError](err); is {
		return v, "", "", &pipeline.InvalidError{Field: wrong.name, Reason: wrong.rule}
	}
	reason, hash = form.Get("reason"), form.Get("plan_hash")
	switch {
	case v.Select == "" || !v.Selected():
		return v, "", "", &pipeline.InvalidError{Field: "plan", Reason: "want from, to and what to select, as the form of a plan has them"}
	case hash == "":
		return v, "", "", &pipeline.InvalidError{Field: "plan_hash", Reason: "want the hash of the plan that was shown"}
	case len([]rune(reason)) > backfill.MaxReason:
		return v, "", "", &pipeline.InvalidError{Field: "reason", Reason: "want at most 256 characters"}
	}
	return v, reason, hash, nil
}

// PlanURL is where the view's plan is made and shown.
func (v view) PlanURL() string {
	query := url.Values{"from": {v.From.String()}, "to": {v.To.String()}, "plan": {string(v.Select)}}
	if v.Order != "" {
		query.Set("order", string(v.Order))
	}
	if v.Concurrency != 0 {
		query.Set("max_concurrency", strconv.Itoa(v.Concurrency))
	}
	return "/partitions?" + query.Encode() + "#plan"
}

// materialize runs the day.
func (p *pages) materialize(w http.ResponseWriter, r *http.Request) {
	p.act(w, r, func(ctx context.Context, who pipeline.Actor, key partition.Key) error {
		_, err := p.pipeline.Materialize(ctx, who, key, r.PostForm.Get("allow_empty") != "")
		return err
	})
}

func (p *pages) waive(w http.ResponseWriter, r *http.Request) {
	p.act(w, r, func(ctx context.Context, who pipeline.Actor, key partition.Key) error {
		_, err := p.pipeline.Waive(ctx, who, key, r.PostForm.Get("reason"))
		return err
	})
}

func (p *pages) unwaive(w http.ResponseWriter, r *http.Request) {
	p.act(w, r, func(ctx context.Context, who pipeline.Actor, key partition.Key) error {
		_, err := p.pipeline.Unwaive(ctx, who, key)
		return err
	})
}

// act does something to the day of the URL, and goes to its page.
func (p *pages) act(w http.ResponseWriter, r *http.Request, do func(context.Context, pipeline.Actor, partition.Key) error) {
	p.site.Do(w, r, func(ctx context.Context, who pipeline.Actor) (string, error) {
		key, err := partition.ParseKey(r.PathValue("day"))
		if err != nil {
			return "", &pipeline.InvalidError{Field: "day", Reason: err.Error()}
		}
		return dayURL(key), do(ctx, who, key)
	})
}

func dayURL(key partition.Key) string { return "/partitions/" + key.String() }
