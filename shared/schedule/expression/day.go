package expression

import (
	"strings"
	"time"
)

// A dayRule says which days of a month are in the fields day-of-month and
// day-of-week.
type dayRule interface {
	in(year int, month time.Month) set
}

// parseDays reads the two fields, of which one must be ?.
func parseDays(ofMonth, ofWeek string, refuse refusal) (dayRule, error) {
	var days dayRule
	var reason string
	switch {
	case ofWeek == "?" && ofMonth != "?":
		if days, reason = parseDayOfMonth(ofMonth); reason != "" {
			return nil, refuse(dayOfMonthField.name, "%s", reason)
		}
	case ofMonth == "?" && ofWeek != "?":
		if days, reason = parseDayOfWeek(ofWeek); reason != "" {
			return nil, refuse(dayOfWeekField.name, "%s", reason)
		}
	default:
		return nil, refuse(dayOfMonthField.name, "want ? in exactly one of day-of-month and day-of-week")
	}
	return days, nil
}

func parseDayOfMonth(text string) (days dayRule, reason string) {
	if text == "L" {
		return lastDay{}, ""
	}
	if before, ok := strings.CutSuffix(text, "W"); ok {
		if before == "L" {
			return lastDay{weekday: true}, ""
		}
		day, ok := dayOfMonthField.value(before)
		if !ok {
			return nil, "want a day of 1 to 31, or L, before the W"
		}
		return nearestWeekday(day), ""
	}
	numbers, reason := dayOfMonthField.parse(text)
	var named daysOfMonth
	for _, n := range numbers {
		named |= 1 << n
	}
	return named, reason
}

func parseDayOfWeek(text string) (days dayRule, reason string) {
	if text == "L" { // of the week, which ends on Saturday
		return daysOfWeek(1 << time.Saturday), ""
	}
	if before, ok := strings.CutSuffix(text, "L"); ok {
		day, ok := dayOfWeekField.value(before)
		if !ok {
			return nil, "want one of " + dayOfWeekField.wantedText + " before the L"
		}
		return lastOfWeekday(day - 1), ""
	}
	if before, after, ok := strings.Cut(text, "#"); ok {
		day, isDay := dayOfWeekField.value(before)
		nth, isNumber := number(after)
		if !isDay || !isNumber || nth < 1 || nth > 5 {
			return nil, "want one of " + dayOfWeekField.wantedText + " before the #, 1 to 5 after it, and nothing else"
		}
		return nthWeekday{time.Weekday(day - 1), nth}, ""
	}
	numbers, reason := dayOfWeekField.parse(text)
	var named daysOfWeek
	for _, n := range numbers {
		named |= 1 << (n - 1)
	}
	return named, reason
}

func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

func weekday(year int, month time.Month, day int) time.Weekday {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Weekday()
}

// daysOfMonth are days by number.
type daysOfMonth set

func (d daysOfMonth) in(year int, month time.Month) set {
	return set(d) & (1<<(daysIn(year, month)+1) - 1)
}

// lastDay is L or, where weekday is set, LW.
type lastDay struct{ weekday bool }

func (d lastDay) in(year int, month time.Month) set {
	day := daysIn(year, month)
	if d.weekday {
		switch weekday(year, month, day) {
		case time.Saturday:
			day--
		case time.Sunday:
			day -= 2
		default:
		}
	}
	return 1 << day
}

// nearestWeekday is nW: the Monday to Friday that is nearest to a day, within its
// month. A month without the day has none.
type nearestWeekday int

func (d nearestWeekday) in(year int, month time.Month) set {
	day, last := int(d), daysIn(year, month)
	if day > last {
		return 0
	}
	switch weekday(year, month, day) {
	case time.Saturday:
		if day--; day == 0 {
			day = 3
		}
	case time.Sunday:
		if day++; day > last {
			day -= 3
		}
	default:
	}
	return 1 << day
}

// daysOfWeek are days as bits by time.Weekday.
type daysOfWeek set

func (d daysOfWeek) in(year int, month time.Month) set {
	var days set
	first := weekday(year, month, 1)
	for day := 1; day <= daysIn(year, month); day++ {
		if set(d).has((int(first) + day - 1) % 7) {
			days |= 1 << day
		}
	}
	return days
}

// nthWeekday is n#k: the k-th such day of the month, if there is one.
type nthWeekday struct {
	day time.Weekday
	nth int
}

func (d nthWeekday) in(year int, month time.Month) set {
	first := 1 + int(d.day-weekday(year, month, 1)+7)%7
	if day := first + 7*(d.nth-1); day <= daysIn(year, month) {
		return 1 << day
	}
	return 0
}

// lastOfWeekday is nL: the last such day of the month.
type lastOfWeekday time.Weekday

func (d lastOfWeekday) in(year int, month time.Month) set {
	last := daysIn(year, month)
	return 1 << (last - int(weekday(year, month, last)-time.Weekday(d)+7)%7)
}
