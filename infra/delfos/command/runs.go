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
	var day string
	var limit int
	c, _, err := parse("runs", args, terminal, func(flags *flag.FlagSet) {
		flags.StringVar(&day, "partition", "", "runs of this `day` alone, as YYYY-MM-DD")
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
	runs, err := conn.runs(ctx, key, limit, terminal.Now())
	if err != nil {
		return err
	}
	if c.json {
		return writeJSON(terminal.Stdout, runs)
	}
	writeRuns(terminal, runs)
	return nil
}

// runs lists runs and settles those that died without an answer.
func (c connection) runs(ctx context.Context, key partition.Key, limit int, now time.Time) ([]status.Run, error) {
	pipeline, err := c.pipeline(ctx)
	if err != nil {
		return nil, err
	}
	runs, err := c.list(ctx, pipeline.asset, key, limit)
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
func (c connection) list(ctx context.Context, asset string, key partition.Key, limit int) ([]status.Run, error) {
	runs := []status.Run{}
	for page := (status.Page{}); ; {
		page.Limit = min(limit-len(runs), status.MaxPage)
		var next status.RunPage
		var err error
		if key.IsZero() {
			next, err = c.status.Runs(ctx, asset, page)
		} else {
			next, err = c.status.RunsOf(ctx, asset, key, page)
		}
		if err != nil {
			return nil, err
		}
		runs = append(runs, next.Runs...)
		page.Before = next.Next
		if page.Before == "" || len(runs) >= limit {
			return runs, nil
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
			{string(run.Trigger), plain},
			{string(run.Outcome), attemptColour(status.AttemptState(run.Outcome))},
			{run.StartedAt.UTC().Format("2006-01-02 15:04:05Z"), plain},
			{took, plain},
			{note, plain},
		})
	}
	writeTable(terminal, []string{"RUN", "PARTITION", "TRIGGER", "OUTCOME", "STARTED", "TOOK", ""}, rows)
}
