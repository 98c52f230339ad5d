package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"delfos/shared/partition"
)

// follower watches one backfill.
type follower struct {
	conn     connection
	terminal Terminal
	common   common
	name     string
	asset    string
	from, to partition.Key // where its partitions lie
}

// Looks at the backfill are this far apart: close while it moves, and farther the
// longer nothing changes.
const (
	shortestPause = 250 * time.Millisecond
	longestPause  = 2 * time.Second
)

// maxBlind is how many looks may fail one after the other; each has been tried
// again by the SDK.
const maxBlind = 3

// failuresEvery bounds how often the status table is asked for failures.
const failuresEvery = 3 * time.Second

// toTheEnd follows the backfill until it is over, and says what came of it. plan
// goes into the JSON; it may be nil.
func (f follower) toTheEnd(ctx context.Context, plan json.RawMessage) error {
	e, err := f.watch(ctx)
	var result backfillResult
	if err == nil {
		result, err = f.result(ctx, e)
	}
	if err != nil && errors.Is(ctx.Err(), context.Canceled) {
		return f.interrupted()
	}
	if err != nil {
		return err
	}
	result.Plan = plan
	return result.tell(f.terminal, f.common)
}

// watch looks at the backfill until it is over.
func (f follower) watch(ctx context.Context) (execution, error) {
	m := newMeter(f.terminal)
	f.conn.waits.over(m.close)
	defer f.conn.waits.over(nil)
	defer m.close()
	pause, blind := shortestPause, 0
	news := failureNews{follower: f}
	for {
		e, pass, err := f.look(ctx)
		switch {
		case err != nil:
			if blind++; blind == maxBlind || ctx.Err() != nil {
				return e, f.lostSight(err)
			}
		case e.over():
			return e, nil
		default:
			blind = 0
			if m.show(pass, news.last(ctx, pass.Failed)) {
				pause = shortestPause
			}
		}
		if err := f.terminal.Wait(ctx, pause); err != nil {
			return e, err
		}
		pause = min(pause*3/2, longestPause)
	}
}

func (f follower) lostSight(cause error) error {
	if f.common.isDeployed() {
		return fmt.Errorf("lost sight of backfill %s, which goes on: come back to it with %s: %w", f.name, f.common.line("backfills", f.name, "--watch"), cause)
	}
	return fmt.Errorf("lost sight of backfill %s, which goes on where the stack does: look at it with %s; where the stack went down, start it and go on with %s: %w",
		f.name, f.common.line("backfills", f.name), f.common.line("retry", f.name), cause)
}

// look reads how the backfill stands now.
func (f follower) look(ctx context.Context) (execution, itemCounts, error) {
	e, err := f.conn.execution(ctx, f.name)
	if err != nil || e.over() {
		return e, itemCounts{}, err
	}
	pass, err := f.conn.currentPass(ctx, e)
	if err != nil || pass == nil {
		return e, itemCounts{}, err
	}
	return e, pass.Counts, nil
}

// failureNews knows the failure that was recorded last.
type failureNews struct {
	follower

	text  string
	known int // how many had failed when the table was asked
	asked time.Time
}

// last names the last failure of so many. Where it cannot be found out, the one
// before is as good: it is news, and no result.
func (n *failureNews) last(ctx context.Context, failed int) string {
	now := n.terminal.Now()
	if failed <= n.known || now.Sub(n.asked) < failuresEvery {
		return n.text
	}
	n.asked = now
	failures, err := n.conn.failuresOf(ctx, n.follower, now)
	if err != nil || len(failures) == 0 {
		return n.text
	}
	newest := slices.MaxFunc(failures, func(a, b failedDay) int { return a.at.Compare(b.at) })
	n.known, n.text = failed, newest.Partition.String()+" "+newest.Type
	return n.text
}

func (f follower) interrupted() error {
	return &exitError{exitInterrupted, fmt.Errorf("stopped watching; backfill %s goes on: come back to it with %s, stop it with %s",
		f.name, f.common.line("backfills", f.name, "--watch"), f.common.line("cancel", f.name))}
}
