package command

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
)

// listSchedules shows what runs by itself, and when next.
func listSchedules(ctx context.Context, terminal Terminal, args []string) error {
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		return &usageError{fmt.Sprintf("schedule %s: want next, on, off, preview, history, or nothing for the list", args[0])}
	}
	c, _, err := parseAnywhere("schedule", args, terminal, noFlags)
	if err != nil {
		return err
	}
	_, found, err := openSchedules(ctx, terminal, c, 1)
	if err != nil {
		return err
	}
	all := make([]schedule, len(found))
	for i := range found {
		all[i] = toSchedule(found[i])
	}
	if c.json {
		return writeJSON(terminal.Stdout, all)
	}
	writeSchedules(terminal, all)
	return nil
}

func writeSchedules(terminal Terminal, all []schedule) {
	if len(all) == 0 {
		fmt.Fprintln(terminal.Stdout, "no schedules")
		return
	}
	var rows [][]cell
	for _, s := range all {
		local, inUTC := nextCells(s)
		rows = append(rows, []cell{{s.Name, plain}, {s.target(), plain}, {s.Expression, plain}, {s.TimeZone, plain}, stateCell(s.State), local, inUTC})
	}
	writeTable(terminal, []string{"SCHEDULE", "TARGET", "EXPRESSION", "TIME ZONE", "STATE", "NEXT, LOCAL", "NEXT, UTC"}, rows)
}

func nextCells(s schedule) (local, inUTC cell) {
	switch {
	case s.State == types.ScheduleStateDisabled:
		return cell{}, cell{}
	case s.Problem != "":
		return cell{"not known: " + s.Problem, red}, cell{}
	case s.Next.IsZero():
		return cell{"never again", faint}, cell{}
	default:
		return cell{localTime(s.Next, s.zone), plain}, cell{clock(s.Next), plain}
	}
}

func stateCell(state types.ScheduleState) cell {
	if state == types.ScheduleStateEnabled {
		return cell{"on", green}
	}
	return cell{"off", yellow}
}

// localTime shows an instant by a zone's clocks, and how far these are from UTC.
func localTime(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("2006-01-02 15:04:05 -07:00")
}
