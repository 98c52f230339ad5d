package chart_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"delfos/shared/console/chart"
)

func TestValueTicksAreRoundAndWithinTheBounds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		low, high float64
		n         int
		want      []float64
	}{
		{"wind", 0, 25, 6, []float64{0, 5, 10, 15, 20, 25}},
		{"power", -12, 2043, 5, []float64{0, 500, 1000, 1500, 2000}},
		{"across zero", -7.3, 7.9, 5, []float64{-5, 0, 5}},
		{"tenths without binary dust", 0, 0.45, 5, []float64{0, 0.1, 0.2, 0.3, 0.4}},
		{"far from zero", 1013.2, 1013.9, 4, []float64{1013.2, 1013.4, 1013.6, 1013.8}},
		{"below zero", -30, -10, 3, []float64{-30, -20, -10}},
		{"a share", 0, 100, 3, []float64{0, 50, 100}},
		{"one at most", 0.1, 1.3, 1, []float64{1}},
		{"half", 0.1, 0.9, 1, []float64{0.5}},
		{"tiny", 0, 3e-9, 4, []float64{0, 1e-9, 2e-9, 3e-9}},
		{"equal bounds", 3, 3, 5, nil},
		{"reversed", 5, 3, 5, nil},
		{"no number", math.NaN(), 3, 5, nil},
		{"endless", 0, math.Inf(1), 5, nil},
		{"none asked for", 0, 1, 0, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ticks, _ := chart.ValueTicks(c.low, c.high, c.n)
			if diff := cmp.Diff(c.want, ticks); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestValueTicksKeepTheirPromisesForAnyBounds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		checkValueTicks(t, rapid.Float64().Draw(t, "low"), rapid.Float64().Draw(t, "high"), rapid.IntRange(-1, 150).Draw(t, "n"))
	})
}

func FuzzValueTicks(f *testing.F) {
	f.Add(0.0, 25.0, 6)
	f.Add(-1e308, 1e308, 5)
	f.Add(1.0, 1.0000000000000002, 5)
	f.Add(0.0, 5e-324, 5)
	f.Fuzz(func(t *testing.T, low, high float64, n int) { checkValueTicks(t, low, high, n) })
}

func checkValueTicks(t interface{ Fatalf(string, ...any) }, low, high float64, n int) {
	ticks, step := chart.ValueTicks(low, high, n)
	if len(ticks) > max(n, 0) {
		t.Fatalf("%d ticks, want at most %d", len(ticks), n)
	}
	if len(ticks) > 0 && step <= 0 {
		t.Fatalf("a step of %v", step)
	}
	for i, tick := range ticks {
		if tick < low || tick > high || math.IsNaN(tick) {
			t.Fatalf("%v is outside of [%v, %v]", tick, low, high)
		}
		if i > 0 && tick <= ticks[i-1] {
			t.Fatalf("%v after %v", tick, ticks[i-1])
		}
	}
}

func TestNumberIsForPeople(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value    float64
		decimals int
		want     string
	}{
		{0, 0, "0"},
		{-0.001, 1, "0.0"},
		{7.25, 2, "7.25"},
		{-7.5, 1, "−7.5"},
		{2000, 0, "2000"},
		{14400, 0, "14\u202f400"},
		{1234567.5, 1, "1\u202f234\u202f567.5"},
		{1.5e12, 0, "1.5e12"},
		{-2e-7, 3, "−2e−7"},
		{math.NaN(), 2, "–"},
		{math.Inf(-1), 2, "–"},
	} {
		if got := chart.Number(c.value, c.decimals); got != c.want {
			t.Errorf("Number(%v, %d) = %q, want %q", c.value, c.decimals, got, c.want)
		}
	}
}
