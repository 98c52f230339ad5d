package chart

import (
	"math"
	"slices"
	"time"
)

// row is what all series know of one time: a point each, in the order of the
// series; one without a Mean where a series has none.
type row struct {
	at     time.Time
	points []Point
}

// joinSeries joins the series by time.
func (c *drawing) joinSeries() []row {
	index := map[int64]int{}
	var rows []row
	for i, series := range c.Series {
		for _, p := range series.Points {
			at := p.At.UnixNano()
			j, ok := index[at]
			if !ok {
				j = len(rows)
				index[at] = j
				rows = append(rows, row{p.At, c.nothing(p.At)})
			}
			rows[j].points[i] = p
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int { return a.at.Compare(b.at) })
	return rows
}

// nothing is a row of points without a value.
func (c *drawing) nothing(at time.Time) []Point {
	points := make([]Point, len(c.Series))
	for i := range points {
		points[i] = Value(at, math.NaN())
		points[i].For = c.Every
	}
	return points
}
