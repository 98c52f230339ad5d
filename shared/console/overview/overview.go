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

const (
	// patience is how long the page waits before it is sent; what is not there by then
	// comes with the first poll, which waits for all that the pipeline does.
	patience     = 2 * time.Second
	pollPatience = 20 * time.Second
)

var (
	//go:embed templates
	templates embed.FS
	//go:embed assets
	assets embed.FS
)

type page struct {
	site     *site.Site
	template *template.Template
	patience time.Duration
	looks    *looks
}

// Register serves the page at / and its live part.
func Register(mux *http.ServeMux, s *site.Site, p Pipeline) { register(mux, s, p, patience) }

func register(mux *http.ServeMux, s *site.Site, p Pipeline, patience time.Duration) {
	s.AddAssets(graph.Assets())
	s.AddAssets(sub(assets, "assets"))
	o := &page{s, s.Parse(sub(templates, "templates"), "*.html"), patience, newLooks(s, p)}
	mux.HandleFunc("GET /{$}", o.whole)
	mux.HandleFunc("GET /overview/part", o.part)
}

func (o *page) whole(w http.ResponseWriter, r *http.Request) {
	seen := o.looks.look(r.Context(), o.patience)
	o.site.Render(w, r, site.Page{
		Title: "Overview", Section: "overview", Template: o.template, Name: "overview.html",
		Data: newView(o.site, seen, true), Styles: []string{"graph.css", "overview.css"},
	})
}

func (o *page) part(w http.ResponseWriter, r *http.Request) {
	seen := o.looks.look(r.Context(), pollPatience)
	o.site.Fragment(w, r, o.template, "part", newView(o.site, seen, false))
}

func sub(files fs.FS, directory string) fs.FS {
	below, err := fs.Sub(files, directory)
	if err != nil {
		panic(err) // it is embedded
	}
	return below
}
