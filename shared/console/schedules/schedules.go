// Package schedules has the console's page of what runs by itself: on and off, the
// ticks to come and those that there were, and what a tick of any day would do.
package schedules

import (
	"context"
	"embed"
	"html/template"
	"io/fs"
	"net/http"
	"time"

	"delfos/shared/console/site"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
)

// Pipeline is what the page needs of the pipeline.
type Pipeline interface {
	Schedules(ctx context.Context, ticks int) ([]pipeline.Schedule, error)
	Ticks(ctx context.Context, limit int) ([]pipeline.PastTick, error)
	TurnSchedule(ctx context.Context, who pipeline.Actor, name string, on bool) (pipeline.Schedule, error)
	PreviewTick(ctx context.Context, day partition.Key) ([]pipeline.Preview, error)
	LaunchTick(ctx context.Context, who pipeline.Actor, schedule string, at time.Time) (pipeline.Started, error)
}

//go:embed templates assets
var embedded embed.FS

type pages struct {
	site     *site.Site
	pipeline Pipeline
	template *template.Template
}

// Register adds the page at /schedules and what it does.
func Register(mux *http.ServeMux, s *site.Site, p Pipeline) {
	s.AddAssets(sub("assets"))
	all := pages{s, p, s.Parse(sub("templates"), "*.html")}
	mux.HandleFunc("GET /schedules", all.page)
	mux.HandleFunc("GET /schedules/fragment", all.part)
	mux.HandleFunc("POST /schedules/{name}/on", all.turn(true))
	mux.HandleFunc("POST /schedules/{name}/off", all.turn(false))
	mux.HandleFunc("POST /schedules/{name}/launch", all.launch)
}

// sub is a directory that is embedded, so that it is there.
func sub(directory string) fs.FS {
	below, err := fs.Sub(embedded, directory)
	if err != nil {
		panic(err)
	}
	return below
}
