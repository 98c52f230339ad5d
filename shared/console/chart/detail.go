package chart

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// detailed is the rows with a tooltip and a row in the table each.
func (c *drawing) detailed() []row { return c.rows[:min(len(c.rows), maxDetail)] }

// hits are invisible, one a row: their titles are the tooltips without chart.js,
// which finds the places of its crosshair's dots in data-y.
func (c *drawing) hits(w *writer) {
	w.open("g", "class", "chart__hits")
	rows := c.detailed()
	for i, r := range rows {
		from, to := c.reach(rows, i)
		x, width := c.time.share(from), c.time.share(to)-c.time.share(from)
		w.open("rect", "x", percent(x), "width", percent(width), "height", strconv.Itoa(c.Height),
			"data-x", number(100*c.time.share(r.points[0].middle())), "data-y", c.heights(r))
		w.element("title", c.tooltip(r))
		w.close("rect")
	}
	w.close("g")
}

// reach is the stretch of time in which a row is the one meant: its own, or up to
// half way to the rows beside it.
func (c *drawing) reach(rows []row, i int) (from, to time.Time) {
	r := rows[i]
	if last := r.points[0].For; last > 0 {
		return r.at, r.at.Add(last)
	}
	from, to = c.Start, c.End
	if i > 0 {
		from = r.at.Add(-r.at.Sub(rows[i-1].at) / 2)
	}
	if i < len(rows)-1 {
		to = r.at.Add(rows[i+1].at.Sub(r.at) / 2)
	}
	if c.Every > 0 {
		from, to = later(from, r.at.Add(-c.Every)), earlier(to, r.at.Add(c.Every))
	}
	return from, to
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// heights are where the means of a row are, in pixels; - where there is none.
func (c *drawing) heights(r row) string {
	parts := make([]string, 0, len(r.points))
	for _, p := range r.points {
		if !finite(p.Mean) {
			parts = append(parts, "-")
			continue
		}
		parts = append(parts, number(c.scale.y(p.Mean)))
	}
	return strings.Join(parts, " ")
}

func (c *drawing) tooltip(r row) string {
	var parts []string
	decimals := valueDecimals(c.scale.step)
	for i, p := range r.points {
		text := Number(p.Mean, decimals)
		if !finite(p.Mean) {
			text = "no data"
		} else if c.Unit != "" {
			text += " " + c.Unit
		}
		if name := c.Series[i].Name; name != "" && len(c.Series) > 1 {
			text = name + " " + text
		}
		if finite(p.Min) && finite(p.Max) {
			text += fmt.Sprintf(" (%s to %s)", Number(p.Min, decimals), Number(p.Max, decimals))
		}
		if finite(p.Std) {
			text += " ± " + Number(p.Std, decimals)
		}
		parts = append(parts, text)
	}
	return c.when(r) + "\n" + strings.Join(parts, "\n")
}

func (c *drawing) when(r row) string {
	return span(r.at, r.at.Add(r.points[0].For), c.Location)
}

// table is the chart's data, for those who do not see the chart or want the
// numbers.
func (c *drawing) table(w *writer) {
	rows := c.detailed()
	w.open("details", "class", "chart__data")
	w.element("summary", fmt.Sprintf("Data, %d rows", len(c.rows)))
	if len(rows) < len(c.rows) {
		w.element("p", fmt.Sprintf("The first %d are listed.", len(rows)))
	}
	w.open("div", "class", "chart__scroll", "tabindex", "0", "role", "region", "aria-label", "Data of "+c.Title)
	w.open("table")
	c.tableHead(w)
	w.open("tbody")
	decimals := valueDecimals(c.scale.step)
	for _, r := range rows {
		w.open("tr")
		w.open("th", "scope", "row")
		w.element("time", c.when(r), "datetime", r.at.UTC().Format(time.RFC3339), "title", r.at.UTC().Format("2006-01-02 15:04:05 UTC"))
		w.close("th")
		for _, p := range r.points {
			for _, column := range c.columns() {
				w.element("td", Number(column.of(p), decimals))
			}
		}
		w.close("tr")
	}
	w.close("tbody")
	w.close("table")
	w.close("div")
	w.close("details")
}

func (c *drawing) tableHead(w *writer) {
	w.open("thead")
	w.open("tr")
	w.element("th", "Time", "scope", "col")
	for _, series := range c.Series {
		for _, column := range c.columns() {
			name := cmp.Or(column.name, c.Title)
			if len(c.Series) > 1 {
				name = strings.TrimSpace(series.Name + " " + column.name)
			}
			w.element("th", name, "scope", "col")
		}
	}
	w.close("tr")
	w.close("thead")
}

// column is one of the values of a point.
type column struct {
	name string
	of   func(Point) float64
}

// columns are those of which some point has a value.
func (c *drawing) columns() []column {
	if c.found != nil {
		return c.found
	}
	mean := column{"", func(p Point) float64 { return p.Mean }}
	c.found = []column{mean}
	for _, candidate := range []column{
		{"min", func(p Point) float64 { return p.Min }},
		{"max", func(p Point) float64 { return p.Max }},
		{"std", func(p Point) float64 { return p.Std }},
	} {
		if c.has(candidate) {
			c.found = append(c.found, candidate)
		}
	}
	if len(c.found) > 1 {
		c.found[0].name = "mean"
	}
	return c.found
}

func (c *drawing) has(candidate column) bool {
	for _, r := range c.rows {
		for _, p := range r.points {
			if finite(candidate.of(p)) {
				return true
			}
		}
	}
	return false
}
