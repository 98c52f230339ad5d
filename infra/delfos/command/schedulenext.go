package command

import (
	"context"
	"flag"
	"fmt"
	"time"

	"delfos/shared/pipeline"
)

// tick is one firing of a schedule.
type tick struct {
	Schedule string    `json:"schedule"`
	Local    string    `json:"local"`
	UTC      time.Time `json:"utc"`
	Warning  string    `json:"warning,omitempty"` // what daylight saving does to it, or to one before it
}

// showNextTicks lists the ticks to come of one schedule, or of all.
func showNextTicks(ctx context.Context, terminal Terminal, args []string) error {
	var count int
	c, words, err := parseAnywhere("schedule next", args, terminal, func(flags *flag.FlagSet) {
		flags.IntVar(&count, "count", 5, "this `many` of each schedule, 1 to 1000")
	}, "[NAME]")
	if err != nil {
		return err
	}
	if count < 1 || count > 1000 {
		return &usageError{fmt.Sprintf("schedule next --count %d: want 1 to 1000", count)}
	}
	_, all, err := openSchedules(ctx, terminal, c, count)
	if err != nil {
		return err
	}
	if all, err = chosen(all, words); err != nil {
		return err
	}
	ticks := []tick{}
	off := map[string]bool{}
	for _, s := range all {
		for _, next := range s.Next {
			ticks = append(ticks, tick{s.Name, localTime(next.At, s.Zone), next.At, next.Warning})
		}
		off[s.Name] = !s.On
	}
	if c.json {
		return writeJSON(terminal.Stdout, ticks)
	}
	writeTicks(terminal, ticks, off)
	return nil
}

// chosen is the schedule named, or all.
func chosen(all []pipeline.Schedule, words []string) ([]pipeline.Schedule, error) {
	if len(words) == 0 {
		return all, nil
	}
	one, err := named(all, words[0])
	return []pipeline.Schedule{one}, err
}

func writeTicks(terminal Terminal, ticks []tick, off map[string]bool) {
	if len(ticks) == 0 {
		fmt.Fprintln(terminal.Stdout, "no ticks to come")
		return
	}
	var rows [][]cell
	for _, t := range ticks {
		note := cell{t.Warning, yellow}
		if off[t.Schedule] {
			note = cell{"off", yellow}
		}
		rows = append(rows, []cell{{t.Schedule, plain}, {t.Local, plain}, {clock(t.UTC), plain}, note})
	}
	writeTable(terminal, []string{"SCHEDULE", "LOCAL", "UTC", ""}, rows)
}
