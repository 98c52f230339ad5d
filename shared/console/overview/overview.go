// Package overview is the console's first page: whether all is well, and what needs a
// person, before everything else.
package overview

import (
	"context"
	"embed"
	"html/template"
	"io/fs"
	"net/http"
	"time"

	"delfos/shared/console/graph"
	"delfos/shared/console/site"
	"delfos/shared/pipeline"
)

// Pipeline is what the page reads: a *pipeline.Pipeline.
type Pipeline interface {
	Overview(ctx context.Context) pipeline.Overview
	Ticks(ctx context.Context, limit int) ([]pipeline.PastTick, error)
}

// patience is how long the page waits before it is sent; what is not there by then
// comes with the first poll.
const patience = 2 * time.Second

var (
	//go:embed templates
	templates embed.FS
	//go:embed assets
	assets embed.FS
)

type page struct {
	site     *site.Site
	pipeline Pipeline
	template *template.Template
	patience time.Duration
}

// Register serves the page at / and its live part.
func Register(mux *http.ServeMux, s *site.Site, p Pipeline) { register(mux, s, p, patience) }

func register(mux *http.ServeMux, s *site.Site, p Pipeline, patience time.Duration) {
	s.AddAssets(graph.Assets())
	s.AddAssets(sub(assets, "assets"))
	o := &page{s, p, s.Parse(sub(templates, "templates"), "*.html"), patience}
	mux.HandleFunc("GET /{$}", o.whole)
	mux.HandleFunc("GET /overview/part", o.part)
}

func (o *page) whole(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), o.patience)
	defer cancel()
	o.site.Render(w, r, site.Page{
		Title: "Overview", Section: "overview", Template: o.template, Name: "overview.html",
		Data: o.look(ctx, ctx.Err), Styles: []string{"graph.css", "overview.css"},
	})
}

func (o *page) part(w http.ResponseWriter, r *http.Request) {
	o.site.Fragment(w, r, o.template, "part", o.look(r.Context(), func() error { return nil }))
}

// look reads everything at once. Where patience has run out, what failed for it is
// still being waited for.
func (o *page) look(ctx context.Context, ranOut func() error) view {
	ticks := make(chan pipeline.Part[[]pipeline.PastTick], 1)
	go func() {
		const some = 20
		past, err := o.pipeline.Ticks(ctx, some)
		ticks <- pipeline.Part[[]pipeline.PastTick]{Value: past, Err: err}
	}()
	seen := o.pipeline.Overview(ctx)
	return newView(o.site, seen, <-ticks, ranOut() != nil)
}

func sub(files fs.FS, directory string) fs.FS {
	below, err := fs.Sub(files, directory)
	if err != nil {
		panic(err) // it is embedded
	}
	return below
}
