package turbine

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var firstDay = time.Date(2026, 2, 20, 0, 0, 0, 0, time.UTC)

// TestTenDaysAreTheSameEverywhere guards the numbers that documents and tests show.
// Who changes the generator on purpose changes them here.
func TestTenDaysAreTheSameEverywhere(t *testing.T) {
	t.Parallel()
	hash := sha256.New()
	generator := New(ExampleSeed)
	for at := firstDay; at.Before(firstDay.AddDate(0, 0, 10)); at = at.Add(time.Minute) {
		windSpeed, power, ambient := generator.Sample(at)
		_, _ = fmt.Fprintf(hash, "%.2f %.1f %.1f\n", windSpeed, power, ambient) // a hash takes all
	}
	const want = "a8b33524bb515bf4"
	if got := hex.EncodeToString(hash.Sum(nil)[:8]); got != want {
		t.Errorf("ten days hash to %s, want %s", got, want)
	}
}

func TestASampleDependsOnSeedAndMinuteAlone(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", -3*3600)
	rapid.Check(t, func(t *rapid.T) {
		generator := New(rapid.Uint64().Draw(t, "seed"))
		minute := rapid.Int64Range(-1e8, 1e8).Draw(t, "minute") // years 1780 to 2160
		at := time.Unix(minute*60, 0)
		want := sampleOf(generator, at)
		generator.Sample(at.Add(day))
		within := time.Duration(rapid.Int64Range(0, int64(time.Minute)-1).Draw(t, "within"))
		if got := sampleOf(generator, at.Add(within).In(zone)); got != want {
			t.Fatalf("%v: got %v, want %v", at, got, want)
		}
	})
}

func TestSamplesAreWhatSensorsGive(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		generator := New(rapid.Uint64().Draw(t, "seed"))
		s := sampleOf(generator, time.Unix(rapid.Int64Range(0, 1e8).Draw(t, "minute")*60, 0))
		if s.wind < 0 || s.wind > 60 || s.power < leastKW || s.power > rated*1.02 || s.ambient < -40 || s.ambient > 50 {
			t.Fatalf("out of range: %+v", s)
		}
		for _, v := range []struct{ value, parts float64 }{{s.wind, 100}, {s.power, 10}, {s.ambient, 10}} {
			if v.value != round(v.value, v.parts) || v.value == 0 && math.Signbit(v.value) {
				t.Fatalf("%v is not a multiple of 1/%v", v.value, v.parts)
			}
		}
	})
}

func TestTheNumbersAreNormal(t *testing.T) {
	t.Parallel()
	const n = 200_000
	sum, squares := 0.0, 0.0
	for i := range int64(n) {
		x := normal(ExampleSeed, 3, i)
		sum += x
		squares += x * x
	}
	if mean, deviation := sum/n, math.Sqrt(squares/n); math.Abs(mean) > 0.01 || math.Abs(deviation-1) > 0.01 {
		t.Errorf("mean %.4f, deviation %.4f: want 0 and 1", mean, deviation)
	}
}

func TestThePowerCurveNeverFallsBelowCutOut(t *testing.T) {
	t.Parallel()
	if !slices.IsSorted(curve[:]) {
		t.Error("the curve's points fall")
	}
	for speed, want := range map[float64]float64{0: 0, 2.99: 0, 3: 0, 8: 886, 8.25: 978, 12: rated, 24.9: rated} {
		if got := producible(speed); got != want {
			t.Errorf("%v m/s: %v kW, want %v", speed, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Float64Range(0, 40).Draw(t, "a"), rapid.Float64Range(0, 40).Draw(t, "b")
		if (producible(a)-producible(b))*(a-b) < 0 {
			t.Fatalf("%v m/s: %v kW, %v m/s: %v kW", a, producible(a), b, producible(b))
		}
	})
}

func TestColdAirCarriesMore(t *testing.T) {
	t.Parallel()
	if cold, warm := atStandardDensity(8, -10), atStandardDensity(8, 30); cold <= 8 || warm >= 8 {
		t.Errorf("8 m/s count as %v at -10 °C and %v at 30 °C", cold, warm)
	}
}

func TestAYearHasCalmStormAndTheUsualYield(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{ExampleSeed, 1, 2, 3} {
		generator := New(seed)
		var n, calm, storm, waiting, energy, wind float64
		for at := firstDay; at.Before(firstDay.AddDate(2, 0, 0)); at = at.Add(10 * time.Minute) {
			s := sampleOf(generator, at)
			n++
			wind += s.wind
			energy += s.power
			calm += count(s.wind < cutIn)
			storm += count(s.wind > cutOut)
			waiting += count(s.wind > 15 && s.power < 0)
		}
		if factor := energy / n / rated; factor < 0.2 || factor > 0.5 {
			t.Errorf("seed %d: capacity factor %.3f", seed, factor)
		}
		if mean := wind / n; mean < 6 || mean > 9 {
			t.Errorf("seed %d: mean wind speed %.2f m/s", seed, mean)
		}
		if calm/n < 0.05 || calm/n > 0.25 || storm == 0 || storm/n > 0.01 || waiting == 0 {
			t.Errorf("seed %d: calm %.3f, storm %.5f, stopped by storm %.5f of the time", seed, calm/n, storm/n, waiting/n)
		}
	}
}

func TestTheExampleShowsStormAndCalm(t *testing.T) {
	t.Parallel()
	generator := New(ExampleSeed)
	stopped, calm, full := 0.0, 0.0, 0.0
	for at := firstDay; at.Before(firstDay.AddDate(0, 0, 10)); at = at.Add(time.Minute) {
		s := sampleOf(generator, at)
		stopped += count(at.Day() == 23 && s.wind > 15 && s.power < 0)
		calm += count(at.Day() == 26 && s.wind < cutIn)
		full += count(s.power > 0.99*rated)
	}
	if stopped < 60 || calm < 600 || full < 600 {
		t.Errorf("minutes stopped by the storm %v, calm %v, at full power %v", stopped, calm, full)
	}
}

// TestStormsStopTheTurbineWithHysteresis compares with a controller that remembers.
func TestStormsStopTheTurbineWithHysteresis(t *testing.T) {
	t.Parallel()
	generator := New(ExampleSeed)
	stopped, stops := false, 0
	begin := firstDay.Unix() / 60
	for minute := begin; minute < begin+365*24*60; minute += 10 {
		slow := generator.slowWind(minute)
		switch {
		case slow >= cutOut:
			stops += int(count(!stopped))
			stopped = true
		case slow <= restart:
			stopped = false
		}
		if got := generator.stopped(minute, slow); got != stopped {
			t.Fatalf("%v, %.1f m/s: stopped %v, want %v", time.Unix(minute*60, 0).UTC(), slow, got, stopped)
		}
	}
	if stops == 0 {
		t.Error("no storm in a year")
	}
}

func TestTheSlowWindHasNoJumps(t *testing.T) {
	t.Parallel()
	generator := New(ExampleSeed)
	begin := time.Date(2025, 12, 25, 0, 0, 0, 0, time.UTC).Unix() / 60
	for minute := begin; minute < begin+14*24*60; minute++ {
		if step := math.Abs(generator.slowWind(minute+1) - generator.slowWind(minute)); step > 0.25 {
			t.Errorf("%v: the wind jumps by %.2f m/s in a minute", time.Unix(minute*60, 0).UTC(), step)
		}
		if step := math.Abs(generator.temperature(minute+1) - generator.temperature(minute)); step > 0.5 {
			t.Errorf("%v: the temperature jumps by %.2f °C in a minute", time.Unix(minute*60, 0).UTC(), step)
		}
	}
}

func TestTurbulenceIntensityFallsWithTheWindSpeed(t *testing.T) {
	t.Parallel()
	generator := New(ExampleSeed)
	intensity := func(slow float64) float64 {
		const n = 10_000
		squares := 0.0
		for minute := range int64(n) {
			x := generator.turbulence(minute, slow)
			squares += x * x
		}
		return math.Sqrt(squares/n) / slow
	}
	for _, slow := range []float64{4, 8, 12, 20} {
		if weak, strong := intensity(slow), intensity(slow*1.2); weak <= strong || weak > 0.2 || strong < 0.04 {
			t.Errorf("intensity %.3f at %v m/s, %.3f at %v m/s", weak, slow, strong, slow*1.2)
		}
	}
}

func BenchmarkSample(b *testing.B) {
	generator := New(ExampleSeed)
	at := firstDay
	for b.Loop() {
		generator.Sample(at)
		at = at.Add(time.Minute)
	}
}

type sample struct{ wind, power, ambient float64 }

func sampleOf(g Generator, at time.Time) sample {
	wind, power, ambient := g.Sample(at)
	return sample{wind, power, ambient}
}

func count(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
