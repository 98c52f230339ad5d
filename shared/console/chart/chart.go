// Package chart draws charts as SVG: lines over time with bands, bars and
// sparklines, with real axes and units. What it gives is HTML that holds to a
// strict Content-Security-Policy: no script, no style, colours by class. Text has
// its size on any screen, as positions along the time axis are percentages.
//
// A chart can be read without seeing it: each has a title, a description and a
// table of its data. chart.js adds a crosshair, which reads that table.
package chart

import (
	"embed"
	"io/fs"
	"math"
	"time"
)

//go:embed assets
var files embed.FS

// Assets holds chart.css and chart.js, which a page with charts needs.
func Assets() fs.FS {
	assets, err := fs.Sub(files, "assets")
	if err != nil {
		panic(err) // it is embedded
	}
	return assets
}

// Point is what is known of a stretch of time, or of an instant. What is not
// known is NaN; without a Mean it is a gap.
type Point struct {
	At  time.Time
	For time.Duration // how long the stretch is; 0 is an instant

	Mean, Min, Max, Std float64
}

// Value is a point at an instant that is one value alone.
func Value(at time.Time, value float64) Point {
	none := math.NaN()
	return Point{At: at, Mean: value, Min: none, Max: none, Std: none}
}

// middle is where the point is drawn.
func (p Point) middle() time.Time { return p.At.Add(p.For / 2) }

// low and high are the least and the greatest that was measured, as far as that is
// known. The mean less the standard deviation can lie below the least; it does not
// stretch the axis to where nothing was.
func (p Point) low() float64 {
	if finite(p.Min) {
		return least(p.Mean, p.Min)
	}
	return least(p.Mean, p.Mean-p.Std)
}

func (p Point) high() float64 {
	if finite(p.Max) {
		return greatest(p.Mean, p.Max)
	}
	return greatest(p.Mean, p.Mean+p.Std)
}

// least and greatest leave out what is not finite; without a value they are NaN.
func least(values ...float64) float64 {
	low := math.NaN()
	for _, value := range values {
		if finite(value) && (math.IsNaN(low) || value < low) {
			low = value
		}
	}
	return low
}

func greatest(values ...float64) float64 {
	for i := range values {
		values[i] = -values[i]
	}
	return -least(values...)
}

// Series is one line. Points are in time order.
type Series struct {
	Name   string // as in the legend; may be empty where there is one series
	Points []Point
}

// Lines is a chart of values over time, all of one unit.
type Lines struct {
	ID    string // of its own on the page: letters, digits and hyphens
	Title string
	Unit  string // may be empty
	Group string // charts of one group share the crosshair

	Start, End time.Time      // of the time axis
	Location   *time.Location // in which it is labelled
	Every      time.Duration  // how far apart points are; more is a gap. 0 makes only points without a Mean gaps
	Height     int            // of the plot, in pixels; 0 is 140
	Ticks      int            // at most so many on the time axis; 0 is 9

	Series []Series
	Empty  string // what to say where there is no value; empty is "No data"
}

// Bars is a chart of one value for each of a row of things.
type Bars struct {
	ID    string // of its own on the page: letters, digits and hyphens
	Title string
	Unit  string // may be empty

	Decimals int     // of the values as they are told
	Full     float64 // at least how far the axis goes: 100 for a share in percent; 0 is up to the values
	Height   int     // of the plot, in pixels; 0 is 72
	Bars     []Bar
	Empty    string // what to say where there is no value; empty is "No data"
}

// Bar is one value, from 0 up. NaN is none, which is drawn as such.
type Bar struct {
	Name   string // of the thing, as told
	Label  string // below the axis; may be empty
	Note   string // told beside the value; may be empty
	Value  float64
	Href   string // where a click goes: a path from / on; may be empty
	Marked bool   // the one that the others are compared with
}

const (
	defaultHeight    = 140
	defaultBarHeight = 72
	defaultTicks     = 9
	// maxDetail is how many points of a series have a tooltip and a row each: a day
	// of 25 hours by the minute.
	maxDetail = 1500
)
