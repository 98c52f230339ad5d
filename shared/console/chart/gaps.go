package chart

import (
	"strconv"
	"time"
)

// gap is a stretch of the time axis about which nothing is known.
type gap struct{ start, end time.Time }

// gaps are where no series has a value. They can be told only where it is known
// how long a point lasts.
func (c *drawing) gaps() []gap {
	if c.Every <= 0 {
		return nil
	}
	var found []gap
	reached := c.Start
	for _, p := range c.known() {
		if p.At.Sub(reached) > c.Every/2 {
			found = append(found, gap{reached, p.At})
		}
		if end := p.At.Add(max(p.For, c.Every)); end.After(reached) {
			reached = end
		}
	}
	if c.End.Sub(reached) > c.Every/2 {
		found = append(found, gap{reached, c.End})
	}
	return found
}

// known are the points of all series with a value, in time order.
func (c *drawing) known() []Point {
	var all []Point
	for _, row := range c.rows {
		for _, p := range row.points {
			if finite(p.Mean) {
				all = append(all, p)
				break
			}
		}
	}
	return all
}

// describe names the gap, as for a tooltip.
func (g gap) describe(location *time.Location) string {
	return "No data " + span(g.start, g.end, location) + " (" + length(g.end.Sub(g.start)) + ")"
}

// span names a stretch of time by its local times, with dates where it is of
// more than a day.
func span(start, end time.Time, location *time.Location) string {
	start, end = start.In(location), end.In(location)
	layout := "15:04"
	if start.Second() != 0 || end.Second() != 0 {
		layout = "15:04:05"
	}
	if end.Sub(start) > 25*time.Hour {
		layout = "2 Jan 15:04"
	}
	if end.Equal(start) {
		return start.Format(layout)
	}
	return start.Format(layout) + "–" + end.Format(layout)
}

// length writes a duration in its two greatest units: 2 h 30 min.
func length(d time.Duration) string {
	units := []struct {
		name string
		size time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"min", time.Minute}, {"s", time.Second}}
	for i, unit := range units {
		if d < unit.size && i < len(units)-1 {
			continue
		}
		text := strconv.FormatInt(int64(d/unit.size), 10) + " " + unit.name
		if i+1 < len(units) {
			if rest := (d % unit.size) / units[i+1].size; rest > 0 {
				text += " " + strconv.FormatInt(int64(rest), 10) + " " + units[i+1].name
			}
		}
		return text
	}
	return ""
}
