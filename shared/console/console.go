// Package console is the web console of the pipeline: all its pages as one handler.
package console

import (
	"net/http"

	"delfos/shared/console/backfills"
	"delfos/shared/console/chart"
	"delfos/shared/console/explorer"
	"delfos/shared/console/graph"
	"delfos/shared/console/overview"
	"delfos/shared/console/partitions"
	"delfos/shared/console/runs"
	"delfos/shared/console/schedules"
	"delfos/shared/console/site"
)

// Pipeline is what the pages see and steer: a *pipeline.Pipeline.
type Pipeline interface {
	overview.Pipeline
	partitions.Pipeline
	runs.Pipeline
	backfills.Pipeline
	schedules.Pipeline
	explorer.Pipeline
}

// Options say what the console shows, and to whom.
type Options struct {
	Site     site.Options
	Pipeline Pipeline
	DocsURL  string // of the source API as browsers reach it, without /docs
}

// New makes the console's handler. It panics where Site's secret is empty, as
// site.New does.
func New(options Options) http.Handler {
	s := site.New(options.Site)
	s.AddAssets(chart.Assets())
	s.AddAssets(graph.Assets())
	mux := http.NewServeMux()
	overview.Register(mux, s, options.Pipeline)
	partitions.Register(mux, s, options.Pipeline)
	runs.Register(mux, s, options.Pipeline)
	backfills.Register(mux, s, options.Pipeline)
	schedules.Register(mux, s, options.Pipeline)
	explorer.Register(mux, s, options.Pipeline, options.DocsURL)
	return s.Handler(mux)
}
