package command

import (
	"context"
	"flag"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"golang.org/x/sync/errgroup"
)

// backfillsFlags are what `backfills` is told.
type backfillsFlags struct {
	limit int
	state string
	watch bool
}

// showBackfills lists backfills, tells all about one, or follows it.
func showBackfills(ctx context.Context, terminal Terminal, args []string) error {
	var f backfillsFlags
	c, words, err := parseAnywhere("backfills", args, terminal, func(flags *flag.FlagSet) {
		flags.IntVar(&f.limit, "limit", 20, "at most this `many`, 1 to 1000, newest first")
		flags.StringVar(&f.state, "state", "", "only those that are `so`: running, succeeded, failed, cancelled or \"timed out\"")
		flags.BoolVar(&f.watch, "watch", false, "follow the one named to its end")
	}, "[NAME]")
	if err != nil {
		return err
	}
	filter, known := statusNamed(f.state)
	switch {
	case f.limit < 1 || f.limit > 1000:
		return &usageError{fmt.Sprintf("backfills --limit %d: want 1 to 1000", f.limit)}
	case f.state != "" && !known:
		return &usageError{fmt.Sprintf("backfills --state %s: want running, succeeded, failed, cancelled or \"timed out\"", f.state)}
	case f.watch && len(words) == 0:
		return &usageError{"backfills --watch: say which: delfos backfills NAME --watch"}
	}
	conn, err := connect(ctx, terminal, c.where)
	if err != nil {
		return err
	}
	if len(words) == 0 {
		return conn.listBackfills(ctx, terminal, c, filter, f.limit)
	}
	e, err := conn.execution(ctx, words[0])
	if isMissing(err) {
		return conn.showForgotten(ctx, terminal, c, words[0], err)
	}
	if err != nil {
		return err
	}
	follower, err := conn.follower(ctx, terminal, c, e)
	if err != nil {
		return err
	}
	if f.watch {
		return follower.toTheEnd(ctx, nil)
	}
	return follower.detail(ctx, e)
}

func (c connection) listBackfills(ctx context.Context, terminal Terminal, flags common, filter types.ExecutionStatus, limit int) error {
	names, err := c.backfillNames(ctx, filter, limit)
	if err != nil {
		return err
	}
	results := make([]backfillResult, len(names))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(4)
	for i, name := range names {
		group.Go(func() error {
			e, err := c.execution(ctx, name)
			if err != nil {
				return err
			}
			counts, err := c.outcome(ctx, e)
			results[i] = backfillResult{execution: &e, Counts: counts}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if flags.json {
		return writeJSON(terminal.Stdout, results)
	}
	if len(results) == 0 && filter != "" {
		word, _ := statusWord(filter)
		fmt.Fprintf(terminal.Stdout, "no backfills that are %s\n", word)
		return nil
	}
	writeBackfills(terminal, flags, results)
	return nil
}

// backfillNames lists executions, newest first; an empty filter takes all.
func (c connection) backfillNames(ctx context.Context, filter types.ExecutionStatus, limit int) ([]string, error) {
	var names []string
	input := &sfn.ListExecutionsInput{StateMachineArn: &c.machineARN, StatusFilter: filter}
	for {
		input.MaxResults = int32(limit - len(names))
		page, err := c.sfn.ListExecutions(ctx, input)
		if err != nil {
			return nil, fmt.Errorf("list backfills: %w", err)
		}
		for _, listed := range page.Executions {
			names = append(names, aws.ToString(listed.Name))
		}
		if input.NextToken = page.NextToken; input.NextToken == nil || len(names) >= limit {
			return names[:min(len(names), limit)], nil
		}
	}
}

func writeBackfills(terminal Terminal, flags common, results []backfillResult) {
	if len(results) == 0 {
		fmt.Fprintf(terminal.Stdout, "no backfills: start one with %s\n", flags.line("backfill"))
		return
	}
	var rows [][]cell
	for _, r := range results {
		word, shown := statusWord(r.Status)
		failed := cell{strconv.Itoa(r.Counts.Failed), plain}
		if r.Counts.Failed > 0 {
			failed.colour = red
		}
		rows = append(rows, []cell{
			{r.Name, plain},
			{word, shown},
			{clock(r.StartedAt), plain},
			{roughly(r.took(terminal.Now())), plain},
			{strconv.Itoa(r.Counts.Planned), plain},
			{strconv.Itoa(r.Counts.Materialized), plain},
			failed,
			{r.Request.Reason, faint},
		})
	}
	writeTable(terminal, []string{"BACKFILL", "STATE", "STARTED", "TOOK", "PLANNED", "MATERIALIZED", "FAILED", "REASON"}, rows)
}
