package chart

import (
	"cmp"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"
)

// drawing is a chart of lines with what is worked out from its data.
type drawing struct {
	Lines
	time  timeScale
	scale scale
	rows  []row
	found []column // of the table; nil until asked for
}

// HTML draws the chart as a figure with a table of its data.
func (l Lines) HTML() template.HTML {
	l.Height = cmp.Or(l.Height, defaultHeight)
	l.Ticks = cmp.Or(l.Ticks, defaultTicks)
	l.Empty = cmp.Or(l.Empty, "No data")
	if l.Location == nil {
		l.Location = time.UTC
	}
	low, high := extent(l.Series)
	c := &drawing{Lines: l, time: timeScale{l.Start, l.End}, scale: newScale(low, high, l.Height)}
	c.rows = c.joinSeries()
	var w writer
	w.open("figure", "class", "chart", "id", c.ID, "data-chart", "lines", "data-group", c.Group)
	c.caption(&w)
	w.open("div", "class", "chart__body")
	c.svg(&w, finite(low))
	w.close("div")
	if finite(low) {
		c.table(&w)
	}
	w.close("figure")
	return w.html()
}

// caption is the title with the unit, the legend, and the place where chart.js
// writes what is under the crosshair.
func (c *drawing) caption(w *writer) {
	w.open("figcaption", "class", "chart__caption")
	w.open("span", "class", "chart__title")
	w.text(c.Title)
	if c.Unit != "" {
		w.element("span", ", "+c.Unit, "class", "chart__unit")
	}
	w.close("span")
	w.open("span", "class", "chart__legend")
	for i, series := range c.Series {
		if len(c.Series) > 1 {
			key(w, "line chart--"+colour(i), series.Name)
		}
	}
	c.bandKeys(w)
	w.close("span")
	w.element("output", "", "class", "chart__readout")
	w.close("figcaption")
}

// bandKeys explains the bands that there are.
func (c *drawing) bandKeys(w *writer) {
	var minMax, std bool
	for _, r := range c.rows {
		for _, p := range r.points {
			minMax = minMax || finite(p.Min) && finite(p.Max)
			std = std || finite(p.Std)
		}
	}
	if (minMax || std) && len(c.Series) == 1 {
		key(w, "line chart--1", "mean")
	}
	if std {
		key(w, "std chart--1", "± std")
	}
	if minMax {
		key(w, "range chart--1", "min–max")
	}
	if len(c.gaps()) > 0 {
		key(w, "gap", "no data")
	}
}

func key(w *writer, class, text string) {
	w.open("span", "class", "chart__key")
	w.element("i", "", "class", "chart__swatch chart__swatch--"+class)
	w.text(text)
	w.close("span")
}

// colour is the number of a series' colour; there are six.
func colour(series int) string { return strconv.Itoa(series%6 + 1) }

// margins around a plot, in pixels; those at its sides are chart.css's.
const (
	marginTop    = 8
	marginBottom = 22
)

func (c *drawing) svg(w *writer, some bool) {
	height := c.Height + marginTop + marginBottom
	w.open("svg", "class", "chart__svg", "role", "img", "width", "100%", "height", strconv.Itoa(height),
		"aria-labelledby", c.ID+"-t "+c.ID+"-d")
	w.element("title", c.Title, "id", c.ID+"-t")
	w.element("desc", c.description(), "id", c.ID+"-d")
	w.open("svg", "class", "chart__frame", "y", strconv.Itoa(marginTop), "width", "100%", "height", strconv.Itoa(c.Height))
	gapPattern(w, c.ID)
	c.drawGaps(w, some)
	if some {
		valueAxis(w, c.scale)
	}
	c.timeAxis(w)
	c.clockChange(w)
	c.plot(w)
	if some {
		c.hits(w)
	} else {
		w.element("text", c.Empty, "class", "chart__none", "x", "50%", "y", "50%", "dy", ".32em")
	}
	w.close("svg")
	w.close("svg")
}

// description says in words what the chart shows.
func (c *drawing) description() string {
	var parts []string
	decimals := valueDecimals(c.scale.step)
	for _, series := range c.Series {
		low, high := extent([]Series{series})
		name := cmp.Or(series.Name, c.Title)
		if !finite(low) {
			parts = append(parts, name+": no data")
			continue
		}
		parts = append(parts, strings.TrimSpace(fmt.Sprintf("%s from %s to %s %s", name, Number(low, decimals), Number(high, decimals), c.Unit)))
	}
	if gaps := c.gaps(); len(gaps) > 0 && len(gaps) <= 5 {
		for _, g := range gaps {
			parts = append(parts, g.describe(c.Location))
		}
	} else if len(gaps) > 0 {
		parts = append(parts, fmt.Sprintf("%d gaps without data", len(gaps)))
	}
	if len(parts) == 0 {
		parts = []string{c.Empty}
	}
	return strings.Join(parts, "; ") + "."
}

// plot draws bands below lines. Its own coordinates are stretched to the width
// there is; strokes are not.
func (c *drawing) plot(w *writer) {
	w.open("svg", "class", "chart__plot", "width", "100%", "height", strconv.Itoa(c.Height),
		"viewBox", fmt.Sprintf("0 0 %d %d", plotWidth, c.Height), "preserveAspectRatio", "none")
	for i, series := range c.Series {
		of := " chart--" + colour(i)
		c.path(w, "chart__range"+of, c.bandPath(series.Points, func(p Point) float64 { return p.Min }, func(p Point) float64 { return p.Max }))
		c.path(w, "chart__std"+of, c.bandPath(series.Points,
			func(p Point) float64 { return p.Mean - p.Std }, func(p Point) float64 { return p.Mean + p.Std }))
	}
	for i, series := range c.Series {
		lines, dots := c.linePaths(series.Points)
		c.path(w, "chart__line chart--"+colour(i), lines)
		c.path(w, "chart__lone chart--"+colour(i), dots)
	}
	w.close("svg")
}

func (c *drawing) path(w *writer, class, d string) {
	if d != "" {
		w.empty("path", "class", class, "d", d, "vector-effect", "non-scaling-stroke")
	}
}
