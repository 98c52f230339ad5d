// Package turbine makes plausible 1-minute data of one wind turbine, the same for a
// seed on every machine, and fills a source database with it.
package turbine

import (
	"math"
	"time"
)

// ExampleSeed is a turbine whose ten days from 2026-02-20 have all that there is to
// see: a storm that stops it on the 23rd, a calm on the 26th, and days at full power.
const ExampleSeed = 475

// Generator makes the data of one turbine on a northern plain. Its methods may be
// called concurrently.
type Generator struct{ seed uint64 }

// New returns the turbine of a seed.
func New(seed uint64) Generator { return Generator{seed: mix(seed)} }

// Channels keep the noises of a generator apart.
const (
	weatherNoise uint64 = iota
	frontNoise
	hoursNoise
	convectionNoise
	gustNoise
	turbulenceNoise
	airMassNoise
	cloudNoise
	thermometerNoise
	powerNoise
)

const (
	day  = 24 * time.Hour
	year = 365.2425 * 24 * 60 // minutes
)

// Sample is what the turbine's sensors say of the minute that t falls in: wind
// speed in m/s (0.01), active power in kW (0.1), ambient temperature in °C (0.1).
// It depends on the seed and the minute alone.
func (g Generator) Sample(t time.Time) (windSpeed, power, ambient float64) {
	minute := floorDiv(t.Unix(), 60)
	slow := g.slowWind(minute)
	windSpeed = max(0, slow+g.turbulence(minute, slow))
	ambient = g.temperature(minute)
	power = g.power(minute, windSpeed, ambient, g.stopped(minute, slow))
	return round(windSpeed, 100), round(power, 10), round(ambient, 10)
}

// round rounds to 1/parts, and to 0 rather than -0.
func round(x, parts float64) float64 { return math.Round(x*parts)/parts + 0 }

// slowWind is the wind without turbulence, in m/s: weather of days and hours, as
// normal numbers, brought into the Weibull distribution that winds have over a
// year, whose scale follows season and hour.
func (g Generator) slowWind(minute int64) float64 {
	weather := 0.60*smooth(g.seed, weatherNoise, 80*time.Hour, minute) +
		0.62*smooth(g.seed, frontNoise, 31*time.Hour, minute) +
		0.43*smooth(g.seed, hoursNoise, 7*time.Hour, minute) +
		0.27*smooth(g.seed, convectionNoise, 100*time.Minute, minute) // the squares add up to 1
	exceeded := math.Erfc(weather/math.Sqrt2) / 2 // the part of all moments with more wind
	const shape, scale = 1.85, 8.4                // the scale in m/s
	season := 1 + 0.14*math.Cos(2*math.Pi*(yearPhase(minute)-0.04))
	hour := 1 + 0.09*math.Cos(2*math.Pi*(dayPhase(minute)-15.0/24))
	return scale * season * hour * math.Pow(-math.Log(exceeded), 1/shape)
}

// turbulence has the deviation of IEC 61400-1's normal turbulence model, class C
// (0.12), so that its intensity falls with the wind speed; a minute's mean keeps
// about half of it.
func (g Generator) turbulence(minute int64, slow float64) float64 {
	deviation := 0.5 * 0.12 * (0.75*slow + 5.6)
	return deviation * (0.8*normal(g.seed, turbulenceNoise, minute) + 0.6*smooth(g.seed, gustNoise, 6*time.Minute, minute))
}

// temperature follows season and hour; the days' swing is larger in summer.
func (g Generator) temperature(minute int64) float64 {
	winter := math.Cos(2 * math.Pi * (yearPhase(minute) - 0.055)) // coldest about 20 January
	afternoon := math.Cos(2 * math.Pi * (dayPhase(minute) - 15.0/24))
	return 9.5 - 8*winter + (3.2-1.4*winter)*afternoon +
		2.8*smooth(g.seed, airMassNoise, 5*day, minute) +
		0.8*smooth(g.seed, cloudNoise, 5*time.Hour, minute) +
		0.05*normal(g.seed, thermometerNoise, minute)
}

// power is the curve's at the air's density, with noise that is smallest where
// the pitch holds the power, and never below leastKW.
func (g Generator) power(minute int64, windSpeed, ambient float64, stopped bool) float64 {
	noise := normal(g.seed, powerNoise, minute)
	effective := atStandardDensity(windSpeed, ambient)
	if stopped || effective < cutIn {
		return max(leastKW, standby+0.4*noise)
	}
	p := producible(effective)
	return max(leastKW, p+noise*(1.5+0.05*p*(1-p/rated)))
}

// stopped tells whether the turbine waits out a storm. It stops where the slow wind
// reaches cutOut and starts again where that has fallen to restart, looked at every
// ten minutes; a storm is looked back on for two days at most.
func (g Generator) stopped(minute int64, slow float64) bool {
	if slow < restart-2 { // the slow wind changes by less in ten minutes
		return false
	}
	const every, lookBack = 10, 2 * 24 * 60
	last := floorDiv(minute, every) * every
	for mark := last; mark > last-lookBack; mark -= every {
		switch wind := g.slowWind(mark); {
		case wind >= cutOut:
			return true
		case wind <= restart:
			return false
		}
	}
	return false
}

// yearPhase is 0 near the turn of the year and 1 a mean year later: without a
// jump from one year to the next.
func yearPhase(minute int64) float64 {
	const turn = 30 * year // about 2000-01-01
	return (float64(minute) - turn) / year
}

// dayPhase is 0 at midnight UTC and 1 a day later.
func dayPhase(minute int64) float64 {
	const minutes = 24 * 60
	return float64(minute-floorDiv(minute, minutes)*minutes) / minutes
}
