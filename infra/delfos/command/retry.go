package command

import (
	"context"
	"flag"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

// retry redrives a backfill: it runs just what failed or was cancelled, and
// follows that.
func retry(ctx context.Context, terminal Terminal, args []string) error {
	var noWait bool
	c, words, err := parseAnywhere("retry", args, terminal, func(flags *flag.FlagSet) {
		flags.BoolVar(&noWait, "no-wait", false, "return once it goes on, and do not follow it")
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
	if reason := whyNoRetry(e, c); reason != "" {
		return fmt.Errorf("backfill %s %s", e.Name, reason)
	}
	f, err := conn.follower(ctx, terminal, c, e)
	if err != nil {
		return err
	}
	if err := conn.redrive(ctx, e); err != nil {
		return err
	}
	if noWait {
		if e, err = conn.execution(ctx, e.Name); err != nil {
			return err
		}
		return saysStarted(terminal, c, e, nil)
	}
	fmt.Fprintf(terminal.Stderr, "Backfill %s goes on with what is not materialized. Ctrl-C leaves it running.\n", e.Name)
	return f.toTheEnd(ctx, nil)
}

func (c connection) redrive(ctx context.Context, e execution) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), startWithin)
	defer cancel()
	if _, err := c.sfn.RedriveExecution(ctx, &sfn.RedriveExecutionInput{ExecutionArn: &e.ARN}); err != nil {
		return c.explainBackfill(e.Name, "retry", err)
	}
	return nil
}

// whyNoRetry tells why there is nothing to redrive; "" where there is.
func whyNoRetry(e execution, c common) string {
	switch {
	case e.Status == types.ExecutionStatusRunning:
		return "is running: follow it with " + c.line("backfills", e.Name, "--watch")
	case e.Status == types.ExecutionStatusSucceeded:
		return "has succeeded: there is nothing to retry"
	case e.Error == planChanged: // a redrive hands in the same hash
		return "cannot be retried: it ran nothing, as its plan was not the one that was shown; start a new one with " + c.line("backfill")
	case e.redrivable == types.ExecutionRedriveStatusNotRedrivable:
		return "cannot be retried: " + e.whyNot + "; start another with " + c.line("backfill")
	}
	return ""
}

// follower knows what to look at of a backfill that somebody started.
func (c connection) follower(ctx context.Context, terminal Terminal, flags common, e execution) (follower, error) {
	p, err := c.open(ctx, terminal)
	if err != nil {
		return follower{}, err
	}
	f := follower{
		conn: c, terminal: terminal, common: flags, name: e.Name, asset: p.Asset(),
	}
	f.from, f.to = p.Range()
	record, err := c.status.Backfill(ctx, f.asset, e.Name)
	if err == nil && record.Plan != nil {
		f.from, f.to = record.Plan.From, record.Plan.To
	}
	return f, nil // without a record or a plan the whole range is looked at
}
