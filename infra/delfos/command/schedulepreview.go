package command

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	"delfos/shared/backfill"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
	"delfos/shared/status"
)

// preview is what the ticks of a day that stand for the same do.
type preview struct {
	Schedule string              `json:"schedule"`
	State    types.ScheduleState `json:"state"`
	Ticks    int                 `json:"ticks"` // of the day that do the same
	First    time.Time           `json:"first,omitzero"`
	Last     time.Time           `json:"last,omitzero"`
	Day      *status.Partition   `json:"day,omitempty"`     // that the etl runs, as it stands
	Plan     *backfill.Plan      `json:"plan,omitempty"`    // of a backfill, as things stand
	Problem  string              `json:"problem,omitempty"` // with the schedule's input

	zone *time.Location
}

// previewDay shows what the schedules run on a day, as things stand now.
func previewDay(ctx context.Context, terminal Terminal, args []string) error {
	c, words, err := parseAnywhere("schedule preview", args, terminal, noFlags, dayWord)
	if err != nil {
		return err
	}
	day, err := partition.ParseKey(words[0])
	if err != nil {
		return &usageError{fmt.Sprintf("schedule preview: %v", err)}
	}
	conn, err := connect(ctx, terminal, c.where)
	if err != nil {
		return err
	}
	p, err := conn.open(ctx, terminal)
	if err != nil {
		return err
	}
	found, err := p.PreviewTick(ctx, day)
	if err != nil {
		return err
	}
	previews := make([]preview, len(found))
	for i := range found {
		previews[i] = toPreview(found[i])
	}
	if c.json {
		return writeJSON(terminal.Stdout, previews)
	}
	for _, one := range previews {
		one.write(terminal)
	}
	return nil
}

func toPreview(found pipeline.Preview) preview {
	one := preview{
		Schedule: found.Schedule.Name, State: stateOf(found.Schedule), Ticks: found.Ticks, First: found.First, Last: found.Last,
		Problem: oneLine(errors.New(found.Problem)), zone: found.Schedule.Zone,
	}
	if found.Plan != nil && found.Problem == "" {
		one.Plan = &found.Plan.Plan
	}
	if found.Day != nil {
		one.Day = &found.Day.Partition
	}
	return one
}

func (p preview) write(terminal Terminal) {
	state := stateCell(p.State)
	fmt.Fprintf(terminal.Stdout, "%s, which is %s", p.Schedule, paint(terminal.Colour, state))
	switch {
	case p.Ticks == 0 && p.Problem != "":
		fmt.Fprintln(terminal.Stdout, ": its ticks are not known: "+p.Problem)
		return
	case p.Ticks == 0:
		fmt.Fprintln(terminal.Stdout, ": no tick on this day")
		return
	case p.Ticks == 1:
		fmt.Fprintf(terminal.Stdout, ": %s (%s)\n", localTime(p.First, p.zone), clock(p.First))
	default:
		fmt.Fprintf(terminal.Stdout, ": %d ticks, %s to %s\n", p.Ticks, localTime(p.First, p.zone), localTime(p.Last, p.zone))
	}
	switch {
	case p.Problem != "":
		fmt.Fprintf(terminal.Stdout, "  %s: %s\n", paint(terminal.Colour, cell{"fails", red}), p.Problem)
	case p.Plan != nil:
		writePlan(terminal, *p.Plan)
	default:
		fmt.Fprintf(terminal.Stdout, "  runs %s, which is %s\n", p.Day.Key, paint(terminal.Colour, cell{standing(*p.Day), dataColour(p.Day.Data)}))
	}
}

// standing is how a day's data and its last attempt stand, in words.
func standing(day status.Partition) string {
	switch day.Attempt {
	case status.AttemptNone, status.AttemptSucceeded:
		return string(day.Data)
	default:
		return fmt.Sprintf("%s (last attempt %s)", day.Data, day.Attempt)
	}
}
