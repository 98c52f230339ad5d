package expression

import (
	"math/bits"
	"strings"
	"time"
)

// A set holds numbers from 0 to 63 as bits.
type set uint64

func (s set) has(n int) bool { return s>>n&1 == 1 }

// from is the smallest member from n on.
func (s set) from(n int) (int, bool) {
	rest := s >> n << n
	return bits.TrailingZeros64(uint64(rest)), rest != 0 && n < 64
}

// A cron fires at each local minute that is in all of its fields.
type cron struct {
	zone                   *time.Location
	minutes, hours, months set
	years                  map[int]bool
	days                   dayRule
}

// The years of a cron expression (EventBridge Scheduler User Guide, "Cron-based
// schedules").
const firstYear, lastYear = 1970, 2199

func parseCron(inside string, zone *time.Location, refuse refusal) (rule, error) {
	fields := strings.Fields(inside)
	if len(fields) != 6 {
		return nil, refuse("", "has %d fields: want cron(minutes hours day-of-month month day-of-week year)", len(fields))
	}
	c := cron{zone: zone, years: map[int]bool{}}
	for _, one := range []struct {
		field field
		text  string
		into  *set
	}{{minutesField, fields[0], &c.minutes}, {hoursField, fields[1], &c.hours}, {monthField, fields[3], &c.months}} {
		numbers, reason := one.field.parse(one.text)
		if reason != "" {
			return nil, refuse(one.field.name, "%s", reason)
		}
		for _, n := range numbers {
			*one.into |= 1 << n
		}
	}
	years, reason := yearField.parse(fields[5])
	if reason != "" {
		return nil, refuse(yearField.name, "%s", reason)
	}
	for _, year := range years {
		c.years[year] = true
	}
	var err error
	c.days, err = parseDays(fields[2], fields[4], refuse)
	return c, err
}

func (c cron) next(after time.Time) (time.Time, bool) {
	from := wallClock(after, c.zone).Truncate(time.Minute)
	year, month, day := from.Date()
	if year < firstYear {
		from = time.Date(firstYear, 1, 1, 0, 0, 0, 0, time.UTC)
		year, month, day = from.Date()
	}
	for ; year <= lastYear; year, month, day = year+1, time.January, 1 {
		if !c.years[year] {
			continue
		}
		for ; month <= time.December; month, day = month+1, 1 {
			if !c.months.has(int(month)) {
				continue
			}
			if found, ok := c.nextInMonth(year, month, day, from, after); ok {
				return found, true
			}
		}
	}
	return time.Time{}, false
}

// nextInMonth looks from a day of a month on, at local times that are not before
// from, for one that is after after.
func (c cron) nextInMonth(year int, month time.Month, day int, from, after time.Time) (time.Time, bool) {
	days := c.days.in(year, month)
	for day, ok := days.from(day); ok; day, ok = days.from(day + 1) {
		for hour, ok := c.hours.from(0); ok; hour, ok = c.hours.from(hour + 1) {
			for minute, ok := c.minutes.from(0); ok; minute, ok = c.minutes.from(minute + 1) {
				local := time.Date(year, month, day, hour, minute, 0, 0, time.UTC)
				if local.Before(from) {
					continue
				}
				if found, exists := instant(local, c.zone); exists && found.After(after) {
					return found, true
				}
			}
		}
	}
	return time.Time{}, false
}
