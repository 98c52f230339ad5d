package partitions

import (
	"cmp"
	"context"
	"slices"

	"delfos/shared/backfill"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
)

// planView is a plan as it is shown before it is launched.
type planView struct {
	Plan    pipeline.Plan
	Err     error // why there is none
	In, Out []reason
	Left    int // days that are left out
}

// reason is the days that are in or out of a plan for the same reason, by ranges.
type reason struct {
	Why    string
	Days   int
	Ranges []dayRange
	More   int // ranges that are not shown
}

// dayRange is days in a row.
type dayRange struct {
	First, Last partition.Key
}

// Days is how many.
func (r dayRange) Days() int { return count(r.First, r.Last) }

// maxRanges is how many ranges of one reason are shown.
const maxRanges = 24

// request is the backfill that the view asks for.
func (v view) request() backfill.Request {
	return backfill.Request{
		From: v.From, To: v.To, Select: v.Select,
		Order: cmp.Or(v.Order, backfill.OrderOldest), MaxConcurrency: v.AtOnce(),
	}
}

// plan asks for the plan of the view.
func (p *pages) plan(ctx context.Context, v view) *planView {
	plan, err := p.pipeline.Plan(ctx, v.request())
	if err != nil {
		return &planView{Err: err}
	}
	p.site.Acts.Happened() // days that it found stale are so from now on
	shown := &planView{Plan: plan, In: reasons(plan.Included), Out: reasons(plan.Excluded)}
	for _, r := range shown.Out {
		shown.Left += r.Days
	}
	return shown
}

// reasons sorts days by reason, the reason of the oldest day first.
func reasons(byWhy map[backfill.Why][]partition.Key) []reason {
	var all []reason
	for why, keys := range byWhy {
		if len(keys) == 0 {
			continue
		}
		ranges := inARow(keys)
		shown := ranges[:min(len(ranges), maxRanges)]
		all = append(all, reason{string(why), len(keys), shown, len(ranges) - len(shown)})
	}
	slices.SortFunc(all, func(a, b reason) int {
		return cmp.Or(a.Ranges[0].First.Compare(b.Ranges[0].First), cmp.Compare(a.Why, b.Why))
	})
	return all
}

// inARow joins days, oldest first, that follow on each other.
func inARow(keys []partition.Key) []dayRange {
	var ranges []dayRange
	for _, key := range keys {
		if n := len(ranges); n > 0 && ranges[n-1].Last.AddDays(1) == key {
			ranges[n-1].Last = key
			continue
		}
		ranges = append(ranges, dayRange{key, key})
	}
	return ranges
}
