package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"delfos/shared/partition"
	"delfos/shared/status"
)

// showRuns lists runs, newest first, of all partitions or of one.
func showRuns(ctx context.Context, terminal Terminal, args []string) error {
	var day, name string
	var limit int
	c, _, err := parse("runs", args, terminal, func(flags *flag.FlagSet) {
		flags.StringVar(&day, "partition", "", "runs of this `day` alone, as YYYY-MM-DD")
		flags.StringVar(&name, "backfill", "", "runs of the backfill of this `name` alone")
		flags.IntVar(&limit, "limit", 50, "at most this `many`, 1 to 1000")
	})
	if err != nil {
		return err
	}
	key, err := flagDay("runs", "partition", day, partition.Key{})
	if err != nil {
		return err
	}
	if limit < 1 || limit > 1000 {
		return &usageError{fmt.Sprintf("runs --limit %d: want 1 to 1000", limit)}
	}
	conn, err := connect(c.dataDir)
	if err != nil {
		return err
	}
	wanted := runFilter{key: key, backfill: name}
	if name != "" {
		e, err := conn.execution(ctx, name)
		if err != nil {
			return err
		}
		wanted.since = e.StartedAt
	}
	runs, err := conn.runs(ctx, wanted, limit, terminal.Now())
	if err != nil {
		return err
	}
	if c.json {
		return writeJSON(terminal.Stdout, runs)
	}
	writeRuns(terminal, runs)
	return nil
}

// runFilter says which runs are wanted; the zero value wants all.
type runFilter struct {
	key      partition.Key
	backfill string
	since    time.Time // the backfill began: no run of it is older
}

// of takes the wanted runs of a page, and tells whether an older page may have more.
func (f runFilter) of(runs []status.Run) (wanted []status.Run, more bool) {
	if f.backfill == "" {
		return runs, true
	}
	for _, run := range runs {
		if run.BackfillID == f.backfill {
			wanted = append(wanted, run)
		}
	}
	return wanted, len(runs) > 0 && !runs[len(runs)-1].StartedAt.Before(f.since)
}

// runs lists runs and settles those that died without an answer.
func (c connection) runs(ctx context.Context, wanted runFilter, limit int, now time.Time) ([]status.Run, error) {
	pipeline, err := c.pipeline(ctx)
	if err != nil {
		return nil, err
	}
	runs, err := c.list(ctx, pipeline.asset, wanted, limit)
	if err != nil {
		return nil, err
	}
	for i, run := range runs {
		if run.Outcome != status.OutcomeRunning {
			continue
		}
		day, err := c.status.Partition(ctx, pipeline.asset, run.Partition)
		if err != nil {
			return nil, err
		}
		runs[i].Outcome, runs[i].Failure = run.OutcomeAt(day, now)
	}
	return runs, nil
}

// list reads pages until there are as many runs as wanted, or no more.
func (c connection) list(ctx context.Context, asset string, wanted runFilter, limit int) ([]status.Run, error) {
	runs := []status.Run{}
	page := status.Page{Limit: min(limit, status.MaxPage)}
	if wanted.backfill != "" {
		page.Limit = status.MaxPage // of which some are others'
	}
	for {
		var next status.RunPage
		var err error
		if wanted.key.IsZero() {
			next, err = c.status.Runs(ctx, asset, page)
		} else {
			next, err = c.status.RunsOf(ctx, asset, wanted.key, page)
		}
		if err != nil {
			return nil, err
		}
		found, more := wanted.of(next.Runs)
		runs = append(runs, found...)
		page.Before = next.Next
		if page.Before == "" || !more || len(runs) >= limit {
			return runs[:min(len(runs), limit)], nil
		}
	}
}

func writeRuns(terminal Terminal, runs []status.Run) {
	if len(runs) == 0 {
		fmt.Fprintln(terminal.Stdout, "no runs yet: start one with `delfos materialize --partition D`")
		return
	}
	var rows [][]cell
	for _, run := range runs {
		took, note := "", ""
		if !run.FinishedAt.IsZero() {
			took = run.FinishedAt.Sub(run.StartedAt).Round(time.Millisecond).String()
		}
		if run.Failure != nil {
			note = run.Failure.Type + ": " + oneLine(errors.New(run.Failure.Message))
		} else if run.Materialization != nil {
			note = fmt.Sprintf("%d rows", run.Materialization.RowsWritten)
		}
		rows = append(rows, []cell{
			{run.ID, plain},
			{run.Partition.String(), plain},
			{triggerOf(run), plain},
			{string(run.Outcome), attemptColour(status.AttemptState(run.Outcome))},
			{run.StartedAt.UTC().Format("2006-01-02 15:04:05Z"), plain},
			{took, plain},
			{note, plain},
		})
	}
	writeTable(terminal, []string{"RUN", "PARTITION", "TRIGGER", "OUTCOME", "STARTED", "TOOK", ""}, rows)
}

// triggerOf is what started a run; of a backfill, which one.
func triggerOf(run status.Run) string {
	if run.BackfillID != "" {
		return run.BackfillID
	}
	return string(run.Trigger)
}
