// Package expression reads the schedule expressions of Amazon EventBridge
// Scheduler and tells when they fire (EventBridge Scheduler User Guide, "Schedule
// types"): cron, rate and at, in a time zone, through its daylight-saving changes.
//
// "When the time shifts forward in Spring, your schedule invocation gets skipped if
// the cron expression falls on a non-existent date and time. When the time shifts
// back in the Fall, your schedule runs only once" (AWS re:Post, "How can I adjust
// my Amazon EventBridge schedule for daylight saving?"): here it is the first of
// the two. A day of a rate is 24 hours (the same).
package expression

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // zones must be known on machines without them, too
)

// MaxLength is the longest expression, in characters (EventBridge Scheduler API
// Reference, CreateSchedule).
const MaxLength = 256

// Expression is a schedule expression in a time zone. It is a value: it has no
// state, and Next has no effects. The zero value never fires.
type Expression struct {
	text string
	rule rule
}

// A rule is one of the three kinds of expression.
type rule interface {
	next(after time.Time) (time.Time, bool)
}

// SyntaxError says what is wrong with an expression.
type SyntaxError struct {
	Text   string // the expression
	Field  string // "minutes", "day-of-month", "value", …; "" for the whole
	Reason string
}

// Error names expression, field and rule.
func (e *SyntaxError) Error() string {
	if e.Field == "" {
		return fmt.Sprintf("schedule expression %q: %s", e.Text, e.Reason)
	}
	return fmt.Sprintf("schedule expression %q, %s: %s", e.Text, e.Field, e.Reason)
}

// Zone finds a time zone by its IANA name; "" means UTC.
func Zone(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, fmt.Errorf("time zone %q: want a name of the IANA database, such as Europe/Lisbon", name)
	}
	return zone, nil
}

// Parse reads cron(minutes hours day-of-month month day-of-week year),
// rate(value unit) or at(yyyy-mm-ddThh:mm:ss), to be evaluated in a zone. An error
// is a *SyntaxError.
func Parse(text string, zone *time.Location) (Expression, error) {
	kind, inside, opened := strings.Cut(text, "(")
	inside, closed := strings.CutSuffix(inside, ")")
	refuse := func(field, format string, args ...any) error {
		return &SyntaxError{text, field, fmt.Sprintf(format, args...)}
	}
	switch {
	case len(text) > MaxLength:
		return Expression{}, refuse("", "want at most %d characters", MaxLength)
	case !opened || !closed || inside != strings.TrimSpace(inside):
		return Expression{}, refuse("", "want cron(…), rate(…) or at(…) without spaces around what is inside")
	}
	var parsed rule
	var err error
	switch kind {
	case "cron":
		parsed, err = parseCron(inside, zone, refuse)
	case "rate":
		parsed, err = parseRate(inside, refuse)
	case "at":
		parsed, err = parseAt(inside, zone, refuse)
	default:
		err = refuse("", "want cron(…), rate(…) or at(…)")
	}
	if err != nil {
		return Expression{}, err
	}
	return Expression{text, parsed}, nil
}

// A refusal makes the error of a field.
type refusal func(field, format string, args ...any) error

// String is the expression as it was given.
func (e Expression) String() string { return e.text }

// Recurs says whether the expression may fire more than once.
func (e Expression) Recurs() bool {
	_, once := e.rule.(at)
	return e.rule != nil && !once
}

// StartingAt counts a rate from another instant than 1970-01-01T00:00:00Z: it fires
// then, and at each full interval before and after. It changes no other kind.
func (e Expression) StartingAt(start time.Time) Expression {
	if counted, ok := e.rule.(rate); ok {
		counted.start = start
		e.rule = counted
	}
	return e
}

// Next is the first time strictly after another at which the expression fires, in
// UTC; false where it never does again.
func (e Expression) Next(after time.Time) (time.Time, bool) {
	if e.rule == nil {
		return time.Time{}, false
	}
	next, ok := e.rule.next(after)
	return next.UTC(), ok
}
