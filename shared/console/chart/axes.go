package chart

import (
	"fmt"
	"strconv"
	"time"
)

// valueAxis draws a line across the plot and a number beside it for each tick.
func valueAxis(w *writer, s scale) {
	decimals := stepDecimals(s.step)
	w.open("g", "class", "chart__values")
	for _, tick := range s.ticks {
		y := number(s.y(tick))
		w.empty("line", "class", "chart__grid", "x2", "100%", "y1", y, "y2", y)
		w.element("text", Number(tick, decimals), "x", "-8", "y", y, "dy", ".32em")
	}
	w.close("g")
}

// timeAxis draws the line below the plot, with a mark and a local time for each
// tick.
func (c *drawing) timeAxis(w *writer) {
	bottom := strconv.Itoa(c.Height)
	w.open("g", "class", "chart__times")
	w.empty("line", "class", "chart__axis", "x2", "100%", "y1", bottom, "y2", bottom)
	for _, tick := range TimeTicks(c.Start, c.End, c.Location, c.Ticks) {
		x := percent(c.time.share(tick.At))
		class := ""
		if tick.Fine {
			class = "chart__fine"
		}
		w.open("g", "class", class)
		w.empty("line", "class", "chart__axis", "x1", x, "x2", x, "y1", bottom, "y2", strconv.Itoa(c.Height+4))
		w.open("text", "x", x, "y", strconv.Itoa(c.Height+17))
		w.text(tick.Label)
		w.element("title", tick.Full)
		w.close("text")
		w.close("g")
	}
	w.close("g")
}

// clockChange marks where clocks go forward or back within a chart of up to a
// few days, as there the axis' labels are not equally far apart.
func (c *drawing) clockChange(w *writer) {
	if c.End.Sub(c.Start) > 4*24*time.Hour {
		return
	}
	_, at := c.Start.In(c.Location).ZoneBounds()
	if at.IsZero() || !at.Before(c.End) || !at.After(c.Start) {
		return
	}
	_, before := c.Start.In(c.Location).Zone()
	_, after := at.In(c.Location).Zone()
	if before == after {
		return
	}
	direction := "forward"
	if after < before {
		direction, before, after = "back", after, before
	}
	words := fmt.Sprintf("clocks go %s %s", direction, length(time.Duration(after-before)*time.Second))
	x := percent(c.time.share(at))
	w.open("g", "class", "chart__clock")
	w.empty("line", "x1", x, "x2", x, "y2", strconv.Itoa(c.Height))
	w.element("text", words, "x", x, "dx", "5", "y", "10")
	w.close("g")
}

// gapPattern defines the hatching of gaps. It is told apart from a band by more
// than its colour.
func gapPattern(w *writer, id string) {
	w.open("defs")
	w.open("pattern", "id", id+"-g", "width", "6", "height", "6", "patternUnits", "userSpaceOnUse", "patternTransform", "rotate(45)")
	w.empty("line", "class", "chart__hatch", "y2", "6")
	w.close("pattern")
	w.close("defs")
}

// drawGaps hatches the gaps; where there is no value at all, the whole plot.
func (c *drawing) drawGaps(w *writer, some bool) {
	gaps := c.gaps()
	if !some {
		gaps = []gap{{c.Start, c.End}}
	}
	for _, g := range gaps {
		from, to := c.time.share(g.start), c.time.share(g.end)
		w.open("rect", "class", "chart__gap", "x", percent(from), "width", percent(to-from),
			"height", strconv.Itoa(c.Height), "fill", "url(#"+c.ID+"-g)")
		if some {
			w.element("title", g.describe(c.Location))
		}
		w.close("rect")
	}
}
