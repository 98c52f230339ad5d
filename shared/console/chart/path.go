package chart

import (
	"math"
	"slices"
	"strings"
	"time"
)

// stretches cuts points where there is a gap: a point without a mean, or more than
// half again the distance at which points should follow.
func stretches(points []Point, every time.Duration) [][]Point {
	var cut [][]Point
	begin := -1
	end := func(i int) {
		if begin >= 0 {
			cut = append(cut, points[begin:i])
		}
		begin = -1
	}
	for i, p := range points {
		apart := i > 0 && every > 0 && p.At.Sub(points[i-1].At) > every+every/2
		if apart || !finite(p.Mean) {
			end(i)
		}
		if begin < 0 && finite(p.Mean) {
			begin = i
		}
	}
	end(len(points))
	return cut
}

// linePaths draw the means: lines, and dots for points alone, which are lines
// without a length with round ends.
func (c *drawing) linePaths(points []Point) (lines, dots string) {
	var path, alone strings.Builder
	for _, stretch := range stretches(points, c.Every) {
		if len(stretch) == 1 {
			alone.WriteString("M" + c.place(stretch[0], stretch[0].Mean) + "h0")
			continue
		}
		for i, p := range stretch {
			path.WriteByte("ML"[min(i, 1)])
			path.WriteString(c.place(p, p.Mean))
		}
	}
	return path.String(), alone.String()
}

// bandPath outlines what lies between low and high. Where a point has neither, the
// band ends.
func (c *drawing) bandPath(points []Point, low, high func(Point) float64) string {
	known := make([]Point, len(points))
	copy(known, points)
	for i, p := range known {
		if !finite(low(p)) || !finite(high(p)) {
			known[i].Mean = math.NaN()
		}
	}
	var path strings.Builder
	for _, stretch := range stretches(known, c.Every) {
		if len(stretch) == 1 {
			stretch = c.widened(stretch[0])
		}
		for i, p := range stretch {
			path.WriteByte("ML"[min(i, 1)])
			path.WriteString(c.place(p, high(p)))
		}
		for _, p := range slices.Backward(stretch) {
			path.WriteString("L" + c.place(p, low(p)))
		}
		path.WriteByte('Z')
	}
	return path.String()
}

// widened gives the band of a point alone the width of its stretch.
func (c *drawing) widened(p Point) []Point {
	first, last := p, p
	first.At, first.For = p.At, 0
	last.At, last.For = p.At.Add(max(p.For, c.Every)), 0
	return []Point{first, last}
}

// place is where a value of a point is in the plot's own coordinates.
func (c *drawing) place(p Point, value float64) string {
	return number(c.time.x(p.middle())) + " " + number(c.scale.y(value))
}
