// Package backfills has the console's pages of backfills: their list, the plan and
// launch of a new one, and one as it goes: its state machine, its partitions, its
// history, and what can be done about it.
package backfills

import (
	"context"
	"embed"
	"html/template"
	"io/fs"
	"net/http"

	"delfos/shared/backfill"
	"delfos/shared/console/site"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
)

// Pipeline is what the pages need of the pipeline.
type Pipeline interface {
	Range() (first, last partition.Key)
	Backfills(ctx context.Context, filter pipeline.BackfillFilter, page pipeline.Page) (pipeline.BackfillList, error)
	Backfill(ctx context.Context, name string) (pipeline.BackfillDetail, error)
	Items(ctx context.Context, name string, filter pipeline.ItemFilter, page pipeline.Page) (pipeline.ItemList, error)
	Events(ctx context.Context, name, after string, newestFirst bool) (pipeline.EventList, error)
	Plan(ctx context.Context, request backfill.Request) (pipeline.Plan, error)
	Launch(ctx context.Context, who pipeline.Actor, request backfill.Request, name string) (pipeline.Started, error)
	Stop(ctx context.Context, who pipeline.Actor, name, reason string) (pipeline.Started, error)
	Redrive(ctx context.Context, who pipeline.Actor, name string) (pipeline.Started, error)
	SetConcurrency(ctx context.Context, who pipeline.Actor, name string, most int) (pipeline.Started, error)
}

//go:embed templates assets
var embedded embed.FS

type pages struct {
	site     *site.Site
	pipeline Pipeline
	template *template.Template
	recent   shared
}

// Register adds the pages below /backfills. The site must have the assets of package
// graph.
func Register(mux *http.ServeMux, s *site.Site, p Pipeline) {
	s.AddAssets(sub("assets"))
	all := pages{s, p, s.Parse(sub("templates"), "*.html"), newShared(s)}
	mux.HandleFunc("GET /backfills", all.list)
	mux.HandleFunc("GET /backfills/fragment", all.listPart)
	mux.HandleFunc("GET /backfills/new", all.begin)
	mux.HandleFunc("POST /backfills/plan", all.plan)
	mux.HandleFunc("POST /backfills", all.launch)
	mux.HandleFunc("GET /backfills/{name}", all.backfill)
	mux.HandleFunc("GET /backfills/{name}/fragment", all.statePart)
	mux.HandleFunc("GET /backfills/{name}/items", all.itemsPart)
	mux.HandleFunc("GET /backfills/{name}/events", all.eventsPart)
	mux.HandleFunc("POST /backfills/{name}/cancel", all.cancel)
	mux.HandleFunc("POST /backfills/{name}/redrive", all.redrive)
	mux.HandleFunc("POST /backfills/{name}/concurrency", all.setConcurrency)
}

// sub is a directory that is embedded, so that it is there.
func sub(directory string) fs.FS {
	below, err := fs.Sub(embedded, directory)
	if err != nil {
		panic(err)
	}
	return below
}
