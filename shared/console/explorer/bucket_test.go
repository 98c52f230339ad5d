package explorer

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestPointsHoldWhatTheirSamplesDo(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		start := time.Date(2026, 2, 20, 0, 0, 0, 0, time.UTC)
		var times []time.Time
		var values []float64
		low, high, count := math.Inf(1), math.Inf(-1), 0
		for at, i := start, 0; i < rapid.IntRange(0, 200).Draw(t, "samples"); i++ {
			at = at.Add(time.Duration(rapid.IntRange(1, 90).Draw(t, "minutes")) * time.Minute)
			value := rapid.Float64Range(-1000, 1000).Draw(t, "value")
			if rapid.IntRange(0, 9).Draw(t, "none") == 0 {
				value = math.NaN()
			} else {
				low, high, count = min(low, value), max(high, value), count+1
			}
			times, values = append(times, at), append(values, value)
		}
		wide := rapid.SampledFrom(widths[1:]).Draw(t, "width")
		points := bucket(times, values, start, wide)
		if (len(points) == 0) != (count == 0) {
			t.Fatalf("%d points of %d values", len(points), count)
		}
		gotLow, gotHigh := math.Inf(1), math.Inf(-1)
		for i, p := range points {
			if i > 0 && !p.At.After(points[i-1].At) || p.At.Sub(start)%wide != 0 {
				t.Errorf("point %d is at %s", i, p.At)
			}
			const rounding = 1e-9
			if p.Min > p.Mean+rounding || p.Mean > p.Max+rounding {
				t.Errorf("point %d: min %g, mean %g, max %g", i, p.Min, p.Mean, p.Max)
			}
			gotLow, gotHigh = min(gotLow, p.Min), max(gotHigh, p.Max)
		}
		if count > 0 && (gotLow != low || gotHigh != high) {
			t.Errorf("from %g to %g, want %g to %g", gotLow, gotHigh, low, high)
		}
	})
}

func TestNoWindowHasTooManyPoints(t *testing.T) {
	t.Parallel()
	for _, window := range []time.Duration{time.Minute, 6 * time.Hour, 24 * time.Hour, 25 * time.Hour, 7 * 24 * time.Hour, 31 * 24 * time.Hour} {
		if points := window / width(window); points > mostPoints {
			t.Errorf("%s has %d points", window, points)
		}
	}
}
