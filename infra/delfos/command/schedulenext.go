package command

import (
	"context"
	"flag"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	"delfos/shared/schedule/expression"
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
	c, words, err := parse("schedule next", args, terminal, func(flags *flag.FlagSet) {
		flags.IntVar(&count, "count", 5, "this `many` of each schedule, 1 to 1000")
	}, "[NAME]")
	if err != nil {
		return err
	}
	if count < 1 || count > 1000 {
		return &usageError{fmt.Sprintf("schedule next --count %d: want 1 to 1000", count)}
	}
	_, all, err := connectSchedules(ctx, terminal, c)
	if err != nil {
		return err
	}
	if all, err = chosen(all, words); err != nil {
		return err
	}
	ticks := []tick{}
	off := map[string]bool{}
	for _, s := range all {
		ticks = append(ticks, s.nextTicks(terminal.Now(), count)...)
		off[s.Name] = s.State != types.ScheduleStateEnabled
	}
	if c.json {
		return writeJSON(terminal.Stdout, ticks)
	}
	writeTicks(terminal, ticks, off)
	return nil
}

// chosen is the schedule named, or all.
func chosen(all []schedule, words []string) ([]schedule, error) {
	if len(words) == 0 {
		return all, nil
	}
	one, err := named(all, words[0])
	return []schedule{one}, err
}

// nextTicks lists ticks after an instant.
func (s schedule) nextTicks(after time.Time, count int) []tick {
	var ticks []tick
	for len(ticks) < count {
		at, ok := s.next(after)
		if !ok {
			break
		}
		ticks = append(ticks, tick{s.Name, localTime(at, s.zone), at, clockChange(after, at, s)})
		after = at
	}
	return ticks
}

// clockChange warns where a tick's local time comes twice, of which it runs at the
// first, and where one before it is skipped because its local time does not exist.
func clockChange(before, at time.Time, s schedule) string {
	if !s.isLocal() {
		return ""
	}
	if offset, later := offsets(at, at.Add(24*time.Hour), s.zone); later < offset {
		again := at.Add(time.Duration(offset-later) * time.Second)
		if again.In(s.zone).Format(time.DateTime) == at.In(s.zone).Format(time.DateTime) {
			return "the clocks go back: this local time comes twice, and it runs at the first"
		}
	}
	if skipped := s.skippedBetween(before, at); skipped != "" {
		return "the clocks go forward: the one at " + skipped + " does not exist, and is skipped"
	}
	return ""
}

// isLocal tells whether the ticks are at local times, as those of cron and at are.
func (s schedule) isLocal() bool { return !strings.HasPrefix(s.Expression, "rate(") }

// offsets is how many seconds a zone is from UTC at two instants.
func offsets(a, b time.Time, zone *time.Location) (int, int) {
	_, first := a.In(zone).Zone()
	_, second := b.In(zone).Zone()
	return first, second
}

// skippedBetween is the first local time between two instants at which the schedule
// would tick, were the zone's clocks not moved past it; "" is none.
func (s schedule) skippedBetween(from, to time.Time) string {
	for at := from; ; {
		_, change := at.In(s.zone).ZoneBounds()
		if change.IsZero() || change.After(to) {
			return ""
		}
		if before, after := offsets(change.Add(-time.Second), change, s.zone); after > before {
			if local, ok := s.tickInGap(change, before, after); ok {
				return local
			}
		}
		at = change
	}
}

// tickInGap looks for a tick in the local times that a change of the clocks leaves
// out, in a zone that stays as it was before the change.
func (s schedule) tickInGap(change time.Time, before, after int) (string, bool) {
	unmoved := time.FixedZone("", before)
	ticks, err := expression.Parse(s.Expression, unmoved)
	if err != nil {
		return "", false // never: it has been parsed in the schedule's own zone
	}
	at, ok := ticks.Next(change.Add(-time.Second))
	if !ok || !at.Before(change.Add(time.Duration(after-before)*time.Second)) {
		return "", false
	}
	return at.In(unmoved).Format("2006-01-02 15:04"), true
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
