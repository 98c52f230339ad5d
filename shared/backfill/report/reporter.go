package report

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"delfos/shared/backfill"
	"delfos/shared/partition"
	"delfos/shared/status"
)

// Status is what a report is made from; *status.Store is one.
type Status interface {
	Partitions(ctx context.Context, asset string, first, last partition.Key) ([]status.Partition, error)
	RunsOf(ctx context.Context, asset string, key partition.Key, page status.Page) (status.RunPage, error)
	Backfill(ctx context.Context, asset, id string) (status.Backfill, error)
	ChangeBackfill(ctx context.Context, change status.BackfillChange) (status.Backfill, error)
	CountBackfill(ctx context.Context, asset, id string, redrives int, counts status.BackfillCounts, now time.Time) error
}

// Reporter reports on the backfills of one asset. Its fields are set once; it is
// safe for concurrent use.
type Reporter struct {
	Asset  string
	Status Status
	Now    func() time.Time
	Logger *slog.Logger
}

// Request asks for the report of a backfill whose partitions have been tried.
type Request struct {
	BackfillID   string
	Partitions   []partition.Key // all that were planned
	RedriveCount int             // how often the execution has been redriven
	TriedAt      int             // how often it had been when the partitions were last tried
}

// Report tells what became of the partitions. Where some failed or were cancelled,
// it is a *PartitionsFailed; but where the execution has been redriven since they
// were tried, they are to be run again, the answer names just these, and the
// backfill is recorded as running again. Other errors are package backfill's.
func (r *Reporter) Report(ctx context.Context, request Request) (Report, error) {
	verdicts, err := r.judge(ctx, request)
	if err != nil {
		return Report{}, backfill.Convert(err)
	}
	report := newReport(request.BackfillID, verdicts)
	unfinished := unfinished(verdicts)
	if len(unfinished) == 0 || request.RedriveCount <= request.TriedAt { // this is the end
		if err := r.record(ctx, request, report.Counts); err != nil {
			return Report{}, backfill.Convert(err)
		}
	}
	if len(unfinished) == 0 {
		return report, nil
	}
	if request.RedriveCount <= request.TriedAt {
		failed, err := partitionsFailed(report, verdicts)
		if err != nil {
			return Report{}, backfill.Convert(err)
		}
		return Report{}, failed
	}
	// The status change that says so may come later than the first run asks.
	_, err = r.Status.ChangeBackfill(ctx, status.BackfillChange{
		Asset: r.Asset, ID: request.BackfillID, State: status.BackfillRunning, Redrives: request.RedriveCount, Now: r.Now(),
	})
	if err != nil {
		return Report{}, backfill.Convert(err)
	}
	return Report{BackfillID: request.BackfillID, Counts: report.Counts, Errors: report.Errors, Again: unfinished}, nil
}

// record keeps the counts: the partitions' own records go on to tell of later runs.
func (r *Reporter) record(ctx context.Context, request Request, c Counts) error {
	return r.Status.CountBackfill(ctx, r.Asset, request.BackfillID, request.RedriveCount, status.BackfillCounts{
		Materialized: c.Materialized, Failed: c.Failed, Cancelled: c.Cancelled, Waived: c.Waived,
	}, r.Now())
}

// runsAtOnce is how many partitions' runs are asked for at the same time.
const runsAtOnce = 8

func (r *Reporter) judge(ctx context.Context, request Request) ([]verdict, error) {
	if len(request.Partitions) == 0 {
		return nil, nil
	}
	record, err := r.Status.Backfill(ctx, r.Asset, request.BackfillID)
	if err != nil {
		return nil, err
	}
	records, err := r.Status.Partitions(ctx, r.Asset,
		slices.MinFunc(request.Partitions, partition.Key.Compare), slices.MaxFunc(request.Partitions, partition.Key.Compare))
	if err != nil {
		return nil, err
	}
	byKey := make(map[partition.Key]status.Partition, len(records))
	for _, p := range records {
		byKey[p.Key] = p
	}
	now := r.Now()
	verdicts := make([]verdict, len(request.Partitions))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runsAtOnce)
	for i, key := range request.Partitions {
		p := byKey[key]
		v := &verdicts[i] // each goroutine has its own
		v.key = key
		v.outcome, v.failure = Judge(p, record, now)
		switch {
		case v.outcome == Running:
			*v = stillRunning(key, p.RunID)
		case v.outcome == Waiting && p.RunID == "":
			*v = notRun(key)
		case v.outcome == Waiting:
			group.Go(func() error { return r.judgeByRuns(ctx, v, p, record, now) })
		}
	}
	return verdicts, group.Wait()
}
