package partitions

import (
	"context"
	"time"

	"delfos/shared/partition"
	"delfos/shared/pipeline"
)

const (
	// freshFor is how old an answer may be that several browsers share. They poll every
	// few seconds; ten years of days are several pages of DynamoDB.
	freshFor = time.Second
	// patience is more than the pipeline has, which says more of what it waited for.
	patience = 20 * time.Second
)

// all gives the days from first to last, read at most once a second, however many
// browsers watch. They are shared: not to be changed.
func (p *pages) all(ctx context.Context, first, last partition.Key) ([]pipeline.Day, error) {
	return p.recent.Get(ctx, first.String()+" "+last.String(), patience, func(ctx context.Context) ([]pipeline.Day, error) {
		return p.pipeline.Partitions(ctx, first, last)
	})
}
