package backfills

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"delfos/shared/backfill"
	"delfos/shared/pipeline"
)

// page is where a backfill is seen.
func page(name string) string { return "/backfills/" + url.PathEscape(name) }

func (p pages) cancel(w http.ResponseWriter, r *http.Request) {
	p.site.Do(w, r, func(ctx context.Context, who pipeline.Actor) (string, error) {
		name := r.PathValue("name")
		_, err := p.pipeline.Stop(ctx, who, name, strings.TrimSpace(r.PostForm.Get("reason")))
		return page(name), err
	})
}

func (p pages) redrive(w http.ResponseWriter, r *http.Request) {
	p.site.Do(w, r, func(ctx context.Context, who pipeline.Actor) (string, error) {
		name := r.PathValue("name")
		_, err := p.pipeline.Redrive(ctx, who, name)
		return page(name), err
	})
}

func (p pages) setConcurrency(w http.ResponseWriter, r *http.Request) {
	p.site.Do(w, r, func(ctx context.Context, who pipeline.Actor) (string, error) {
		name, text := r.PathValue("name"), r.PostForm.Get("max_concurrency")
		most, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil {
			return "", &pipeline.InvalidError{Field: "max_concurrency", Reason: fmt.Sprintf("%q is no whole number; want 1 to %d", text, backfill.MaxConcurrency)}
		}
		_, err = p.pipeline.SetConcurrency(ctx, who, name, most)
		return page(name), err
	})
}
