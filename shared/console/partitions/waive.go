package partitions

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync/atomic"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"delfos/shared/backfill"
	"delfos/shared/console/site"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
	"delfos/shared/status"
)

const (
	maxWaived    = 366 // days at once, which take some seconds
	waivedAtOnce = 8   // at the same time
)

// waiveSome waives the days of a selection that are missing.
func (p *pages) waiveSome(w http.ResponseWriter, r *http.Request) {
	p.actOnSome(w, r, status.DataMissing, func(ctx context.Context, who pipeline.Actor, key partition.Key) error {
		_, err := p.pipeline.Waive(ctx, who, key, r.PostForm.Get("reason"))
		return err
	})
}

// unwaiveSome takes back the waivers of the days of a selection.
func (p *pages) unwaiveSome(w http.ResponseWriter, r *http.Request) {
	p.actOnSome(w, r, status.DataWaived, func(ctx context.Context, who pipeline.Actor, key partition.Key) error {
		_, err := p.pipeline.Unwaive(ctx, who, key)
		return err
	})
}

// actOnSome does something to each day of the form's selection whose data is in a
// state, and goes back to the selection.
func (p *pages) actOnSome(w http.ResponseWriter, r *http.Request, of status.DataState, do func(context.Context, pipeline.Actor, partition.Key) error) {
	p.site.Do(w, r, func(ctx context.Context, who pipeline.Actor) (string, error) {
		v, err := parseSome(r.PostForm, of == status.DataMissing)
		if err != nil {
			return "", err
		}
		days, err := p.pipeline.Partitions(ctx, v.From, v.To)
		if err != nil {
			return "", err
		}
		days = slices.DeleteFunc(days, func(day pipeline.Day) bool { return day.Skipped || day.Data != of })
		done, err := each(ctx, days, func(ctx context.Context, key partition.Key) error { return do(ctx, who, key) })
		if err != nil {
			return "", &site.Refusal{
				Status: http.StatusBadGateway, Title: fmt.Sprintf("Done for %d of %d days, and then not", done, len(days)), Advice: err.Error() + ".",
				Links: []site.Link{{Text: "The selection", URL: v.URL()}},
			}
		}
		return v.URL(), nil
	})
}

// each does something to all days, some at the same time, until one fails; it tells
// for how many it was done.
func each(ctx context.Context, days []pipeline.Day, do func(context.Context, partition.Key) error) (int64, error) {
	var done atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(waivedAtOnce)
	for _, day := range days {
		group.Go(func() error {
			err := do(ctx, day.Key)
			if _, changed := errors.AsType[*pipeline.ConflictError](err); changed {
				return nil // it has data by now, and so nothing to waive
			}
			if err == nil {
				done.Add(1)
			}
			return err
		})
	}
	err := group.Wait()
	return done.Load(), err
}

// parseSome reads the form of an action on a selection.
func parseSome(form url.Values, withReason bool) (view, error) {
	v, err := parseView(url.Values{"from": {form.Get("from")}, "to": {form.Get("to")}})
	if wrong, is := errors.AsType[*parameterError](err); is {
		return v, &pipeline.InvalidError{Field: wrong.name, Reason: wrong.rule}
	}
	switch length := utf8.RuneCountInString(form.Get("reason")); {
	case !v.Selected():
		return v, &pipeline.InvalidError{Field: "from", Reason: "want the days, by from and to"}
	case v.Days() > maxWaived:
		return v, &pipeline.InvalidError{Field: "to", Reason: fmt.Sprintf("%d days are selected; want at most %d at once", v.Days(), maxWaived)}
	case withReason && (length < 1 || length > backfill.MaxReason):
		return v, &pipeline.InvalidError{Field: "reason", Reason: fmt.Sprintf("want 1 to %d characters", backfill.MaxReason)}
	}
	return v, nil
}
