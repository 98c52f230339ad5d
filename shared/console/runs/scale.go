package runs

import (
	"math"
	"slices"
	"time"
)

// Where nothing happened for long, the timeline leaves the time out.
const (
	mostBreaks  = 7
	shortBreak  = 3 * time.Second // less is never left out
	jump        = 1.5             // how much longer it is than any that is shown
	breakShare  = 0.25            // of what would be shown
	breakWidth  = 1.4             // of a break, in percent of the width, as the next two
	leastWidth  = 8.0             // of a stretch
	leastRuns   = 3               // for every two stretches
	sidePadding = 0.04            // of a stretch's time, before and after it
)

// stretch is a part of the time that is shown.
type stretch struct {
	start, end  time.Time
	left, width float64 // percent of the whole width
}

// busy is a time in which something was running.
type busy struct{ start, end time.Time }

// stretches lays times onto 0 to 100 percent, without the longest idle ones.
func stretches(times []busy) []stretch {
	if len(times) == 0 {
		return nil
	}
	union := merged(times)
	tooLong := longestShown(union, len(times))
	var parts []stretch
	for _, t := range union {
		if last := len(parts) - 1; last >= 0 && t.start.Sub(parts[last].end) < tooLong {
			parts[last].end = t.end
			continue
		}
		parts = append(parts, stretch{start: t.start, end: t.end})
	}
	pad(parts)
	widths(parts)
	return parts
}

// merged is the union of the times, in order.
func merged(times []busy) []busy {
	sorted := slices.SortedFunc(slices.Values(times), func(a, b busy) int { return a.start.Compare(b.start) })
	union := sorted[:1]
	for _, t := range sorted[1:] {
		last := &union[len(union)-1]
		if t.start.After(last.end) {
			union = append(union, t)
		} else if t.end.After(last.end) {
			last.end = t.end
		}
	}
	return union
}

// longestShown is the length from which on idle times are left out: where they become
// much longer than the ones before, take much of what these leave, and are few; also in
// comparison with the runs.
func longestShown(union []busy, runs int) time.Duration {
	var gaps []time.Duration
	shown := union[0].end.Sub(union[0].start)
	for i, t := range union[1:] {
		gaps = append(gaps, t.start.Sub(union[i].end))
		shown += t.end.Sub(t.start)
	}
	slices.Sort(gaps)
	for i, gap := range gaps {
		stands := i == 0 || float64(gap) > jump*float64(gaps[i-1])
		breaks := len(gaps) - i
		few := breaks <= mostBreaks && runs >= leastRuns*(breaks+1)/2
		if few && stands && gap >= shortBreak && float64(gap) > breakShare*float64(shown+gap) {
			return gap
		}
		shown += gap
	}
	return math.MaxInt64
}

// pad gives the stretches some time before and after.
func pad(parts []stretch) {
	var longest time.Duration
	for _, s := range parts {
		longest = max(longest, s.end.Sub(s.start))
	}
	for i := range parts {
		around := max(time.Duration(sidePadding*float64(parts[i].end.Sub(parts[i].start))), longest/100, 200*time.Millisecond)
		parts[i].start, parts[i].end = parts[i].start.Add(-around), parts[i].end.Add(around)
	}
}

// widths shares the width among the stretches by their time; each has some.
func widths(parts []stretch) {
	var total time.Duration
	for _, s := range parts {
		total += s.end.Sub(s.start)
	}
	room := 100 - breakWidth*float64(len(parts)-1)
	sum := 0.0
	for i := range parts {
		parts[i].width = max(leastWidth, room*float64(parts[i].end.Sub(parts[i].start))/float64(total))
		sum += parts[i].width
	}
	left := 0.0
	for i := range parts {
		parts[i].width *= room / sum
		parts[i].left = left
		left += parts[i].width + breakWidth
	}
}

// place is where an instant is, in percent; one that is left out is at the stretch before.
func place(parts []stretch, t time.Time) float64 {
	for i, s := range parts {
		if t.After(s.end) && i < len(parts)-1 {
			continue
		}
		share := float64(t.Sub(s.start)) / float64(s.end.Sub(s.start))
		return s.left + s.width*min(max(share, 0), 1)
	}
	return 0
}
