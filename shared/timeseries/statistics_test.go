package timeseries_test

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"delfos/shared/timeseries"
)

var nan = math.NaN()

// exactly computes the statistics in 2,000 bits.
func exactly(values []float64) timeseries.Statistics {
	const precision = 2000
	exact := func(x float64) *big.Float { return new(big.Float).SetPrec(precision).SetFloat64(x) }
	s := timeseries.Statistics{Mean: nan, Min: nan, Max: nan, Std: nan}
	sum, squares := exact(0), exact(0)
	for _, value := range values {
		if math.IsNaN(value) || math.IsInf(value, 0) {
			continue
		}
		if s.Count == 0 || value < s.Min {
			s.Min = value
		}
		if s.Count == 0 || value > s.Max {
			s.Max = value
		}
		s.Count++
		sum.Add(sum, exact(value))
		squares.Add(squares, exact(0).Mul(exact(value), exact(value)))
	}
	if s.Count == 0 {
		return s
	}
	n := exact(float64(s.Count))
	s.Mean, _ = exact(0).Quo(sum, n).Float64()
	if s.Count > 1 {
		correction := exact(0).Quo(exact(0).Mul(sum, sum), n)
		variance := exact(0).Quo(squares.Sub(squares, correction), exact(float64(s.Count-1)))
		if variance.Sign() < 0 { // what 2,000 bits leave of 0
			variance.SetInt64(0)
		}
		s.Std, _ = exact(0).Sqrt(variance).Float64()
	}
	return s
}

// near tells whether got is want but for a relative error of 1e-9, or 1e-9 of the
// spread where the mean of large values cancels to nearly nothing.
func near(got, want, spread float64) bool {
	if math.IsNaN(got) || math.IsNaN(want) {
		return math.IsNaN(got) && math.IsNaN(want)
	}
	tolerance := 1e-9 * math.Abs(want)
	if spread > 0 {
		tolerance = max(tolerance, 1e-9*spread)
	}
	return math.Abs(got-want) <= tolerance
}

func checkNear(t rapid.TB, got, want timeseries.Statistics) {
	t.Helper()
	if got.Count != want.Count ||
		!near(got.Min, want.Min, 0) || !near(got.Max, want.Max, 0) ||
		!near(got.Mean, want.Mean, want.Std) || !near(got.Std, want.Std, 0) {
		t.Fatalf("\ngot  %+v\nwant %+v", got, want)
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	inf := math.Inf(1)
	for _, c := range []struct {
		name   string
		values []float64
		want   timeseries.Statistics
	}{
		{"nothing", nil, timeseries.Statistics{Mean: nan, Min: nan, Max: nan, Std: nan}},
		{"nulls alone", []float64{nan, inf, -inf}, timeseries.Statistics{Mean: nan, Min: nan, Max: nan, Std: nan}},
		{"one sample has no std", []float64{7}, timeseries.Statistics{Count: 1, Mean: 7, Min: 7, Max: 7, Std: nan}},
		{"one sample among nulls", []float64{nan, 7, nan}, timeseries.Statistics{Count: 1, Mean: 7, Min: 7, Max: 7, Std: nan}},
		{"the std is the sample's", []float64{2, 4, 4, 4, 5, 5, 7, 9}, timeseries.Statistics{Count: 8, Mean: 5, Min: 2, Max: 9, Std: math.Sqrt(32. / 7)}},
		{"nulls do not count", []float64{nan, 1, inf, 2, nan, 3, -inf}, timeseries.Statistics{Count: 3, Mean: 2, Min: 1, Max: 3, Std: 1}},
		{"both signs", []float64{-3, 0, 3}, timeseries.Statistics{Count: 3, Mean: 0, Min: -3, Max: 3, Std: 3}},
		{"all negative", []float64{-1, -2, -3}, timeseries.Statistics{Count: 3, Mean: -2, Min: -3, Max: -1, Std: 1}},
		{"constant", []float64{0.1, 0.1, 0.1, 0.1}, timeseries.Statistics{Count: 4, Mean: 0.1, Min: 0.1, Max: 0.1, Std: 0}},
		{"an offset that hides the noise", []float64{1e15 + 1, 1e15 + 2, 1e15 + 3}, timeseries.Statistics{Count: 3, Mean: 1e15 + 2, Min: 1e15 + 1, Max: 1e15 + 3, Std: 1}},
		{"an outlier comes first", append([]float64{1e12}, slices.Repeat([]float64{1, 2, 3}, 100)...), exactly(append([]float64{1e12}, slices.Repeat([]float64{1, 2, 3}, 100)...))},
		{"squares that overflow", []float64{1e300, -1e300, 5e299}, exactly([]float64{1e300, -1e300, 5e299})},
		{"a sum that overflows", []float64{math.MaxFloat64, math.MaxFloat64, nan}, timeseries.Statistics{Count: 2, Mean: math.MaxFloat64, Min: math.MaxFloat64, Max: math.MaxFloat64, Std: 0}},
		{"squares that underflow", []float64{1e-200, 2e-200, 3e-200}, timeseries.Statistics{Count: 3, Mean: 2e-200, Min: 1e-200, Max: 3e-200, Std: 1e-200}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			checkNear(t, timeseries.Describe(c.values), c.want)
		})
	}
}

func TestDescribeKeepsItsInput(t *testing.T) {
	t.Parallel()
	values := []float64{3, nan, 1, 1e300}
	timeseries.Describe(values)
	if values[0] != 3 || !math.IsNaN(values[1]) || values[2] != 1 || values[3] != 1e300 {
		t.Errorf("it became %v", values)
	}
}

func TestDescribeIsExactWhateverTheOffsetAndTheScale(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		scale := math.Pow(10, rapid.Float64Range(-160, 160).Draw(t, "scale"))
		offset := rapid.Float64Range(-1e6, 1e6).Draw(t, "offset")
		sample := rapid.OneOf(rapid.Float64Range(-1, 1), rapid.Float64Range(-1e-3, 1e-3), rapid.Just(1e9), rapid.Just(nan))
		values := rapid.SliceOfN(sample, 0, 60).Draw(t, "values")
		for i := range values {
			values[i] = (values[i] + offset) * scale
		}
		checkNear(t, timeseries.Describe(values), exactly(values))
	})
}

func TestDescribeHoldsForAnyFloats(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64(), 1, 20).Draw(t, "values")
		got := timeseries.Describe(values)
		if got.Count == 0 {
			return
		}
		if !(got.Min <= got.Mean && got.Mean <= got.Max) {
			t.Fatalf("the mean is outside the extremes: %+v", got)
		}
		if got.Count > 1 && !(got.Std >= 0) {
			t.Fatalf("std of several samples: %+v", got)
		}
		if got.Count > 1 && got.Min == got.Max && got.Std != 0 {
			t.Fatalf("std of a constant: %+v", got)
		}
	})
}
