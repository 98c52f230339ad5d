package backfills

import (
	"context"
	"fmt"
	"time"

	"delfos/shared/backfill/report"
	"delfos/shared/console/recent"
	"delfos/shared/console/site"
	"delfos/shared/pipeline"
)

const (
	// freshFor is how old an answer may be that several browsers share, and several parts
	// of one page: parts are polled every two seconds or more.
	freshFor = time.Second
	// patience is more than the pipeline has, which says more of what it waited for.
	patience = 20 * time.Second
)

// shared is what those who watch a backfill ask for alike.
type shared struct {
	details *recent.Answers[pipeline.BackfillDetail]
	items   *recent.Answers[pipeline.ItemList]
	events  *recent.Answers[pipeline.EventList]
}

func newShared(s *site.Site) shared {
	return shared{
		recent.New[pipeline.BackfillDetail](&s.Acts, s.Now, freshFor),
		recent.New[pipeline.ItemList](&s.Acts, s.Now, freshFor),
		recent.New[pipeline.EventList](&s.Acts, s.Now, freshFor),
	}
}

func (p pages) detail(ctx context.Context, name string) (pipeline.BackfillDetail, error) {
	return p.recent.details.Get(ctx, name, patience, func(ctx context.Context) (pipeline.BackfillDetail, error) {
		return p.pipeline.Backfill(ctx, name)
	})
}

// items is a page of them, of one outcome or of all.
func (p pages) items(ctx context.Context, name string, outcome report.Outcome, before string) (pipeline.ItemList, error) {
	return p.recent.items.Get(ctx, fmt.Sprintf("%q %s %s", name, outcome, before), patience, func(ctx context.Context) (pipeline.ItemList, error) {
		return p.pipeline.Items(ctx, name, pipeline.ItemFilter{Outcome: outcome}, pipeline.Page{Limit: itemsSize, Before: before})
	})
}

// events is a page of them, the newest first.
func (p pages) events(ctx context.Context, name, after string) (pipeline.EventList, error) {
	return p.recent.events.Get(ctx, fmt.Sprintf("%q %s", name, after), patience, func(ctx context.Context) (pipeline.EventList, error) {
		return p.pipeline.Events(ctx, name, after, true)
	})
}
