package backfill

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"delfos/shared/source"
	"delfos/shared/status"
)

// askAtOnce is how many days the source is asked about at the same time.
const askAtOnce = 8

// findStale asks the source about each day that may have become stale, and records
// those that have, in the status and in records. The first error ends it.
func (p *Planner) findStale(ctx context.Context, records []status.Partition, now time.Time) error {
	group, asking := errgroup.WithContext(ctx)
	group.SetLimit(askAtOnce)
	for i := range records {
		record := &records[i] // each goroutine has its own
		if !mayBeStale(*record, now) {
			continue
		}
		if asking.Err() != nil {
			break
		}
		group.Go(func() error {
			if err := asking.Err(); err != nil {
				return err
			}
			stale, err := p.isStale(asking, *record, now)
			if stale {
				record.Data = status.DataStale
			}
			return err
		})
	}
	return cmp.Or(group.Wait(), ctx.Err())
}

// mayBeStale tells whether it is for the source to say: what is stale is known to
// be, and what a run holds is about to be published.
func mayBeStale(record status.Partition, now time.Time) bool {
	return record.Data == status.DataMaterialized && record.Materialization != nil && !record.LeaseLive(now)
}

// isStale asks the source, and records a day whose content has changed; where
// another run has published it since the record was read, it has not.
func (p *Planner) isStale(ctx context.Context, record status.Partition, now time.Time) (bool, error) {
	query := source.Query{Span: p.Calendar.Span(record.Key), Variables: p.Variables}
	changed, err := p.Source.Changed(ctx, query, source.Fingerprint(record.Materialization.Fingerprint))
	if err != nil {
		return false, fmt.Errorf("ask whether partition %s has changed in the source: %w", record.Key, err)
	}
	if !changed {
		return false, nil
	}
	return p.Status.MarkStale(ctx, p.Asset, record.Key, record.Materialization.Generation, now)
}
