package pipeline

import (
	"context"

	"delfos/shared/backfill/report"
	"delfos/shared/partition"
	"delfos/shared/status"
)

// count counts what has become of the backfills' partitions so far, of those whose
// record does not say, by the records of the partitions, which one query reads.
func (p *Pipeline) count(ctx context.Context, backfills []Backfill) error {
	var first, last partition.Key
	uncounted := map[string]*Backfill{}
	for i := range backfills {
		b := &backfills[i]
		if b.Plan == nil || b.Plan.Partitions == 0 || b.isCounted {
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

// counted are the counts that a backfill's record keeps of its end: others may have run
// its partitions since. Without them it is not told; found is false then.
func counted(record status.Backfill) (counts Counts, found bool) {
	if record.Plan == nil || record.State == status.BackfillRunning {
		return Counts{}, false
	}
	if kept := record.Counts; kept != nil {
		return reported(report.Counts{
			Planned: record.Plan.Partitions, Materialized: kept.Materialized,
			Failed: kept.Failed, Cancelled: kept.Cancelled, Waived: kept.Waived,
		}), true
	}
	return Counts{}, false
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
