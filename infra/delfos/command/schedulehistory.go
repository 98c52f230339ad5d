package command

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"delfos/infra/local/scheduler"
)

// showHistory lists the ticks that there were, newest first. Scheduler has no API
// for them; the local stack logs each.
func showHistory(ctx context.Context, terminal Terminal, args []string) error {
	var limit int
	c, words, err := parse("schedule history", args, terminal, func(flags *flag.FlagSet) {
		flags.IntVar(&limit, "limit", 20, "at most this `many`, 1 to 1000")
	}, "[NAME]")
	if err != nil {
		return err
	}
	if limit < 1 || limit > 1000 {
		return &usageError{fmt.Sprintf("schedule history --limit %d: want 1 to 1000", limit)}
	}
	conn, all, err := connectSchedules(ctx, terminal, c)
	if err != nil {
		return err
	}
	if all, err = chosen(all, words); err != nil {
		return err
	}
	ticks := []scheduler.Tick{}
	for _, s := range all {
		found, err := conn.ticksOf(ctx, s.Name, limit)
		if err != nil {
			return err
		}
		ticks = append(ticks, found...)
	}
	slices.SortStableFunc(ticks, func(a, b scheduler.Tick) int { return b.FiredAt.Compare(a.FiredAt) })
	ticks = ticks[:min(len(ticks), limit)]
	if c.json {
		return writeJSON(terminal.Stdout, ticks)
	}
	writeHistory(terminal, ticks)
	return nil
}

// ticksOf reads the last ticks of a schedule, in any order.
func (c connection) ticksOf(ctx context.Context, name string, limit int) ([]scheduler.Tick, error) {
	var ticks []scheduler.Tick
	input := &cloudwatchlogs.GetLogEventsInput{
		LogGroupName: aws.String(scheduler.TickLogGroup), LogStreamName: &name,
		StartFromHead: aws.Bool(false), Limit: aws.Int32(int32(limit)),
	}
	for {
		page, err := c.logs.GetLogEvents(ctx, input)
		if _, none := errors.AsType[*types.ResourceNotFoundException](err); none {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read the ticks of schedule %s: %w", name, err)
		}
		for _, event := range page.Events {
			var tick scheduler.Tick
			if err := json.Unmarshal([]byte(aws.ToString(event.Message)), &tick); err != nil {
				return nil, fmt.Errorf("read the ticks of schedule %s: %w", name, err)
			}
			ticks = append(ticks, tick)
		}
		over := aws.ToString(page.NextBackwardToken) == aws.ToString(input.NextToken)
		if input.NextToken = page.NextBackwardToken; over || len(ticks) >= limit {
			return ticks, nil
		}
	}
}

func writeHistory(terminal Terminal, ticks []scheduler.Tick) {
	if len(ticks) == 0 {
		fmt.Fprintln(terminal.Stdout, "no ticks yet")
		return
	}
	var rows [][]cell
	for _, t := range ticks {
		note := cell{t.Started[strings.LastIndexByte(t.Started, ':')+1:], faint}
		if t.Error != "" {
			note = cell{t.Error, red}
		}
		late := ""
		if t.Outcome == scheduler.Started {
			late = t.FiredAt.Sub(t.ScheduledTime).Round(time.Millisecond).String()
		}
		rows = append(rows, []cell{{t.Schedule, plain}, {clock(t.ScheduledTime), plain}, outcomeCell(t.Outcome), {late, plain}, note})
	}
	writeTable(terminal, []string{"SCHEDULE", "SCHEDULED", "OUTCOME", "LATE BY", ""}, rows)
}

func outcomeCell(outcome scheduler.Outcome) cell {
	shown := map[scheduler.Outcome]colour{
		scheduler.Started: green, scheduler.Missed: yellow, scheduler.Dropped: yellow,
		scheduler.Failed: red, scheduler.DeadLettered: red,
	}[outcome]
	return cell{string(outcome), shown}
}
