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
	s.measure(values, values[0], by)
}

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
func (s *Statistics) measure(values []float64, shift float64, by *divisors) {
	by.set(len(values))
	var sum, squares float64
	lowest := int64(math.Float64bits(values[0]))
	highest := lowest
	for _, value := range values {
		d := value - shift
		sum += d
		squares += d * d
		bits := int64(math.Float64bits(value))
		lowest = min(lowest, bits)
		highest = max(highest, bits)
	}
	correction := sum * sum * by.n
	least, greatest := math.Float64frombits(uint64(lowest)), math.Float64frombits(uint64(highest))
	if lowest < 0 {
		least, greatest = extremesBelowZero(values, lowest, highest)
	}
	s.Count = len(values)
	s.Mean = within(shift+sum*by.n, least, greatest)
	s.Min, s.Max = least, greatest
	s.Std = math.Sqrt((squares - correction) * by.nLess1)
	exact := squares <= math.MaxFloat64 && correction <= farShift*squares && (squares >= tooSmall || least == greatest)
	if !exact {
		s.measureAgain(values, shift, by)
	}
}

// extremesBelowZero is for values some of which are negative. measure compares
// bits as integers, which takes two instructions where floats take a dozen or a
// branch. Bits order as their floats do, but for negative ones, whose order is
// reversed.
func extremesBelowZero(values []float64, lowest, highest int64) (least, greatest float64) {
	least, greatest = math.Float64frombits(uint64(lowest)), math.Float64frombits(uint64(highest))
	if highest < 0 {
		return greatest, least
	}
	var unsigned uint64 // as such, negative floats come last, the least at the end
	for _, value := range values {
		unsigned = max(unsigned, math.Float64bits(value))
	}
	return math.Float64frombits(unsigned), greatest
}

// measureAgain is for values among which there are nulls, whose squares leave
// float64, or whose mean is far from the shift.
func (s *Statistics) measureAgain(values []float64, shift float64, by *divisors) {
	if finite := onlyFinite(values); len(finite) < len(values) {
		s.describe(finite, by)
		return
	}
	if _, exponent := math.Frexp(max(math.Abs(s.Min), math.Abs(s.Max))); exponent < -300 || exponent > 400 {
		s.measureScaled(values, exponent, by)
		return
	}
	if shift != s.Mean {
		s.measure(values, s.Mean, by)
	}
}

// measureScaled brings the values between −1 and 1, and takes the result back.
func (s *Statistics) measureScaled(values []float64, exponent int, by *divisors) {
	least, greatest := s.Min, s.Max
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
