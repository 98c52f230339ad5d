package backfills

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"delfos/shared/backfill"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
)

// mostStretches bounds what is listed of one reason.
const mostStretches = 60

// planned is a plan as it is shown; the zero value is none yet.
type planned struct {
	Plan     *pipeline.Plan
	Included []reason
	Excluded []reason
	Request  string // with the plan's hash: what Launch is given
	Name     string
	Problem  string // why there is no plan
	status   int
}

// reason is why some days are in a plan, or not.
type reason struct {
	Why       backfill.Why
	Days      int
	Stretches []stretch
	More      int // days that are not listed
}

// stretch is days in a row.
type stretch struct {
	First, Last partition.Key
	Days        int
}

// makePlan asks the planner. What is wrong is a part of what is shown.
func (p pages) makePlan(ctx context.Context, f form) planned {
	request, err := pipeline.ParseRequest([]byte(f.JSON))
	if err != nil {
		return refused(err)
	}
	request.PlanHash = "" // the plan is what is asked for
	plan, err := p.pipeline.Plan(ctx, request)
	if err != nil {
		return refused(err)
	}
	return planned{
		Plan: &plan, Included: reasons(plan.Included), Excluded: reasons(plan.Excluded),
		Request: indented(plan.Request), Name: f.Name,
	}
}

func refused(err error) planned {
	shown := planned{Problem: err.Error(), status: http.StatusServiceUnavailable}
	if invalid, ok := errors.AsType[*pipeline.InvalidError](err); ok {
		shown.Problem, shown.status = strings.TrimPrefix(invalid.Reason, "the request cannot be planned: "), http.StatusBadRequest
	}
	return shown
}

// reasons are the days by reason, the most first.
func reasons(days map[backfill.Why][]partition.Key) []reason {
	var all []reason
	for _, why := range slices.Sorted(maps.Keys(days)) {
		each := reason{Why: why, Days: len(days[why])}
		for _, s := range stretches(days[why]) {
			if len(each.Stretches) == mostStretches {
				each.More += s.Days
				continue
			}
			each.Stretches = append(each.Stretches, s)
		}
		all = append(all, each)
	}
	slices.SortStableFunc(all, func(a, b reason) int { return b.Days - a.Days })
	return all
}

// stretches gathers days, oldest first, that follow each other.
func stretches(days []partition.Key) []stretch {
	var all []stretch
	for _, day := range days {
		if n := len(all); n > 0 && all[n-1].Last.AddDays(1) == day {
			all[n-1].Last = day
			all[n-1].Days++
			continue
		}
		all = append(all, stretch{day, day, 1})
	}
	return all
}

// String is one day, or the first and the last.
func (s stretch) String() string {
	if s.First == s.Last {
		return s.First.String()
	}
	return fmt.Sprintf("%s … %s", s.First, s.Last)
}
