package command

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// plainEvery is the least time between two lines where lines cannot be written over.
const plainEvery = 5 * time.Second

// meter shows how far a backfill is: two lines that move on a terminal, now and
// then a line elsewhere.
type meter struct {
	terminal  Terminal
	began     time.Time
	counts    itemCounts // as shown or kept back last
	wroteAt   time.Time  // of the last plain line
	wrote     string
	onScreen  bool // two lines are to be written over
	startDone int  // how many were done at the first look
	rateFrom  time.Time
}

func newMeter(terminal Terminal) *meter {
	return &meter{terminal: terminal, began: terminal.Now()}
}

// show takes a look's counts, and tells whether they have moved.
func (m *meter) show(counts itemCounts, lastFailure string) (moved bool) {
	now := m.terminal.Now()
	moved = counts != m.counts
	if m.rateFrom.IsZero() && counts.Total > 0 {
		m.rateFrom, m.startDone = now, counts.done()
	}
	m.counts = counts
	if m.terminal.Live {
		m.redraw(counts, lastFailure, now)
		return moved
	}
	line := countsLine(counts)
	if counts.Total > 0 && line != m.wrote && now.Sub(m.wroteAt) >= plainEvery {
		m.wrote, m.wroteAt = line, now
		fmt.Fprintln(m.terminal.Stderr, now.UTC().Format("15:04:05Z"), withFailure(line, lastFailure))
	}
	return moved
}

// Control sequences of a terminal (ECMA-48: EL, CUU).
const (
	clearLine = "\x1b[K"
	lineUp    = "\x1b[1A"
)

// redraw writes over the lines of before.
func (m *meter) redraw(counts itemCounts, lastFailure string, now time.Time) {
	if m.onScreen {
		fmt.Fprint(m.terminal.Stderr, lineUp)
	}
	m.onScreen = true
	width := m.terminal.Width() - 1 // a full line would wrap on some terminals
	bar := m.bar(counts, now, width)
	fmt.Fprintf(m.terminal.Stderr, "\r%s%s\n%s%s", clearLine, bar, clearLine, cutTo(withFailure("  "+countsLine(counts), lastFailure), width))
}

// close leaves the cursor on a line of its own, and removes what moved. The next look
// begins anew.
func (m *meter) close() {
	if m.onScreen {
		m.onScreen = false
		fmt.Fprint(m.terminal.Stderr, "\r", clearLine, lineUp, clearLine)
	}
}

// bar is `  ██████████░░░░░░░░░░  5/10  50 %  12.0 a minute, about 25s left`.
func (m *meter) bar(counts itemCounts, now time.Time, width int) string {
	if counts.Total == 0 {
		return cutTo(fmt.Sprintf("  getting ready … %s", roughly(now.Sub(m.began))), width)
	}
	done := counts.done()
	text := fmt.Sprintf("  %d/%d  %d %%%s", done, counts.Total, 100*done/counts.Total, m.pace(counts, now))
	cells := min(40, width-utf8.RuneCountInString(text)-2)
	if cells < 10 {
		return cutTo(text, width)
	}
	full := cells * done / counts.Total
	return "  " + strings.Repeat("█", full) + strings.Repeat("░", cells-full) + text
}

// pace tells how fast it goes and how long it will take, once that can be said.
func (m *meter) pace(counts itemCounts, now time.Time) string {
	elapsed, done := now.Sub(m.rateFrom), counts.done()-m.startDone
	if done <= 0 || elapsed < time.Second {
		return ""
	}
	each := elapsed / time.Duration(done)
	left := time.Duration(counts.Total-counts.done()) * each
	return fmt.Sprintf("  %.1f a minute, about %s left", float64(time.Minute)/float64(each), roughly(left))
}

// countsLine names every state, so that the words keep their places.
func countsLine(c itemCounts) string {
	if c.Total == 0 {
		return ""
	}
	line := fmt.Sprintf("%d pending · %d running · %d materialized · %d failed", c.Pending, c.Running, c.Materialized, c.Failed)
	if c.Cancelled > 0 {
		line += fmt.Sprintf(" · %d cancelled", c.Cancelled)
	}
	return line
}

func withFailure(line, lastFailure string) string {
	if lastFailure == "" {
		return line
	}
	return line + " (last: " + lastFailure + ")"
}

// cutTo keeps a line from wrapping.
func cutTo(line string, width int) string {
	if width <= 0 || utf8.RuneCountInString(line) <= width {
		return line
	}
	return string([]rune(line)[:width-1]) + "…"
}

// roughly is a duration as one says it: 0.3s, 12s, 3m20s, 2h5m.
func roughly(d time.Duration) string {
	switch {
	case d >= time.Hour:
		return strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
	case d < 10*time.Second:
		return fmt.Sprintf("%.1fs", d.Seconds())
	default:
		return d.Round(time.Second).String()
	}
}
