package command

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"delfos/shared/backfill"
	"delfos/shared/partition"
)

// maxRanges is how many ranges of one reason are shown one by one.
const maxRanges = 12

// writePlan shows what a plan runs and what it leaves, and why.
func writePlan(terminal Terminal, plan backfill.Plan) {
	w := terminal.Stdout
	if plan.To.Before(plan.From) {
		fmt.Fprintf(w, "Plan for %s, select %s: nothing to run, as no day from %s on is over\n", plan.Asset, plan.Select, plan.From)
		return
	}
	fmt.Fprintf(w, "Plan for %s, %s to %s, select %s: %s\n",
		plan.Asset, plan.From, plan.To, plan.Select, planCounts(plan))
	writeReasons(w, terminal, "in", green, plan.Included)
	writeReasons(w, terminal, "out", faint, plan.Excluded)
	if len(plan.Partitions) > 0 {
		fmt.Fprintf(w, "  %s first, at most %d at a time\n", plan.Order, plan.MaxConcurrency)
	}
}

func planCounts(plan backfill.Plan) string {
	out := 0
	for _, keys := range plan.Excluded {
		out += len(keys)
	}
	if out == 0 {
		return days(len(plan.Partitions)) + " to run"
	}
	return fmt.Sprintf("%s to run, %d left out", days(len(plan.Partitions)), out)
}

// writeReasons writes a line for each range of each reason, the reasons of the
// oldest day first.
func writeReasons(w io.Writer, terminal Terminal, word string, shown colour, byReason map[backfill.Why][]partition.Key) {
	reasons := sortedKeys(byReason)
	ranges := map[backfill.Why][]keyRange{}
	for reason, keys := range byReason {
		ranges[reason] = keyRanges(keys)
	}
	reasons = slices.DeleteFunc(reasons, func(reason backfill.Why) bool { return len(ranges[reason]) == 0 })
	slices.SortStableFunc(reasons, func(a, b backfill.Why) int { return ranges[a][0].first.Compare(ranges[b][0].first) })
	for _, reason := range reasons {
		for _, line := range rangeLines(ranges[reason]) {
			label := paint(terminal.Colour, cell{fmt.Sprintf("%-3s", word), shown})
			fmt.Fprintf(w, "  %s  %s %s\n", label, line, reason)
		}
	}
}

// rangeLines names ranges one by one, and those beyond maxRanges by their number.
func rangeLines(ranges []keyRange) []string {
	var lines []string
	for _, r := range ranges[:min(len(ranges), maxRanges)] {
		lines = append(lines, r.String())
	}
	more := 0
	for _, r := range ranges[len(lines):] {
		more += r.days()
	}
	if more > 0 {
		last := ranges[len(ranges)-1].last
		lines = append(lines, fmt.Sprintf("… and %s more, until %s,", days(more), last))
	}
	return lines
}

// rangeList names days in one line.
func rangeList(keys []partition.Key) string { return strings.Join(rangeLines(keyRanges(keys)), ", ") }
