package backfills

import (
	"fmt"
	"html/template"
	"strings"

	"delfos/shared/backfill"
	"delfos/shared/backfill/report"
	"delfos/shared/pipeline"
)

// share is how many partitions stand in one way.
type share struct {
	Outcome report.Outcome
	Count   int
}

// shares are the counts in the order in which they are drawn.
func shares(c pipeline.Counts) []share {
	return []share{
		{report.Materialized, c.Materialized},
		{report.Waived, c.Waived},
		{report.Failed, c.Failed},
		{report.Cancelled, c.Cancelled},
		{report.Running, c.Running},
		{report.Waiting, c.Waiting},
	}
}

// class is an outcome's class in site.css.
func class(outcome report.Outcome) string {
	switch outcome {
	case report.Materialized:
		return "state--materialized"
	case report.Waived:
		return "state--waived"
	case report.Waiting:
		return "attempt--queued"
	default:
		return "attempt--" + string(outcome)
	}
}

// countsBar draws the counts as parts of one bar; those that wait are its rest. What it
// says stands beside it in words.
func countsBar(c pipeline.Counts) template.HTML {
	var b strings.Builder
	b.WriteString(`<svg class="bars" width="100%" height="8" aria-hidden="true">`)
	left := 0.0
	for _, s := range shares(c) {
		if s.Count <= 0 || c.Planned <= 0 || s.Outcome == report.Waiting {
			continue
		}
		width := 100 * float64(s.Count) / float64(c.Planned)
		fmt.Fprintf(&b, `<rect class="%s" x="%.2f%%" width="%.2f%%" height="8"><title>%d %s</title></rect>`, class(s.Outcome), left, width, s.Count, s.Outcome)
		left += width
	}
	b.WriteString("</svg>")
	return template.HTML(b.String()) //nolint:gosec // numbers and the outcomes' own names
}

// asked says in words what a backfill was asked for.
func asked(r backfill.Request) string {
	what := map[backfill.Select]string{
		backfill.SelectFailed: "failed days", backfill.SelectStale: "stale days", backfill.SelectAll: "all days",
	}[r.Select]
	if what == "" {
		what = "missing days"
	}
	switch {
	case r.LastDays > 0:
		return fmt.Sprintf("%s of the last %d", what, r.LastDays)
	case !r.From.IsZero() && !r.To.IsZero() && r.From == r.To:
		return fmt.Sprintf("%s, %s alone", what, r.From)
	case !r.From.IsZero() && !r.To.IsZero():
		return fmt.Sprintf("%s from %s to %s", what, r.From, r.To)
	case !r.From.IsZero():
		return fmt.Sprintf("%s from %s on", what, r.From)
	case !r.To.IsZero():
		return fmt.Sprintf("%s up to %s", what, r.To)
	default:
		return what
	}
}
