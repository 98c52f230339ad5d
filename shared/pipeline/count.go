package pipeline

import (
	"context"

	"delfos/shared/backfill/report"
	"delfos/shared/partition"
	"delfos/shared/status"
)

// count counts what became of the backfills' partitions: by their reports, and where
// there is none by the records of the partitions, which one query reads.
func (p *Pipeline) count(ctx context.Context, backfills []Backfill) error {
	var first, last partition.Key
	uncounted := map[string]*Backfill{}
	for i := range backfills {
		b := &backfills[i]
		if b.Plan == nil || b.Plan.Partitions == 0 || b.countByReport() {
			continue
		}
		uncounted[b.Name] = b
		if first.IsZero() || b.Plan.From.Before(first) {
			first = b.Plan.From
		}
		if last.Before(b.Plan.To) {
			last = b.Plan.To
		}
	}
	if len(uncounted) == 0 {
		return nil
	}
	records, err := p.records(ctx, first, last)
	if err != nil {
		return err
	}
	now := p.now()
	for _, record := range records {
		if b := uncounted[record.BackfillID]; b != nil {
			outcome, _ := report.Judge(record, status.Backfill{ID: b.Name, StartedAt: b.StartedAt}, now)
			b.Counts.add(outcome)
		}
	}
	for _, b := range uncounted {
		b.Counts.Planned = b.Plan.Partitions
		b.Counts.Waiting = max(0, b.Plan.Partitions-b.Counts.Done()-b.Counts.Running)
	}
	return nil
}

// countByReport takes the counts of a backfill's report, where its record has them.
func (b *Backfill) countByReport() bool {
	if b.State == status.BackfillSucceeded {
		b.Counts = Counts{Planned: b.Plan.Partitions, Materialized: b.Plan.Partitions}
		return true
	}
	if b.Failure == nil {
		return false
	}
	_, found := report.ReadCause(b.Failure.Message)
	if found == nil {
		return false
	}
	b.Counts = reported(found.Counts)
	return true
}

func reported(c report.Counts) Counts {
	return Counts{
		Planned: c.Planned, Materialized: c.Materialized, Failed: c.Failed, Cancelled: c.Cancelled, Waived: c.Waived,
		Waiting: max(0, c.Planned-c.Materialized-c.Failed-c.Cancelled-c.Waived),
	}
}

func (c *Counts) add(outcome report.Outcome) {
	c.Planned++
	switch outcome {
	case report.Materialized:
		c.Materialized++
	case report.Failed:
		c.Failed++
	case report.Cancelled:
		c.Cancelled++
	case report.Waived:
		c.Waived++
	case report.Running:
		c.Running++
	default:
		c.Waiting++
	}
}
