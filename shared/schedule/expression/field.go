package expression

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A field of a cron expression that takes lists, ranges and steps.
type field struct {
	name       string
	low, high  int
	names      []string // of low, low+1, …
	wantedText string
}

var (
	minutesField    = field{"minutes", 0, 59, nil, "0 to 59"}
	hoursField      = field{"hours", 0, 23, nil, "0 to 23"}
	dayOfMonthField = field{"day-of-month", 1, 31, nil, "1 to 31"}
	monthField      = field{"month", 1, 12, []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}, "1 to 12 or JAN to DEC"}
	dayOfWeekField  = field{"day-of-week", 1, 7, []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}, "1 to 7 or SUN to SAT"}
	yearField       = field{"year", firstYear, lastYear, nil, "1970 to 2199"}
)

// parse gives the numbers that a field's text stands for, or the reason why it
// stands for none.
func (f field) parse(text string) (numbers []int, reason string) {
	for item := range strings.SplitSeq(text, ",") {
		first, last, step, reason := f.parseItem(item)
		if reason != "" {
			return nil, reason
		}
		for n := first; n <= last; n += step {
			numbers = append(numbers, n)
		}
	}
	return numbers, ""
}

func (f field) parseItem(item string) (first, last, step int, reason string) {
	span, stepText, stepped := strings.Cut(item, "/")
	step = 1
	if stepped {
		var ok bool
		if step, ok = number(stepText); !ok || step < 1 || step > f.high {
			return 0, 0, 0, fmt.Sprintf("%q: want a step of 1 to %d after the /", item, f.high)
		}
	}
	if span == "*" {
		return f.low, f.high, step, ""
	}
	from, to, ranged := strings.Cut(span, "-")
	first, ok := f.value(from)
	if !ok {
		return 0, 0, 0, fmt.Sprintf("%q: want %s, or one of the wildcards that the field takes", item, f.wantedText)
	}
	switch {
	case ranged:
		if last, ok = f.value(to); !ok || last < first {
			return 0, 0, 0, fmt.Sprintf("%q: want a range within %s whose end is not before its beginning", item, f.wantedText)
		}
	case stepped:
		last = f.high
	default:
		last = first
	}
	return first, last, step, ""
}

// value reads a number within the field's bounds, or a name.
func (f field) value(text string) (int, bool) {
	if i := slices.Index(f.names, text); i >= 0 {
		return f.low + i, true
	}
	n, ok := number(text)
	return n, ok && n >= f.low && n <= f.high
}

// number reads decimal digits, at most four, without a sign.
func number(text string) (int, bool) {
	if len(text) > 4 || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}
