// Package partitions is the console's pages of days: a calendar of all of them, from
// which a range can be run, and one day with its curves, its runs and its neighbours.
package partitions

import (
	"context"
	"embed"
	"html/template"
	"io/fs"
	"net/http"

	"delfos/shared/backfill"
	"delfos/shared/console/recent"
	"delfos/shared/console/site"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
)

// Pipeline is what the pages need of the pipeline: a *pipeline.Pipeline.
type Pipeline interface {
	Calendar() partition.Calendar
	Range() (first, last partition.Key)
	Partitions(ctx context.Context, first, last partition.Key) ([]pipeline.Day, error)
	Partition(ctx context.Context, key partition.Key) (pipeline.DayDetail, error)
	Curves(ctx context.Context, key partition.Key) (pipeline.Curves, error)
	Log(ctx context.Context, runID, after string) (pipeline.LogPage, error)

	Plan(ctx context.Context, request backfill.Request) (pipeline.Plan, error)
	Launch(ctx context.Context, who pipeline.Actor, request backfill.Request, name string) (pipeline.Started, error)
	Materialize(ctx context.Context, who pipeline.Actor, key partition.Key, allowEmpty bool) (pipeline.Materialized, error)
	Waive(ctx context.Context, who pipeline.Actor, key partition.Key, reason string) (pipeline.Day, error)
	Unwaive(ctx context.Context, who pipeline.Actor, key partition.Key) (pipeline.Day, error)
}

var (
	//go:embed templates
	templates embed.FS
	//go:embed assets
	assets embed.FS
)

type pages struct {
	site     *site.Site
	pipeline Pipeline
	template *template.Template
	recent   *recent.Answers[[]pipeline.Day]
}

// Register serves the pages at /partitions and below. The site must have the assets
// of package chart.
func Register(mux *http.ServeMux, s *site.Site, p Pipeline) {
	s.AddAssets(sub(assets, "assets"))
	pages := &pages{
		site: s, pipeline: p,
		template: s.Parse(sub(templates, "templates"), "*.html"),
		recent:   recent.New[[]pipeline.Day](&s.Acts, s.Now, freshFor),
	}
	mux.HandleFunc("GET /partitions", pages.calendar)
	mux.HandleFunc("GET /partitions/live", pages.calendarLive)
	mux.HandleFunc("POST /partitions/launch", pages.launch)
	mux.HandleFunc("POST /partitions/waive", pages.waiveSome)
	mux.HandleFunc("POST /partitions/unwaive", pages.unwaiveSome)
	mux.HandleFunc("GET /partitions/{day}", pages.day)
	mux.HandleFunc("GET /partitions/{day}/live", pages.dayLive)
	mux.HandleFunc("GET /partitions/{day}/curves", pages.dayCurves)
	mux.HandleFunc("GET /partitions/{day}/logs/{run}", pages.log)
	mux.HandleFunc("POST /partitions/{day}/materialize", pages.materialize)
	mux.HandleFunc("POST /partitions/{day}/waive", pages.waive)
	mux.HandleFunc("POST /partitions/{day}/unwaive", pages.unwaive)
}

func sub(files fs.FS, directory string) fs.FS {
	below, err := fs.Sub(files, directory)
	if err != nil {
		panic(err) // it is embedded
	}
	return below
}
