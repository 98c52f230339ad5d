package chart

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
)

// HTML draws the chart as a figure with a table of its data.
func (b Bars) HTML() template.HTML {
	b.Height = cmp.Or(b.Height, defaultBarHeight)
	b.Empty = cmp.Or(b.Empty, "No data")
	high := math.NaN()
	for _, bar := range b.Bars {
		high = greatest(high, bar.Value)
	}
	some := finite(high)
	top := max(b.Full, 0)
	if some {
		top = max(top, high)
	}
	s := newScale(0, cmp.Or(top, 1), b.Height).noFinerThan(b.Decimals)
	var w writer
	w.open("figure", "class", "chart chart--bars", "id", b.ID, "data-chart", "bars")
	w.open("figcaption", "class", "chart__caption")
	w.open("span", "class", "chart__title")
	w.text(b.Title)
	if b.Unit != "" {
		w.element("span", ", "+b.Unit, "class", "chart__unit")
	}
	w.close("span")
	w.close("figcaption")
	w.open("div", "class", "chart__body")
	b.svg(&w, s, some)
	w.close("div")
	if len(b.Bars) > 0 {
		b.table(&w)
	}
	w.close("figure")
	return w.html()
}

func (b Bars) svg(w *writer, s scale, some bool) {
	w.open("svg", "class", "chart__svg", "role", "group", "width", "100%", "height", strconv.Itoa(b.Height+marginTop+marginBottom),
		"aria-labelledby", b.ID+"-t "+b.ID+"-d")
	w.element("title", b.Title, "id", b.ID+"-t")
	w.element("desc", b.description(), "id", b.ID+"-d")
	w.open("svg", "class", "chart__frame", "y", strconv.Itoa(marginTop), "width", "100%", "height", strconv.Itoa(b.Height))
	if some { // numbers of nothing would mean nothing
		valueAxis(w, s)
	}
	bottom := strconv.Itoa(b.Height)
	w.empty("line", "class", "chart__axis", "x2", "100%", "y1", bottom, "y2", bottom)
	for i, bar := range b.Bars {
		b.bar(w, s, i, bar)
	}
	if !some {
		w.element("text", b.Empty, "class", "chart__none", "x", "50%", "y", "50%", "dy", ".32em")
	}
	w.close("svg")
	w.close("svg")
}

// bar draws one: a link over its whole height, so that it is easy to meet.
func (b Bars) bar(w *writer, s scale, i int, bar Bar) {
	wide := 1 / float64(len(b.Bars))
	left := float64(i) * wide
	class, label := "chart__bar", "chart__barlabel"
	if bar.Marked {
		class, label = "chart__bar chart__bar--marked", "chart__barlabel chart__barlabel--marked"
	}
	element, href, name := "g", "", ""
	if strings.HasPrefix(bar.Href, "/") { // nothing but a path: a scheme could be javascript:
		element, href, name = "a", bar.Href, b.tooltip(bar)
	}
	w.open(element, "class", class, "href", href, "aria-label", name)
	w.element("title", b.tooltip(bar))
	w.empty("rect", "class", "chart__hit", "x", percent(left), "width", percent(wide), "height", strconv.Itoa(b.Height))
	x, width := percent(left+0.14*wide), percent(0.72*wide)
	if finite(bar.Value) {
		top := min(s.y(max(bar.Value, 0)), s.height-1) // 0 is a line; nothing is none
		w.empty("rect", "class", "chart__column", "x", x, "width", width, "y", number(top), "height", number(s.height-top))
	} else {
		w.empty("rect", "class", "chart__absent", "x", x, "width", width, "y", number(s.height-5), "height", "5")
	}
	w.close(element)
	if bar.Label != "" { // beside the link, whose name is the whole of it
		w.element("text", bar.Label, "class", label, "x", percent(left+wide/2), "y", strconv.Itoa(b.Height+16))
	}
}

// value tells a bar's value with its unit.
func (b Bars) value(bar Bar) string {
	if !finite(bar.Value) {
		return "none"
	}
	return strings.TrimSpace(Number(bar.Value, b.Decimals) + " " + b.Unit)
}

func (b Bars) tooltip(bar Bar) string {
	text := bar.Name + ": " + b.value(bar)
	if bar.Note != "" {
		text += ", " + bar.Note
	}
	return text
}

// description says what is marked, and how it compares.
func (b Bars) description() string {
	var known []float64
	marked := ""
	for _, bar := range b.Bars {
		if finite(bar.Value) {
			known = append(known, bar.Value)
		}
		if bar.Marked {
			marked = b.tooltip(bar) + ". "
		}
	}
	if len(known) == 0 {
		return marked + b.Empty + "."
	}
	low, high := known[0], known[0]
	for _, value := range known {
		low, high = min(low, value), max(high, value)
	}
	return fmt.Sprintf("%s%d of %d have a value, from %s to %s.", marked, len(known), len(b.Bars),
		b.value(Bar{Value: low}), b.value(Bar{Value: high}))
}

func (b Bars) table(w *writer) {
	w.open("details", "class", "chart__data")
	w.element("summary", fmt.Sprintf("Data, %d rows", len(b.Bars)))
	w.open("div", "class", "chart__scroll", "tabindex", "0", "role", "region", "aria-label", "Data of "+b.Title)
	w.open("table")
	w.open("tbody")
	for _, bar := range b.Bars {
		w.open("tr")
		w.element("th", bar.Name, "scope", "row")
		w.element("td", b.value(bar))
		w.element("td", bar.Note)
		w.close("tr")
	}
	w.close("tbody")
	w.close("table")
	w.close("div")
	w.close("details")
}
