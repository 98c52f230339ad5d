package command

import (
	"context"
	"fmt"

	"delfos/shared/pipeline"
)

// switchOn lets a schedule run.
func switchOn(ctx context.Context, terminal Terminal, args []string) error {
	return switchSchedule(ctx, terminal, "on", true, args)
}

// switchOff keeps a schedule from running.
func switchOff(ctx context.Context, terminal Terminal, args []string) error {
	return switchSchedule(ctx, terminal, "off", false, args)
}

func switchSchedule(ctx context.Context, terminal Terminal, word string, on bool, args []string) error {
	c, words, err := parseAnywhere("schedule "+word, args, terminal, noFlags, "NAME")
	if err != nil {
		return err
	}
	p, all, err := openSchedules(ctx, terminal, c, 0)
	if err != nil {
		return err
	}
	before, err := named(all, words[0])
	if err != nil {
		return err
	}
	turned, err := p.TurnSchedule(ctx, pipeline.Actor{Name: terminal.User, Via: "delfos"}, before.Name, on)
	if err != nil {
		return err
	}
	s := toSchedule(turned)
	if c.json {
		return writeJSON(terminal.Stdout, s)
	}
	already, next := "", ""
	if before.On == on {
		already = ", as it was"
	}
	if turned.On && !s.Next.IsZero() {
		next = fmt.Sprintf("; its next tick is %s (%s)", localTime(s.Next, s.zone), clock(s.Next))
	}
	fmt.Fprintf(terminal.Stdout, "%s is %s%s%s.\n", s.Name, word, already, next)
	return nil
}
