package bench

import (
	"context"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"delfos/shared/etl"
	"delfos/shared/source"
	"delfos/shared/status"
	"delfos/shared/target"
)

// parts tells where the time of runs goes.
type parts struct {
	mu    sync.Mutex
	taken map[string][]time.Duration
}

// timed starts to measure a part, until the function that it returns is called.
func (p *parts) timed(name string) (end func()) {
	began := time.Now()
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.taken[name] = append(p.taken[name], time.Since(began))
	}
}

func (p *parts) report(b *testing.B) {
	for _, name := range slices.Sorted(maps.Keys(p.taken)) {
		b.ReportMetric(milliseconds(median(p.taken[name])), name+"-ms")
	}
}

type timedSource struct {
	etl.Source
	parts *parts
}

// Read measures the extract with and without what is done with the rows.
func (s timedSource) Read(ctx context.Context, query source.Query, page func(*source.Rows) error) (source.Fingerprint, error) {
	defer s.parts.timed("extract")()
	return s.Source.Read(ctx, query, func(rows *source.Rows) error {
		defer s.parts.timed("aggregate")()
		return page(rows)
	})
}

type timedTarget struct {
	etl.Target
	parts *parts
}

func (t timedTarget) Replace(ctx context.Context, publication target.Publication) (target.Published, error) {
	defer t.parts.timed("load")()
	return t.Target.Replace(ctx, publication)
}

type timedStatus struct {
	etl.Status
	parts *parts
}

func (s timedStatus) Claim(ctx context.Context, claim status.Claim) (status.Lease, status.Partition, error) {
	defer s.parts.timed("claim")()
	return s.Status.Claim(ctx, claim)
}

func (s timedStatus) Renew(ctx context.Context, lease status.Lease, now, until time.Time) (status.Lease, error) {
	defer s.parts.timed("renew")()
	return s.Status.Renew(ctx, lease, now, until)
}

func (s timedStatus) Complete(ctx context.Context, lease status.Lease, materialization status.Materialization, now time.Time) error {
	defer s.parts.timed("complete")()
	return s.Status.Complete(ctx, lease, materialization, now)
}

func (s timedStatus) StartRun(ctx context.Context, run status.Run) error {
	defer s.parts.timed("start")()
	return s.Status.StartRun(ctx, run)
}

func (s timedStatus) FinishRun(ctx context.Context, asset, id string, ending status.Ending) error {
	defer s.parts.timed("finish")()
	return s.Status.FinishRun(ctx, asset, id, ending)
}
