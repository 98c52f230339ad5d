package command

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"delfos/shared/backfill/report"
	"delfos/shared/status"
)

// quietWithin bounds the wait for a cancelled backfill's runs: they are told by
// their leases within seconds; one that nobody told loses its lease by then.
const quietWithin = 2 * time.Minute

// cancel stops a backfill, and returns when none of its runs goes on.
func cancel(ctx context.Context, terminal Terminal, args []string) error {
	var reason string
	c, words, err := parseAnywhere("cancel", args, terminal, func(flags *flag.FlagSet) {
		flags.StringVar(&reason, "reason", "", "why, for whoever reads it later")
	}, "NAME")
	if err != nil {
		return err
	}
	conn, err := connect(ctx, terminal, c.where)
	if err != nil {
		return err
	}
	e, err := conn.execution(ctx, words[0])
	if err != nil {
		return err
	}
	if e.over() {
		return fmt.Errorf("backfill %s is over already: it %s at %s", e.Name, howItEnded(e.Status), clock(e.StoppedAt))
	}
	f, err := conn.follower(ctx, terminal, c, e)
	if err != nil {
		return err
	}
	if err := conn.stop(ctx, e, cancelCause(terminal.User, reason)); err != nil {
		return err
	}
	fmt.Fprintf(terminal.Stderr, "Backfill %s starts nothing more; waiting for the runs in flight to end.\n", e.Name)
	left, err := f.awaitQuiet(ctx)
	if err != nil {
		return err
	}
	return f.tellCancelled(ctx, left)
}

// cancelCause says who stopped the backfill and why.
func cancelCause(who, reason string) string {
	text := "cancelled by " + cmp.Or(who, "somebody") + " with delfos cancel"
	if reason != "" {
		text += ": " + reason
	}
	return text
}

func (c connection) stop(ctx context.Context, e execution, cause string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), startWithin)
	defer cancel()
	_, err := c.sfn.StopExecution(ctx, &sfn.StopExecutionInput{
		ExecutionArn: &e.ARN, Error: aws.String("Cancelled"), Cause: &cause,
	})
	if err != nil {
		return c.explainBackfill(e.Name, "cancel", err)
	}
	return nil
}

// attempts is how many partitions the backfill was the last to try, by how that stands.
type attempts map[status.AttemptState]int

// settle corrects what the Map Run counts of a cancelled backfill: it counts as aborted
// what was running, even where that went on to publish.
func (a attempts) settle(counts report.Counts) report.Counts {
	counts.Materialized = max(counts.Materialized, a[status.AttemptSucceeded])
	counts.Cancelled = a[status.AttemptCancelled]
	return counts
}

func (f follower) attempts(ctx context.Context) (attempts, error) {
	records, err := f.conn.status.Partitions(ctx, f.asset, f.from, f.to)
	if err != nil {
		return nil, err
	}
	count := attempts{}
	for _, record := range records {
		if record.BackfillID == f.name {
			attempt, _ := record.AttemptAt(f.terminal.Now())
			count[attempt]++
		}
	}
	return count, nil
}

// awaitQuiet waits until the backfill is marked as stopped, so that a run that
// claims from now on gives up by itself, and no run holds a partition.
func (f follower) awaitQuiet(ctx context.Context) (attempts, error) {
	ctx, cancel := context.WithTimeout(ctx, quietWithin)
	defer cancel()
	for {
		record, recordErr := f.conn.status.Backfill(ctx, f.asset, f.name)
		count, err := f.attempts(ctx)
		if recordErr == nil && err == nil && record.Stopped() && count[status.AttemptRunning] == 0 {
			return count, nil
		}
		if waited := f.terminal.Wait(ctx, shortestPause); waited != nil {
			return nil, fmt.Errorf("backfill %s is stopped, and starts nothing more, but %d of its runs are not known to have ended (%w): see %s",
				f.name, count[status.AttemptRunning], cmp.Or(recordErr, err, waited), f.common.line("runs", "--backfill", f.name))
		}
	}
}

func (f follower) tellCancelled(ctx context.Context, left attempts) error {
	e, err := f.conn.execution(ctx, f.name)
	if err != nil {
		return err
	}
	counts, err := f.conn.outcome(ctx, e)
	if err != nil {
		return err
	}
	counts = left.settle(counts)
	if f.common.json {
		return writeJSON(f.terminal.Stdout, backfillResult{execution: &e, Counts: counts})
	}
	never := counts.Planned - counts.Materialized - counts.Failed - counts.Cancelled
	fmt.Fprintf(f.terminal.Stdout, "Backfill %s is cancelled: %s were materialized before, %d cancelled while running, %d never started, %d failed. Go on with it: %s\n",
		f.name, partitions(counts.Materialized), counts.Cancelled, max(never, 0), counts.Failed, f.common.line("retry", f.name))
	return nil
}

// clock is an instant as the tables show it.
func clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}
