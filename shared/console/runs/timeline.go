package runs

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"delfos/shared/console/chart"
	"delfos/shared/console/site"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
	"delfos/shared/status"
)

// Sizes of the timeline, in pixels.
const (
	laneHeight = 18
	axisHeight = 36
	mostLanes  = 31 // days of a month
	// markWidth is what a run's mark takes, in percent of the width, on a narrow screen.
	markWidth = 2.2
)

// bar is one run on the timeline.
type bar struct {
	run         pipeline.Run
	start, end  time.Time
	left, right float64 // percent
	lane        int
}

// timeline draws runs over time: a lane for each day, or where there are too many days as
// few lanes as there can be. The list below says the same, so that it is hidden from those
// who do not see it; "" is drawn where there are no runs. breaks tells whether time is
// left out.
func timeline(runs []pipeline.Run, now time.Time, zone *time.Location) (drawn template.HTML, breaks bool) {
	if len(runs) == 0 {
		return "", false
	}
	bars, parts := laid(runs, now)
	days, lanes := byDay(bars)
	if days == nil {
		lanes = packed(bars)
	}
	d := &drawing{}
	height := lanes*laneHeight + axisHeight
	d.print(`<div class="lanes%s" aria-hidden="true">`, map[bool]string{true: " lanes--days"}[days != nil])
	if days != nil {
		d.print(`<svg class="lanes__days" width="84" height="%d">`, height)
		for i, day := range days {
			d.print(`<text x="76" y="%d" text-anchor="end">%s</text>`, i*laneHeight+13, day.String())
		}
		d.print(`</svg>`)
	}
	d.print(`<svg class="lanes__runs" width="100%%" height="%d">`, height)
	for i := range lanes {
		d.print(`<rect class="lanes__lane" x="0" width="100%%" y="%d" height="%d"/>`, i*laneHeight+2, laneHeight-4)
	}
	d.axis(parts, lanes*laneHeight, zone)
	for _, b := range bars {
		d.run(b, zone)
	}
	d.print(`</svg></div>`)
	return template.HTML(d.String()), len(parts) > 1 //nolint:gosec // print has escaped every text
}

// laid places the runs across, the oldest first.
func laid(runs []pipeline.Run, now time.Time) ([]bar, []stretch) {
	bars, times := make([]bar, len(runs)), make([]busy, len(runs))
	for i, run := range runs {
		took, _ := run.Took(now)
		bars[i] = bar{run: run, start: run.StartedAt, end: run.StartedAt.Add(took)}
		times[i] = busy{bars[i].start, bars[i].end}
	}
	parts := stretches(times)
	for i := range bars {
		bars[i].left, bars[i].right = place(parts, bars[i].start), place(parts, bars[i].end)
	}
	slices.SortStableFunc(bars, func(a, b bar) int { return a.start.Compare(b.start) })
	return bars, parts
}

// byDay gives each day a lane, the latest first; days is nil where they are too many.
func byDay(bars []bar) (days []partition.Key, lanes int) {
	lane := map[partition.Key]int{}
	for _, b := range bars {
		if _, known := lane[b.run.Partition]; !known {
			lane[b.run.Partition] = 0
			days = append(days, b.run.Partition)
		}
	}
	if len(days) > mostLanes {
		return nil, 0
	}
	slices.SortFunc(days, func(a, b partition.Key) int { return b.Compare(a) })
	for i, day := range days {
		lane[day] = i
	}
	for i := range bars {
		bars[i].lane = lane[bars[i].run.Partition]
	}
	return days, len(days)
}

// packed puts the runs in as few lanes as keep them apart.
func packed(bars []bar) int {
	var free []float64 // where each lane is free again
	for i, b := range bars {
		lane := slices.IndexFunc(free, func(at float64) bool { return at <= b.left })
		switch {
		case lane >= 0:
		case len(free) < mostLanes:
			lane = len(free)
			free = append(free, 0)
		default:
			lane = slices.Index(free, slices.MinFunc(free, cmp.Compare))
		}
		bars[i].lane = lane
		free[lane] = max(b.right, b.left) + markWidth
	}
	return len(free)
}

// drawing writes SVG.
type drawing struct{ strings.Builder }

// print writes markup with arguments, of which texts are escaped.
func (d *drawing) print(format string, args ...any) {
	for i, arg := range args {
		if text, ok := arg.(string); ok {
			args[i] = template.HTMLEscapeString(text)
		}
	}
	fmt.Fprintf(d, format, args...)
}

// axis draws the times, and where time is left out.
func (d *drawing) axis(parts []stretch, y int, zone *time.Location) {
	day := ""
	for i, s := range parts {
		if i > 0 {
			d.print(`<svg x="%.2f%%" width="%.2f%%" y="0" height="%d" class="lanes__break"><title>nothing ran from %s to %s</title><rect width="100%%" height="100%%"/></svg>`,
				s.left-breakWidth, breakWidth, y+4, full(parts[i-1].end, zone), full(s.start, zone))
		}
		ticks := chart.TimeTicks(s.start, s.end, zone, max(1, int(s.width/11)))
		if len(ticks) == 0 {
			ticks = []chart.Tick{{At: s.start.Add(s.end.Sub(s.start) / 2), Label: s.start.In(zone).Format("15:04:05"), Full: full(s.start, zone)}}
		}
		for i, tick := range ticks {
			x := place(parts, tick.At)
			anchor := map[bool]string{true: "end", false: "middle"}[x > 94]
			if x < 4 {
				anchor = "start"
			}
			d.print(`<line class="lanes__tick" x1="%.2f%%" x2="%.2f%%" y1="0" y2="%d"/><text class="%s" x="%.2f%%" y="%d" text-anchor="%s">%s<title>%s</title></text>`,
				x, x, y+4, map[int]string{1: "lanes__fine"}[i%2], x, y+16, anchor, tick.Label, tick.Full)
		}
		if date := s.start.In(zone).Format("2006-01-02"); date != day {
			day = date
			d.print(`<text class="lanes__date" x="%.2f%%" y="%d">%s</text>`, s.left, y+31, date)
		}
	}
}

// marks tell the outcomes apart by their shapes, around 0, 0.
var marks = map[status.Outcome]string{
	status.OutcomeRunning:   `<circle r="4.5" class="lanes__open"/>`,
	status.OutcomeSucceeded: `<circle r="4.5"/>`,
	status.OutcomeFailed:    `<path d="M-2.5 -6h5l3.5 3.5v5l-3.5 3.5h-5l-3.5 -3.5v-5z"/><path d="M-2.2 -2.2l4.4 4.4m0 -4.4l-4.4 4.4" class="lanes__cut"/>`,
	status.OutcomeCancelled: `<rect x="-4.5" y="-4.5" width="9" height="9"/>`,
}

func (d *drawing) run(b bar, zone *time.Location) {
	middle := b.lane*laneHeight + laneHeight/2
	d.print(`<a href="/runs/%s" tabindex="-1" class="lanes__run attempt--%s"><title>%s</title>`, b.run.ID, string(b.run.Outcome), describe(b, zone))
	if width := b.right - b.left; width > 0.05 {
		d.print(`<rect class="lanes__bar" x="%.2f%%" width="%.2f%%" y="%d" height="6" rx="2"/>`, b.left, width, middle-3)
	}
	d.print(`<svg x="%.2f%%" y="%d" overflow="visible">`, b.right, middle)
	d.WriteString(`<circle r="8" class="lanes__hit"/>` + marks[b.run.Outcome] + `</svg></a>`)
}

func describe(b bar, zone *time.Location) string {
	text := fmt.Sprintf("%s %s, %s", b.run.Partition, b.run.Outcome, full(b.start, zone))
	if b.end.After(b.start) {
		text += ", " + site.Duration(b.end.Sub(b.start))
	}
	if b.run.BackfillID != "" {
		text += "\nof backfill " + b.run.BackfillID
	}
	if b.run.Failure != nil {
		text += "\n" + b.run.Failure.Type + ": " + b.run.Failure.Message
	}
	return text
}

func full(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("2006-01-02 15:04:05 MST") + " (" + t.UTC().Format("15:04:05") + " UTC)"
}
