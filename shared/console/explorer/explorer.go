// Package explorer is the console's page on the source API: what the source has, the
// API's documentation, and a plot of a window of its samples.
package explorer

import (
	"context"
	"embed"
	"html/template"
	"io/fs"
	"net/http"

	"delfos/shared/console/chart"
	"delfos/shared/console/site"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
)

// Pipeline is what the page reads: a *pipeline.Pipeline.
type Pipeline interface {
	Extent(ctx context.Context) (pipeline.Extent, error)
	Samples(ctx context.Context, window partition.Span, variables []string) (pipeline.Samples, error)
}

//go:embed templates
var templates embed.FS

//go:embed assets
var assets embed.FS

type page struct {
	site     *site.Site
	pipeline Pipeline
	template *template.Template
	api      string
}

// Register serves the page at /api. apiURL is where browsers reach the source API;
// where it is empty, the page has no links to its documentation.
func Register(mux *http.ServeMux, s *site.Site, p Pipeline, apiURL string) {
	s.AddAssets(chart.Assets())
	s.AddAssets(sub(assets, "assets"))
	e := &page{s, p, s.Parse(sub(templates, "templates"), "*.html"), apiURL}
	mux.HandleFunc("GET /api", e.show)
}

// show answers with the page also where the source does not: its form and its links
// are of use then.
func (e *page) show(w http.ResponseWriter, r *http.Request) {
	view := newView(e.site, e.api)
	extent, err := e.pipeline.Extent(r.Context())
	if view.SourceErr = err; err == nil {
		view.have(extent)
		view.Form = readForm(r.URL.Query(), extent, e.site.Location)
		if view.Form.ok() && view.Form.Window.Duration() > 0 {
			view.plot(e.pipeline.Samples(r.Context(), view.Form.Window, view.Form.chosen()))
		}
	}
	page := site.Page{
		Title: "Source API", Section: "api", Template: e.template, Name: "explorer.html", Data: view,
		Scripts: []string{"chart.js"}, Styles: []string{"chart.css", "explorer.css"},
	}
	if err == nil && !view.Form.ok() {
		page.Status = http.StatusUnprocessableEntity
	}
	e.site.Render(w, r, page)
}

func sub(files fs.FS, directory string) fs.FS {
	below, err := fs.Sub(files, directory)
	if err != nil {
		panic(err) // it is embedded
	}
	return below
}
