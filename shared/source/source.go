// Package source is the contract of the source API: what can be asked, how rows
// and their fingerprint look, and a client that speaks it.
package source

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"delfos/shared/partition"
)

// Bounds of one request.
const (
	MaxWindow   = 31 * 24 * time.Hour // longest [start, end)
	MaxPageRows = 20_000              // most rows in one page, and how many come unless fewer are asked for
)

// Variable is one measured quantity of the turbine.
type Variable struct {
	Name string
	Unit string // as people write it: "m/s", "kW", "°C"
}

// Variables are the columns of the source, in the order of its contract.
func Variables() []Variable {
	return []Variable{
		{"wind_speed", "m/s"},
		{"power", "kW"},
		{"ambient_temperature", "°C"},
	}
}

// VariableNames are the names of Variables, in the same order.
func VariableNames() []string {
	var names []string
	for _, variable := range Variables() {
		names = append(names, variable.Name)
	}
	return names
}

// Query asks for some variables of the samples in [Span.Start, Span.End).
type Query struct {
	Span      partition.Span
	Variables []string // in the order wanted, without repeats
}

// Validate tells what a query asks that the source does not have: no variable,
// one that is unknown or named twice, a window that is empty or longer than
// MaxWindow.
func (q Query) Validate() error {
	if len(q.Variables) == 0 {
		return fmt.Errorf("source query: want at least one variable of %s", strings.Join(VariableNames(), ", "))
	}
	for i, name := range q.Variables {
		if !slices.Contains(VariableNames(), name) {
			return fmt.Errorf("source query: variable %q is unknown, want one of %s", name, strings.Join(VariableNames(), ", "))
		}
		if slices.Contains(q.Variables[:i], name) {
			return fmt.Errorf("source query: variable %q is named twice", name)
		}
	}
	if duration := q.Span.Duration(); duration <= 0 || duration > MaxWindow {
		return fmt.Errorf("source query: the window from %s to %s lasts %s, want more than 0 and at most %s",
			q.Span.Start.Format(time.RFC3339Nano), q.Span.End.Format(time.RFC3339Nano), duration, MaxWindow)
	}
	return nil
}

// Rows are samples in time order, one slice of values per variable of the query.
type Rows struct {
	Times  []int64     // Unix time in microseconds, PostgreSQL's resolution
	Values [][]float64 // Values[variable][row]; NaN stands for null, NaN and the infinities
}

// Len is the number of samples.
func (r *Rows) Len() int { return len(r.Times) }

// Time is the instant of a sample, in UTC.
func (r *Rows) Time(row int) time.Time { return time.UnixMicro(r.Times[row]).UTC() }

// reset empties the rows for n variables and keeps the memory.
func (r *Rows) reset(n int) {
	r.Times = r.Times[:0]
	for len(r.Values) < n {
		r.Values = append(r.Values, nil)
	}
	r.Values = r.Values[:n]
	for i := range r.Values {
		r.Values[i] = r.Values[i][:0]
	}
}
