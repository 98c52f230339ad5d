// Package timeseries reduces samples to the statistics of windows. It computes
// and does nothing else: no clock, no I/O.
package timeseries

import (
	"math"
	"slices"
)

// Statistics describe the samples of one variable in one window. With no sample
// everything but Count is NaN.
type Statistics struct {
	Count          int // samples that are not null
	Mean, Min, Max float64
	Std            float64 // sample standard deviation (n − 1), NaN for one sample
}

// Describe computes the statistics of values in any order. NaN and the
// infinities are null, and are skipped. The relative error stays near that of
// float64 itself, whatever the offset or the magnitude of the values.
func Describe(values []float64) Statistics {
	var s Statistics
	s.describe(values, new(divisors))
	return s
}

// describe sets s in place: a copy of five fields costs as much as ten samples.
func (s *Statistics) describe(values []float64, by *divisors) {
	if len(values) == 0 {
		nan := math.NaN()
		*s = Statistics{Mean: nan, Min: nan, Max: nan, Std: nan}
		return
	}
	switch s.measure(values, values[0], by) {
	case shiftIsFar:
		s.measure(values, s.Mean, by)
	case notFinite, beyondFloats:
		s.describeExtreme(values, by)
	case exact:
	}
}

// outcome is what a measurement says of itself.
type outcome int

const (
	exact        outcome = iota
	shiftIsFar           // cancellation cost digits of Std; Mean is good
	notFinite            // there are nulls, or values too large to square
	beyondFloats         // squares lost digits to underflow
)

const (
	// farShift is the share of the squares that may be correction. At 0.9 the
	// shift lies three standard deviations from the mean, and one digit is lost.
	farShift = 0.9

	// tooSmall is a sum of squares that may have lost digits to underflow.
	tooSmall = 1e-200
)

// measure goes over the values once, without a branch that depends on them. With
// d = x − shift, for a shift near the mean,
//
//	var = (Σd² − (Σd)²/n) / (n − 1)
//
// is the corrected two-pass algorithm (Chan, Golub and LeVeque, "Algorithms for
// Computing the Sample Variance", 1983; Higham, "Accuracy and Stability of
// Numerical Algorithms", §1.9). Any sample is mostly near enough to save the pass
// that finds the mean; where it is not, the size of the correction tells.
func (s *Statistics) measure(values []float64, shift float64, by *divisors) outcome {
	by.set(len(values))
	var sum, squares float64
	lowest := orderOf(values[0])
	highest := lowest
	for _, value := range values {
		d := value - shift
		sum += d
		squares += d * d
		order := orderOf(value)
		lowest = min(lowest, order)
		highest = max(highest, order)
	}
	correction := sum * sum * by.n
	s.Count = len(values)
	s.Min = valueAt(lowest)
	s.Max = valueAt(highest)
	s.Mean = within(shift+sum*by.n, s.Min, s.Max)
	s.Std = math.Sqrt((squares - correction) * by.nLess1)
	switch {
	case math.IsNaN(squares) || math.IsInf(squares, 1):
		return notFinite
	case squares < tooSmall && lowest != highest:
		return beyondFloats
	case correction > farShift*squares:
		return shiftIsFar
	}
	return exact
}

// within mends what rounding did. The builtin min and max take longer on floats
// than branches that are never taken.
func within(mean, least, greatest float64) float64 {
	if mean < least {
		return least
	}
	if mean > greatest {
		return greatest
	}
	return mean
}

// divisors are 1/n and 1/(n − 1), kept from one window to the next: divisions
// take longer than a window's samples.
type divisors struct {
	count     int
	n, nLess1 float64
}

func (by *divisors) set(count int) {
	if by.count != count {
		*by = divisors{count, 1 / float64(count), 1 / float64(count-1)}
	}
}

// orderOf maps a float64 to an integer that orders alike, from −Inf to +Inf: on
// integers min and max are two instructions, on floats a dozen or a branch.
func orderOf(value float64) int64 {
	bits := int64(math.Float64bits(value))
	return bits ^ int64(uint64(bits>>63)>>1)
}

// valueAt is the inverse of orderOf.
func valueAt(order int64) float64 {
	return math.Float64frombits(uint64(order ^ int64(uint64(order>>63)>>1)))
}

// describeExtreme describes values among which there are nulls, or whose squares
// leave float64: those it brings between −1 and 1 by a power of two, and takes the
// result back.
func (s *Statistics) describeExtreme(values []float64, by *divisors) {
	if finite := onlyFinite(values); len(finite) < len(values) {
		s.describe(finite, by)
		return
	}
	least, greatest := slices.Min(values), slices.Max(values)
	_, exponent := math.Frexp(max(math.Abs(least), math.Abs(greatest)))
	scaled := make([]float64, len(values))
	for i, value := range values {
		scaled[i] = math.Ldexp(value, -exponent)
	}
	s.describe(scaled, by)
	s.Mean = within(math.Ldexp(s.Mean, exponent), least, greatest)
	s.Min, s.Max, s.Std = least, greatest, math.Ldexp(s.Std, exponent)
}

func onlyFinite(values []float64) []float64 {
	finite := make([]float64, 0, len(values))
	for _, value := range values {
		if !math.IsNaN(value) && !math.IsInf(value, 0) {
			finite = append(finite, value)
		}
	}
	return finite
}
