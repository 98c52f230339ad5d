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
	State   string // as site.Funcs' badge knows it
	Count   int
}

// shares are the counts in the order in which they are drawn.
func shares(c pipeline.Counts, over bool) []share {
	all := []share{
		{Outcome: report.Materialized, Count: c.Materialized},
		{Outcome: report.Waived, Count: c.Waived},
		{Outcome: report.Failed, Count: c.Failed},
		{Outcome: report.Cancelled, Count: c.Cancelled},
		{Outcome: report.Running, Count: c.Running},
		{Outcome: report.Waiting, Count: c.Waiting},
	}
	for i := range all {
		all[i].State = stateOf(all[i].Outcome, over)
	}
	return all
}

// stateOf is what an outcome is called. What waits in a backfill that is over was not run.
func stateOf(outcome report.Outcome, over bool) string {
	switch {
	case outcome != report.Waiting:
		return string(outcome)
	case over:
		return "not_run"
	default:
		return "pending"
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
	for _, s := range shares(c, false) {
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

// asked says in words what a backfill was asked for, in pieces that stay on one line each.
func asked(r backfill.Request) []string {
	what := map[backfill.Select]string{
		backfill.SelectFailed: "failed days", backfill.SelectStale: "stale days", backfill.SelectAll: "all days",
	}[r.Select]
	if what == "" {
		what = "missing days"
	}
	switch {
	case r.LastDays > 0:
		return []string{what, fmt.Sprintf("of the last %d", r.LastDays)}
	case !r.From.IsZero() && !r.To.IsZero() && r.From == r.To:
		return []string{what + ",", r.From.String() + " alone"}
	case !r.From.IsZero() && !r.To.IsZero():
		return []string{what, "from " + r.From.String(), "to " + r.To.String()}
	case !r.From.IsZero():
		return []string{what, "from " + r.From.String() + " on"}
	case !r.To.IsZero():
		return []string{what, "up to " + r.To.String()}
	default:
		return []string{what}
	}
}
