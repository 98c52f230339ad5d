package chart

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
)

// Spark draws a line without axes, as wide as it is let and height pixels high, for
// beside a number. NaN is a gap. The name says what it is of to those who do not
// see it.
func Spark(name string, values []float64, height int) template.HTML {
	low, high := math.NaN(), math.NaN()
	points := make([]Point, 0, len(values))
	for _, value := range values {
		low, high = least(low, value), greatest(high, value)
	}
	for _, value := range values {
		points = append(points, Point{Mean: value})
	}
	words := name + ": no data"
	if finite(low) {
		words = fmt.Sprintf("%s: from %s to %s", name, Number(low, 1), Number(high, 1))
	}
	var w writer
	w.open("svg", "class", "spark", "role", "img", "height", strconv.Itoa(height),
		"viewBox", fmt.Sprintf("0 0 %d %d", plotWidth, height), "preserveAspectRatio", "none", "aria-label", words)
	w.element("title", words)
	if d := sparkPath(points, low, high, height); d != "" {
		w.empty("path", "class", "chart__line chart--1", "d", d, "vector-effect", "non-scaling-stroke")
	}
	w.close("svg")
	return w.html()
}

func sparkPath(points []Point, low, high float64, height int) string {
	if high <= low { // a constant lies in the middle
		low, high = low-1, high+1
	}
	s := scale{low: low, high: high, height: float64(height - 4)}
	step := plotWidth / float64(max(len(points)-1, 1))
	var d strings.Builder
	for i, p := range points {
		if !finite(p.Mean) {
			continue
		}
		at := number(float64(i)*step) + " " + number(2+s.y(p.Mean))
		if i > 0 && finite(points[i-1].Mean) {
			d.WriteString("L" + at)
			continue
		}
		d.WriteString("M" + at + "h0")
	}
	return d.String()
}
