package backfills

import (
	"fmt"
	"html/template"
	"time"

	"delfos/shared/console/site"
	"delfos/shared/pipeline"
)

// progress is how far a backfill is.
type progress struct {
	Counts pipeline.Counts
	Shares []share // that are not zero
	Bar    template.HTML
	Done   int
	Share  float64 // of what was planned
	Rate   string  // "12 a minute"; "" where it cannot be told
	Left   string  // about how long it will take still; "" where it cannot be told
}

func progressOf(b pipeline.BackfillDetail, now time.Time) progress {
	p := progress{Counts: b.Counts, Bar: countsBar(b.Counts), Done: b.Counts.Done()}
	for _, s := range shares(b.Counts, b.Over()) {
		if s.Count > 0 {
			p.Shares = append(p.Shares, s)
		}
	}
	if b.Counts.Planned > 0 {
		p.Share = float64(p.Done) / float64(b.Counts.Planned)
	}
	if n := len(b.MapRuns.Value); n > 0 && !b.Over() {
		p.Rate, p.Left = pace(b.MapRuns.Value[n-1], now)
	}
	return p
}

// pace tells how fast a map run goes on, and how long it will take. One that was redriven
// has items that ended before, so that nothing is told of it.
func pace(run pipeline.MapRun, now time.Time) (rate, left string) {
	done := run.Counts.Succeeded + run.Counts.Failed + run.Counts.Cancelled
	elapsed := now.Sub(run.StartedAt)
	if run.Status != "RUNNING" || run.Redrives > 0 || done < 3 || elapsed < time.Second {
		return "", ""
	}
	perSecond := float64(done) / elapsed.Seconds()
	switch perMinute := perSecond * 60; {
	case perSecond >= 2:
		rate = fmt.Sprintf("%.0f a second", perSecond)
	case perMinute >= 2:
		rate = fmt.Sprintf("%.0f a minute", perMinute)
	default:
		rate = fmt.Sprintf("%.0f an hour", perMinute*60)
	}
	seconds := float64(run.Counts.Total-done) / perSecond
	return rate, site.Duration(coarse(time.Duration(seconds * float64(time.Second))))
}

// coarse rounds to what a guess is worth, and so that it does not change at every look.
func coarse(d time.Duration) time.Duration {
	switch {
	case d < 10*time.Second:
		return d.Round(time.Second)
	case d < time.Minute:
		return d.Round(5 * time.Second)
	case d < 10*time.Minute:
		return d.Round(15 * time.Second)
	default:
		return d.Round(time.Minute)
	}
}
