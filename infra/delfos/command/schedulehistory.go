package command

import (
	"context"
	"flag"
	"fmt"
	"time"

	"delfos/shared/pipeline"
	ticks "delfos/shared/schedule"
	"delfos/shared/status"
)

// mostHistory bounds how many ticks are told.
const mostHistory = 1000

// pastTick is a tick that there was.
type pastTick struct {
	Schedule      string        `json:"schedule"`
	ScheduledTime time.Time     `json:"scheduled_time,omitzero"` // not known of a deployed stack
	FiredAt       time.Time     `json:"fired_at"`
	Outcome       ticks.Outcome `json:"outcome"`
	Error         string        `json:"error,omitempty"`
	Missed        int           `json:"missed,omitempty"`

	// What it led to; none is there where it led to nothing, or that is not known.
	Run           *status.Run          `json:"run,omitempty"`
	BackfillID    string               `json:"backfill_id,omitempty"`
	BackfillState status.BackfillState `json:"backfill_state,omitempty"`
}

// showHistory lists the ticks that there were, newest first. EventBridge Scheduler has
// no API for them: the local stack logs each, and of a deployed one the runs and
// backfills tell that they led to.
func showHistory(ctx context.Context, terminal Terminal, args []string) error {
	var limit int
	c, words, err := parseAnywhere("schedule history", args, terminal, func(flags *flag.FlagSet) {
		flags.IntVar(&limit, "limit", 20, "at most this `many`, 1 to 1000")
	}, "[NAME]")
	if err != nil {
		return err
	}
	if limit < 1 || limit > mostHistory {
		return &usageError{fmt.Sprintf("schedule history --limit %d: want 1 to %d", limit, mostHistory)}
	}
	conn, err := connect(ctx, terminal, c.where)
	if err != nil {
		return err
	}
	p, err := conn.open(ctx, terminal)
	if err != nil {
		return err
	}
	past, err := lastTicks(ctx, p, words, limit)
	if err != nil {
		return err
	}
	if c.json {
		return writeJSON(terminal.Stdout, past)
	}
	writeHistory(terminal, c, past)
	return nil
}

// lastTicks are the last of the schedule named, or of all, newest first.
func lastTicks(ctx context.Context, p *pipeline.Pipeline, words []string, limit int) ([]pastTick, error) {
	of, most := "", limit
	if len(words) > 0 {
		all, err := p.Schedules(ctx, 0)
		if err != nil {
			return nil, err
		}
		one, err := named(all, words[0])
		if err != nil {
			return nil, err
		}
		of, most = one.Name, mostHistory // of which some are others'
	}
	found, err := p.Ticks(ctx, most)
	if err != nil {
		return nil, err
	}
	past := []pastTick{}
	for _, t := range found {
		if (of == "" || of == t.Schedule) && len(past) < limit {
			past = append(past, toPastTick(t))
		}
	}
	return past, nil
}

func toPastTick(found pipeline.PastTick) pastTick {
	t := pastTick{
		Schedule: found.Schedule, ScheduledTime: found.ScheduledAt, FiredAt: found.FiredAt,
		Outcome: found.Outcome, Error: found.Error, Missed: found.Missed,
	}
	if found.Run != nil {
		t.Run = &found.Run.Run
	}
	if found.Backfill != nil {
		t.BackfillID, t.BackfillState = found.Backfill.Name, found.Backfill.State
	}
	return t
}

func writeHistory(terminal Terminal, c common, past []pastTick) {
	column, none := "SCHEDULED", "no ticks yet"
	if c.isDeployed() {
		column, none = "STARTED", "no ticks are known: Scheduler keeps no history, and none has led to a run or a backfill yet"
	}
	if len(past) == 0 {
		fmt.Fprintln(terminal.Stdout, none)
		return
	}
	var rows [][]cell
	for _, t := range past {
		rows = append(rows, []cell{{t.Schedule, plain}, {clock(t.at()), plain}, outcomeCell(t.Outcome), {t.late(), plain}, t.ledTo()})
	}
	writeTable(terminal, []string{"SCHEDULE", column, "OUTCOME", "LATE BY", ""}, rows)
}

// at is when the tick was scheduled or, where that is not known, when it fired.
func (t pastTick) at() time.Time {
	if t.ScheduledTime.IsZero() {
		return t.FiredAt
	}
	return t.ScheduledTime
}

// late is by how much; "" where that is not known, or nothing started.
func (t pastTick) late() string {
	if t.Outcome != ticks.Started || t.ScheduledTime.IsZero() {
		return ""
	}
	return t.FiredAt.Sub(t.ScheduledTime).Round(time.Millisecond).String()
}

func outcomeCell(outcome ticks.Outcome) cell {
	shown := map[ticks.Outcome]colour{
		ticks.Started: green, ticks.Missed: yellow, ticks.Dropped: yellow,
		ticks.Failed: red, ticks.DeadLettered: red,
	}[outcome]
	return cell{string(outcome), shown}
}

// ledTo says what a tick led to, or why to nothing.
func (t pastTick) ledTo() cell {
	switch {
	case t.Error != "":
		return cell{t.Error, red}
	case t.Run != nil:
		return cell{fmt.Sprintf("run %s of %s, %s", t.Run.ID, t.Run.Partition, t.Run.Outcome), attemptColour(status.AttemptState(t.Run.Outcome))}
	case t.BackfillID != "":
		return cell{fmt.Sprintf("backfill %s, %s", t.BackfillID, t.BackfillState), attemptColour(status.AttemptState(t.BackfillState))}
	case t.Missed > 1:
		return cell{fmt.Sprintf("%d ticks", t.Missed), faint}
	default:
		return cell{}
	}
}
