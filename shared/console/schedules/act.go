package schedules

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"delfos/shared/pipeline"
)

// turn switches a schedule on or off.
func (p pages) turn(on bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p.site.Do(w, r, func(ctx context.Context, who pipeline.Actor) (string, error) {
			_, err := p.pipeline.TurnSchedule(ctx, who, r.PathValue("name"), on)
			return "/schedules", err
		})
	}
}

// launch does now what a tick does, and leads to what came of it.
func (p pages) launch(w http.ResponseWriter, r *http.Request) {
	p.site.Do(w, r, func(ctx context.Context, who pipeline.Actor) (string, error) {
		text := r.PostForm.Get("at")
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return "", &pipeline.InvalidError{Field: "at", Reason: fmt.Sprintf("%q is no time; want one such as 2026-03-01T00:15:00Z", text)}
		}
		done, err := p.pipeline.LaunchTick(ctx, who, r.PathValue("name"), at)
		// The page of a run that failed says more than an error page could.
		if failed, ok := errors.AsType[*pipeline.RunFailedError](err); ok && failed.RunID != "" {
			return "/runs/" + failed.RunID, nil
		}
		switch {
		case done.Backfill != "":
			return "/backfills/" + done.Backfill, err
		case done.RunID != "":
			return "/runs/" + done.RunID, err
		case !done.Partition.IsZero():
			return "/partitions/" + done.Partition.String(), err
		default:
			return "/schedules", err
		}
	})
}
