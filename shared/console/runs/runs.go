// Package runs has the console's pages of runs: all of them on a timeline and as a
// list, and one with its steps, its failure and its log.
package runs

import (
	"context"
	"embed"
	"html/template"
	"io/fs"
	"net/http"

	"delfos/shared/console/site"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
)

// Pipeline is what the pages need of the pipeline.
type Pipeline interface {
	Runs(ctx context.Context, filter pipeline.RunFilter, page pipeline.Page) (pipeline.RunList, error)
	Run(ctx context.Context, id string) (pipeline.RunDetail, error)
	Log(ctx context.Context, runID, after string) (pipeline.LogPage, error)
	Materialize(ctx context.Context, who pipeline.Actor, key partition.Key, allowEmpty bool) (pipeline.Materialized, error)
	CancelRun(ctx context.Context, who pipeline.Actor, runID, reason string) (pipeline.Started, error)
}

//go:embed templates assets
var embedded embed.FS

type pages struct {
	site     *site.Site
	pipeline Pipeline
	template *template.Template
}

// Register adds the pages below /runs.
func Register(mux *http.ServeMux, s *site.Site, p Pipeline) {
	s.AddAssets(sub("assets"))
	all := pages{s, p, s.Parse(sub("templates"), "*.html")}
	mux.HandleFunc("GET /runs", all.list)
	mux.HandleFunc("GET /runs/fragment", all.listPart)
	mux.HandleFunc("GET /runs/{id}", all.run)
	mux.HandleFunc("GET /runs/{id}/fragment", all.runPart)
	mux.HandleFunc("GET /runs/{id}/log", all.log)
	mux.HandleFunc("POST /runs/{id}/rerun", all.rerun)
	mux.HandleFunc("POST /runs/{id}/cancel", all.cancel)
}

// sub is a directory that is embedded, so that it is there.
func sub(directory string) fs.FS {
	below, err := fs.Sub(embedded, directory)
	if err != nil {
		panic(err)
	}
	return below
}
