package command

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestTheBarShowsHowFarItIsHowFastAndHowLongStill(t *testing.T) {
	t.Parallel()
	m := newMeter(Terminal{Now: func() time.Time { return testTime }})
	m.rateFrom, m.startDone = testTime, 2
	counts := itemCounts{Total: 10, Materialized: 5, Failed: 1, Running: 2, Pending: 2}
	got := m.bar(counts, testTime.Add(20*time.Second), 100)
	want := "  " + strings.Repeat("█", 24) + strings.Repeat("░", 16) + "  6/10  60 %  12.0 a minute, about 20s left"
	if got != want {
		t.Errorf("\n%q, want\n%q", got, want)
	}
	if got := countsLine(counts); got != "2 pending · 2 running · 5 materialized · 1 failed" {
		t.Error(got)
	}
}

func TestNoLineOnATerminalWraps(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.IntRange(0, 10_000).Draw(t, "total")
		done := rapid.IntRange(0, total).Draw(t, "done")
		width := rapid.IntRange(2, 200).Draw(t, "width")
		now := testTime
		var out bytes.Buffer
		m := newMeter(Terminal{Stderr: &out, Live: true, Now: func() time.Time { return now }, Width: func() int { return width }})
		m.show(itemCounts{Total: total}, "")
		now = now.Add(time.Duration(rapid.Int64Range(0, int64(100*time.Hour)).Draw(t, "elapsed")))
		m.show(itemCounts{Total: total, Materialized: done, Pending: total - done}, rapid.StringMatching(`[a-zA-Z ]{0,300}`).Draw(t, "failure"))
		for line := range strings.Lines(strings.NewReplacer("\x1b[1A", "\n", "\x1b[K", "", "\r", "").Replace(out.String())) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n >= width {
				t.Fatalf("%d columns, of %d: %q", n, width, line)
			}
		}
	})
}

func TestDurationsAreRough(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0.0s", 1449 * time.Millisecond: "1.4s", 200 * time.Second: "3m20s", 2*time.Hour + 5*time.Minute + time.Second: "2h5m",
	} {
		if got := roughly(d); got != want {
			t.Errorf("roughly(%v) = %s, want %s", d, got, want)
		}
	}
}
