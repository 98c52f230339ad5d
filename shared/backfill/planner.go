package backfill

import (
	"context"
	"log/slog"
	"time"

	"delfos/shared/partition"
	"delfos/shared/source"
	"delfos/shared/status"
)

// Status is what a plan is made from and recorded in; *status.Store is one.
type Status interface {
	Partitions(ctx context.Context, asset string, first, last partition.Key) ([]status.Partition, error)
	MarkStale(ctx context.Context, asset string, key partition.Key, generation int64, now time.Time) (bool, error)
	PlanBackfill(ctx context.Context, asset, id string, plan status.BackfillPlan, now time.Time) error
}

// Source tells whether a window has changed since it had a fingerprint;
// *source.Client is one.
type Source interface {
	Changed(ctx context.Context, query source.Query, since source.Fingerprint) (bool, error)
}

// Planner makes plans for one asset. Its fields are set once, before the first
// plan; it is safe for concurrent use.
type Planner struct {
	Asset     string
	Variables []string
	Calendar  partition.Calendar
	Status    Status
	Source    Source
	Now       func() time.Time
	Logger    *slog.Logger
}

// Plan makes the plan of a request. With the id of a backfill, the plan is recorded
// as that backfill's; without one it is a dry run, which records nothing but days
// that it found stale. The context's deadline bounds it. The errors are this
// package's types.
func (p *Planner) Plan(ctx context.Context, request Request, backfillID string) (Plan, error) {
	now := p.Now()
	plan, err := p.plan(ctx, request, now)
	if err != nil {
		return Plan{}, Convert(err)
	}
	if request.PlanHash != "" && request.PlanHash != plan.Hash {
		return Plan{}, planChanged(request.PlanHash, plan)
	}
	if backfillID == "" {
		return plan, nil
	}
	err = p.Status.PlanBackfill(ctx, p.Asset, backfillID, status.BackfillPlan{
		From: plan.From, To: plan.To, Partitions: len(plan.Partitions), Hash: plan.Hash,
	}, now)
	if err != nil {
		return Plan{}, Convert(err)
	}
	return plan, nil
}

func (p *Planner) plan(ctx context.Context, request Request, now time.Time) (Plan, error) {
	first, last, err := request.days(p.Calendar, now)
	if err != nil {
		return Plan{}, err
	}
	var records []status.Partition
	if !last.Before(first) {
		if records, err = p.Status.Partitions(ctx, p.Asset, first, last); err != nil {
			return Plan{}, err
		}
	}
	if request.Select == SelectStale {
		if err := p.findStale(ctx, records, now); err != nil {
			return Plan{}, err
		}
	}
	return Make(p.Asset, request, p.Calendar, records, now)
}
