package command

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	"delfos/shared/backfill"
	"delfos/shared/etl"
	"delfos/shared/partition"
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
	c, words, err := parse("schedule preview", args, terminal, noFlags, "D")
	if err != nil {
		return err
	}
	day, err := partition.ParseKey(words[0])
	if err != nil {
		return &usageError{fmt.Sprintf("schedule preview: %v", err)}
	}
	conn, all, err := connectSchedules(ctx, terminal, c)
	if err != nil {
		return err
	}
	p, err := conn.pipeline(ctx)
	if err != nil {
		return err
	}
	previews := []preview{}
	for _, s := range all {
		found, err := conn.preview(ctx, p, s, day, terminal.Now())
		if err != nil {
			return err
		}
		previews = append(previews, found...)
	}
	if c.json {
		return writeJSON(terminal.Stdout, previews)
	}
	for _, one := range previews {
		one.write(terminal)
	}
	return nil
}

// preview gathers a schedule's ticks of a day, those that stand for the same
// together; one entry without ticks where there are none.
func (c connection) preview(ctx context.Context, p pipeline, s schedule, day partition.Key, now time.Time) ([]preview, error) {
	calendar, err := partition.NewCalendar(s.TimeZone, day)
	if err != nil {
		return nil, fmt.Errorf("schedule %s: %w", s.Name, err)
	}
	span := calendar.Span(day)
	var previews []preview
	var last partition.Key
	for at, ok := s.ticks.Next(span.Start.Add(-time.Nanosecond)); ok && at.Before(span.End); at, ok = s.ticks.Next(at) {
		ended := p.calendar.LastEnded(at)
		if n := len(previews); n > 0 && ended == last {
			previews[n-1].Ticks++
			previews[n-1].Last = at
			continue
		}
		last = ended
		one, err := c.previewTick(ctx, p, s, at, now)
		if err != nil {
			return nil, err
		}
		previews = append(previews, one)
	}
	if previews == nil {
		previews = []preview{{Schedule: s.Name, State: s.State, zone: s.zone}}
	}
	return previews, nil
}

func (c connection) previewTick(ctx context.Context, p pipeline, s schedule, at, now time.Time) (preview, error) {
	one := preview{Schedule: s.Name, State: s.State, Ticks: 1, First: at, Last: at, zone: s.zone}
	if s.Target == c.machineARN {
		var err error
		one.Plan, err = c.planAt(ctx, p, s, at)
		if refused, invalid := errors.AsType[*backfill.InvalidRequest](err); invalid {
			one.Problem, err = oneLine(refused), nil
		}
		return one, err
	}
	key, err := s.partition(p, at)
	if err != nil {
		one.Problem = oneLine(err)
		return one, nil
	}
	records, err := c.status.Partitions(ctx, p.asset, key, key)
	if err != nil {
		return one, err
	}
	one.Day = &settled(everyDay(p.asset, key, key, records), now)[0]
	return one, nil
}

// partition is the day that the etl runs at a tick, by the schedule's input
// (EventBridge Scheduler User Guide, "Adding context attributes"); an error where
// the etl would refuse it.
func (s schedule) partition(p pipeline, at time.Time) (partition.Key, error) {
	input := strings.ReplaceAll(s.Input, "<aws.scheduler.scheduled-time>", at.UTC().Format(time.RFC3339))
	request, err := etl.ParseEvent([]byte(input), p.calendar)
	if err != nil {
		return partition.Key{}, err
	}
	return request.Partition, p.calendar.Check(request.Partition, at)
}

// planAt plans what the schedule's input asks for as the planner would at an
// instant, with the days as they stand now.
func (c connection) planAt(ctx context.Context, p pipeline, s schedule, at time.Time) (*backfill.Plan, error) {
	request, err := backfill.ParseRequest([]byte(s.Input))
	if err != nil {
		return nil, err
	}
	empty, err := backfill.Make(p.asset, request, p.calendar, nil, at)
	if err != nil {
		return nil, err
	}
	if empty.To.Before(empty.From) {
		return &empty, nil
	}
	records, err := c.status.Partitions(ctx, p.asset, empty.From, empty.To)
	if err != nil {
		return nil, err
	}
	plan, err := backfill.Make(p.asset, request, p.calendar, records, at)
	return &plan, err
}

func (p preview) write(terminal Terminal) {
	state := stateCell(p.State)
	fmt.Fprintf(terminal.Stdout, "%s, which is %s", p.Schedule, paint(terminal.Colour, state))
	switch p.Ticks {
	case 0:
		fmt.Fprintln(terminal.Stdout, ": no tick on this day")
		return
	case 1:
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
