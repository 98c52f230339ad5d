// Package timeseries reduces samples to the statistics of windows. It computes
// and does nothing else: no clock, no I/O.
package timeseries

import (
	"math"
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
//
// With d = x − shift, for a shift near the mean,
//
//	var = (Σd² − (Σd)²/n) / (n − 1)
//
// is the corrected two-pass algorithm (Chan, Golub and LeVeque, "Algorithms for
// Computing the Sample Variance", 1983; Higham, "Accuracy and Stability of
// Numerical Algorithms", §1.9). The first sample is mostly near enough to save the
// pass that finds the mean; where it is not, the size of the correction tells.
func Describe(values []float64) Statistics {
	var s Statistics
	s.describe(values)
	return s
}

// describe sets s in place: a copy of five fields costs as much as ten samples.
func (s *Statistics) describe(values []float64) {
	if len(values) == 0 {
		nan := math.NaN()
		*s = Statistics{Mean: nan, Min: nan, Max: nan, Std: nan}
		return
	}
	shift := values[0]
	sum, squares, least, greatest := measure(values, shift)
	switch {
	case squares >= tooSmallToSquare && squares <= math.MaxFloat64:
		if sum*sum/float64(len(values)) > farShift*squares {
			shift += sum / float64(len(values))
			sum, squares, least, greatest = measure(values, shift)
		}
	case least != greatest || squares != 0:
		s.describeExtreme(values)
		return
	}
	s.set(len(values), shift, sum, squares, least, greatest)
}

// tooSmallToSquare is a sum of squares that may have lost digits to underflow.
const tooSmallToSquare = 1e-200

// farShift is the share of the squares that may be correction. At 0.9 the shift
// lies three standard deviations from the mean, and one digit is lost.
const farShift = 0.9

// measure goes over the values once, without a branch that depends on them.
func measure(values []float64, shift float64) (sum, squares, least, greatest float64) {
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
	return sum, squares, valueAt(lowest), valueAt(highest)
}

// set evaluates the formula. Its branches are for rounding, hence nearly never
// taken; on floats the builtin min and max cost more.
func (s *Statistics) set(count int, shift, sum, squares, least, greatest float64) {
	n := float64(count)
	mean := shift + sum/n
	if mean < least {
		mean = least
	}
	if mean > greatest {
		mean = greatest
	}
	std := math.NaN()
	if count > 1 {
		deviations := squares - sum*sum/n
		if deviations < 0 {
			deviations = 0
		}
		std = math.Sqrt(deviations / (n - 1))
	}
	s.Count, s.Mean, s.Min, s.Max, s.Std = count, mean, least, greatest, std
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
func (s *Statistics) describeExtreme(values []float64) {
	if finite := onlyFinite(values); len(finite) < len(values) {
		s.describe(finite)
		return
	}
	_, _, least, greatest := measure(values, 0)
	_, exponent := math.Frexp(max(math.Abs(least), math.Abs(greatest)))
	scaled := make([]float64, len(values))
	for i, value := range values {
		scaled[i] = math.Ldexp(value, -exponent)
	}
	s.describe(scaled)
	s.Mean = min(max(math.Ldexp(s.Mean, exponent), least), greatest)
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
