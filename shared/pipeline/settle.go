package pipeline

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"delfos/shared/partition"
	"delfos/shared/status"
)

// settledRun shows a run as it stands at the instant now.
func settledRun(run status.Run, of status.Partition, now time.Time) Run {
	run.Outcome, run.Failure = run.OutcomeAt(of, now)
	return Run{run}
}

// fewDays is how many partitions are rather read one by one than with all between.
const fewDays = 16

// settle shows runs as they stand at the instant now. Only those that are recorded as
// running need their partitions, which are read at once.
func (p *Pipeline) settle(ctx context.Context, runs []status.Run, now time.Time) ([]Run, error) {
	of, err := p.partitionsOf(ctx, runs)
	if err != nil {
		return nil, err
	}
	settled := make([]Run, len(runs))
	for i, run := range runs {
		settled[i] = settledRun(run, of[run.Partition], now)
	}
	return settled, nil
}

// partitionsOf reads the partitions of the runs that are recorded as running.
func (p *Pipeline) partitionsOf(ctx context.Context, runs []status.Run) (map[partition.Key]status.Partition, error) {
	of := map[partition.Key]status.Partition{}
	var first, last partition.Key
	for _, run := range runs {
		if run.Outcome != status.OutcomeRunning {
			continue
		}
		of[run.Partition] = status.Partition{}
		if first.IsZero() || run.Partition.Before(first) {
			first = run.Partition
		}
		if last.Before(run.Partition) {
			last = run.Partition
		}
	}
	if len(of) > fewDays {
		records, err := p.records(ctx, first, last)
		for _, record := range records {
			of[record.Key] = record
		}
		return of, err
	}
	return of, p.readEach(ctx, of)
}

// readEach reads some partitions one by one, at the same time.
func (p *Pipeline) readEach(ctx context.Context, of map[partition.Key]status.Partition) error {
	group, ctx := errgroup.WithContext(ctx)
	found := make(chan status.Partition, len(of))
	for key := range of {
		group.Go(func() error {
			record, err := p.status.Partition(ctx, p.options.Asset, key)
			found <- record
			return explain(theStatus, err)
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for range len(of) {
		record := <-found
		of[record.Key] = record
	}
	return nil
}
