package chart

import "math"

// maxTicks bounds what is asked of an axis, whatever a caller passes.
const maxTicks = 100

// ValueTicks gives at most n ticks of 1, 2 or 5 times a power of ten apart, in
// order, all within [low, high], and the step between them. Where the bounds are
// not finite, equal or reversed, or n is below 1, there are none.
func ValueTicks(low, high float64, n int) (ticks []float64, step float64) {
	if !finite(low) || !finite(high) || low >= high || n < 1 {
		return nil, 0
	}
	n = min(n, maxTicks)
	half := high/2 - low/2 // the difference of huge bounds would overflow
	for step = niceStep(2 * (half / float64(n+1))); ; step = niceStep(1.5 * step) {
		if step == 0 || math.IsInf(step, 0) {
			return nil, 0
		}
		first, last := math.Ceil(low/step), math.Floor(high/step)
		if last-first < float64(n) {
			return multiples(first, last, step, low, high), step
		}
	}
}

// multiples lists first to last times the step. Multiplying keeps the error of
// repeated addition out; what rounding moves over a bound is left out.
func multiples(first, last, step, low, high float64) []float64 {
	var ticks []float64
	for i := 0.0; first+i <= last; i++ {
		tick := roundTo((first+i)*step, step)
		after := len(ticks) == 0 || tick > ticks[len(ticks)-1]
		if tick >= low && tick <= high && after {
			ticks = append(ticks, tick)
		}
		if first+i+1 == first+i { // the bounds are so close that counting has no resolution left
			return ticks
		}
	}
	return ticks
}

// niceStep is the least of 1, 2 and 5 times a power of ten that is at least x.
func niceStep(x float64) float64 {
	if x <= 0 {
		return 0
	}
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, times := range []float64{1, 2, 5} {
		if step := times * power; step >= x*(1-1e-9) {
			return step
		}
	}
	return 10 * power
}

// roundTo takes away what binary fractions add to a multiple of a decimal step
// (3 × 0.1), where the step has decimals at all.
func roundTo(x, step float64) float64 {
	decimals := -int(math.Floor(math.Log10(step)))
	if decimals <= 0 || decimals > 15 {
		return x + 0 // no negative zero
	}
	power := math.Pow(10, float64(decimals))
	if rounded := math.Round(x*power) / power; finite(rounded) {
		return rounded + 0
	}
	return x
}

// domain is the range of an axis for values from low to high: both moved out to
// round values, with room around a constant. Without a value it is [0, 1].
func domain(low, high float64, n int) (float64, float64) {
	if !finite(low) || !finite(high) || low > high {
		return 0, 1
	}
	if high-low <= 1e-9*max(math.Abs(low), math.Abs(high)) {
		pad := max(math.Abs(low)/10, 1e-9)
		if low == 0 {
			pad = 1
		}
		low, high = max(low-pad, -math.MaxFloat64), min(high+pad, math.MaxFloat64)
	}
	_, step := ValueTicks(low, high, n)
	if step == 0 {
		return low, high
	}
	return -outwards(-low, step), outwards(high, step)
}

// outwards moves an upper bound to the next round value. Where a value is just above
// a round one (a turbine that stands still takes a little power) half the axis would
// be empty for it: there the bound is moved out a little.
func outwards(bound, step float64) float64 {
	below := math.Floor(bound/step) * step
	over := bound - below
	moved := roundTo(below+step, step)
	switch {
	case over <= 1e-9*step:
		return bound
	case over < step/5:
		moved = bound + step/20
	}
	if !finite(moved) {
		return bound
	}
	return max(moved, bound)
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
