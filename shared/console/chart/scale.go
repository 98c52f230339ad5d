package chart

import (
	"math"
	"time"
)

// plotWidth is how many units of a plot's own coordinates its width has; they are
// stretched to what there is.
const plotWidth = 1000

// scale maps values to the height of a plot, whose top is 0.
type scale struct {
	low, high, height float64
	ticks             []float64
	step              float64
}

// newScale makes a value axis with a tick for about each 34 pixels.
func newScale(low, high float64, height int) scale {
	n := max(3, height/34)
	low, high = domain(low, high, n)
	ticks, step := ValueTicks(low, high, n+1)
	return scale{low, high, float64(height), ticks, step}
}

// noFinerThan leaves out the ticks that values of so many decimals cannot have: there is
// no half of a row.
func (s scale) noFinerThan(decimals int) scale {
	finest := math.Pow(10, float64(-decimals))
	if s.step == 0 || s.step >= finest {
		return s
	}
	var ticks []float64
	for _, tick := range s.ticks {
		if times := tick / finest; math.Abs(times-math.Round(times)) < 1e-9 {
			ticks = append(ticks, tick)
		}
	}
	s.ticks, s.step = ticks, finest
	return s
}

// y is where a value is: within the plot, whatever the value; in the middle where
// the bounds are too close to tell.
func (s scale) y(value float64) float64 {
	width := s.high/2 - s.low/2 // halves, as the difference of huge bounds would overflow
	if width <= 0 {
		return s.height / 2
	}
	share := (value/2 - s.low/2) / width
	return s.height * (1 - min(max(share, 0), 1))
}

// timeScale maps instants to shares of the width.
type timeScale struct{ start, end time.Time }

// share is 0 at the start and 1 at the end, and never beyond.
func (s timeScale) share(at time.Time) float64 {
	width := s.end.Sub(s.start)
	if width <= 0 {
		return 0
	}
	return min(max(float64(at.Sub(s.start))/float64(width), 0), 1)
}

func (s timeScale) x(at time.Time) float64 { return plotWidth * s.share(at) }

// extent is the least and the greatest that is drawn; NaN where nothing is.
func extent(series []Series) (low, high float64) {
	low, high = math.NaN(), math.NaN()
	for _, s := range series {
		for _, p := range s.Points {
			if finite(p.Mean) {
				low, high = least(low, p.low()), greatest(high, p.high())
			}
		}
	}
	return low, high
}
