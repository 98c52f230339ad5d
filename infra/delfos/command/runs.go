package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"delfos/shared/partition"
	"delfos/shared/pipeline"
	"delfos/shared/status"
)

// showRuns lists runs, newest first, of all partitions or of one.
func showRuns(ctx context.Context, terminal Terminal, args []string) error {
	var day, name string
	var limit int
	c, _, err := parseAnywhere("runs", args, terminal, func(flags *flag.FlagSet) {
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
	conn, err := connect(ctx, terminal, c.where)
	if err != nil {
		return err
	}
	if name != "" {
		if _, err := conn.execution(ctx, name); err != nil {
			return err
		}
	}
	p, err := conn.open(ctx, terminal)
	if err != nil {
		return err
	}
	runs, err := listRuns(ctx, p, pipeline.RunFilter{Partition: key, Backfill: name}, limit)
	if err != nil {
		return err
	}
	if c.json {
		return writeJSON(terminal.Stdout, runs)
	}
	writeRuns(terminal, c, runs)
	return nil
}

// listRuns reads pages until there are as many runs as wanted, or no more.
func listRuns(ctx context.Context, p *pipeline.Pipeline, wanted pipeline.RunFilter, limit int) ([]status.Run, error) {
	runs := []status.Run{}
	page := pipeline.Page{Limit: limit}
	for {
		found, err := p.Runs(ctx, wanted, page)
		if err != nil {
			return nil, err
		}
		for _, run := range found.Runs {
			runs = append(runs, run.Run)
		}
		if page.Before = found.Next; page.Before == "" || len(runs) >= limit {
			return runs[:min(len(runs), limit)], nil
		}
	}
}

func writeRuns(terminal Terminal, flags common, runs []status.Run) {
	if len(runs) == 0 {
		fmt.Fprintf(terminal.Stdout, "no runs yet: start one with %s\n", flags.line("materialize", "--partition", "D"))
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
