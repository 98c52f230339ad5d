// Package environment reads a function's settings from environment variables, and
// tells all that is wrong with them at once.
package environment

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"delfos/shared/partition"
)

// Reader reads variables and gathers what is wrong with them; what it returns of a
// variable that is wrong means nothing.
type Reader struct {
	getenv   func(string) string
	problems []error
}

// NewReader makes a Reader; a variable that is not set is empty.
func NewReader(getenv func(string) string) *Reader {
	return &Reader{getenv: getenv}
}

// Err joins a *VariableError of each variable that was wrong; nil where none was.
func (r *Reader) Err() error { return errors.Join(r.problems...) }

// VariableError says which rule a variable breaks.
type VariableError struct{ Name, Rule string }

// Error names both.
func (e *VariableError) Error() string { return "environment variable " + e.Name + ": " + e.Rule }

func (r *Reader) refuse(name, rule string, args ...any) {
	r.problems = append(r.problems, &VariableError{name, fmt.Sprintf(rule, args...)})
}

// Optional reads text that may be empty.
func (r *Reader) Optional(name string) string { return r.getenv(name) }

// Required reads text that is not empty.
func (r *Reader) Required(name string) string {
	value := r.getenv(name)
	if value == "" {
		r.refuse(name, "it is not set")
	}
	return value
}

// Either wants one of two variables to be set.
func (r *Reader) Either(name, other string) {
	if r.getenv(name) == "" && r.getenv(other) == "" {
		r.refuse(name, "it is not set, and neither is %s", other)
	}
}

// OneOf reads one of the known words.
func (r *Reader) OneOf(name string, known ...string) string {
	value := r.getenv(name)
	if !slices.Contains(known, value) {
		r.refuse(name, "%q; want one of %s", value, strings.Join(known, ", "))
	}
	return value
}

// Duration reads a duration, such as 10m, from least to most.
func (r *Reader) Duration(name string, least, most time.Duration) time.Duration {
	value, err := time.ParseDuration(r.getenv(name))
	if err != nil || value < least || value > most {
		r.refuse(name, "%q; want a duration from %s to %s, such as 10m", r.getenv(name), least, most)
	}
	return value
}

// Days reads a number of days from least to most.
func (r *Reader) Days(name string, least, most int) time.Duration {
	value, err := strconv.Atoi(r.getenv(name))
	if err != nil || value < least || value > most {
		r.refuse(name, "%q; want %d to %d days", r.getenv(name), least, most)
	}
	return time.Duration(value) * 24 * time.Hour
}

// URL reads the URL of a server.
func (r *Reader) URL(name string) string {
	value := r.Required(name)
	parsed, err := url.Parse(value)
	if value != "" && (err != nil || parsed.Host == "" || (parsed.Scheme != "http" && parsed.Scheme != "https")) {
		r.refuse(name, "%q; want an http or https URL", value)
	}
	return value
}

// Some reads a list, separated by commas, of some of the known words, each once.
func (r *Reader) Some(name string, known []string) []string {
	var list []string
	for word := range strings.SplitSeq(r.Required(name), ",") {
		word = strings.TrimSpace(word)
		if !slices.Contains(known, word) || slices.Contains(list, word) {
			r.refuse(name, "%q; want some of %s, each once", word, strings.Join(known, ", "))
		}
		list = append(list, word)
	}
	return list
}

// Calendar reads a time zone and the first day of its calendar.
func (r *Reader) Calendar(zoneName, firstName string) partition.Calendar {
	first, err := partition.ParseKey(r.getenv(firstName))
	if err != nil {
		r.refuse(firstName, "%v", err)
		return partition.Calendar{}
	}
	calendar, err := partition.NewCalendar(r.getenv(zoneName), first)
	if err != nil {
		r.refuse(zoneName, "%v", err)
	}
	return calendar
}
