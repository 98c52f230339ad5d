// Package source is the contract of the source API: what can be asked, how rows
// and their fingerprint look, and a client that speaks it.
package source

import (
	"time"

	"delfos/shared/partition"
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

// Query asks for some variables of the samples in [Span.Start, Span.End).
type Query struct {
	Span      partition.Span
	Variables []string // in the order wanted, without repeats
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
