package explorer

import (
	"math"
	"time"

	"delfos/shared/console/chart"
)

// widths are what a point of a plot can stand for.
var widths = []time.Duration{
	time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 3 * time.Hour,
}

// mostPoints is how many points a plot has at most: more could not be told apart, or
// pointed at.
const mostPoints = 372 // of a month by 2 hours

// width is what each point of a window's plot stands for: a sample, or a stretch.
func width(window time.Duration) time.Duration {
	for _, w := range widths {
		if window <= w*mostPoints {
			return w
		}
	}
	return widths[len(widths)-1]
}

// bucket makes a point of each stretch that has a value, with its mean, least and
// greatest; by the minute, of each sample. Stretches are counted from start.
func bucket(times []time.Time, values []float64, start time.Time, width time.Duration) []chart.Point {
	points := make([]chart.Point, 0, mostPoints)
	if width <= time.Minute {
		for i, at := range times {
			points = append(points, chart.Value(at, values[i]))
		}
		return points
	}
	current, count := time.Time{}, 0.0
	for i, at := range times {
		value := values[i]
		if math.IsNaN(value) {
			continue
		}
		stretch := start.Add(at.Sub(start).Truncate(width))
		if len(points) == 0 || !stretch.Equal(current) {
			points = append(points, chart.Point{At: stretch, For: width, Mean: value, Min: value, Max: value, Std: math.NaN()})
			current, count = stretch, 1
			continue
		}
		p := &points[len(points)-1]
		count++
		p.Mean += (value - p.Mean) / count
		p.Min, p.Max = min(p.Min, value), max(p.Max, value)
	}
	return points
}
