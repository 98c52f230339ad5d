package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"delfos/shared/partition"
	"delfos/shared/status"
)

// Run is a run as it stands: one that died has failed.
type Run struct {
	status.Run
}

// Took is how long the run took, or has been running at the instant now; false where
// it died and nobody knows.
func (r Run) Took(now time.Time) (time.Duration, bool) {
	switch {
	case !r.FinishedAt.IsZero():
		return r.FinishedAt.Sub(r.StartedAt), true
	case r.Outcome == status.OutcomeRunning:
		return max(0, now.Sub(r.StartedAt)), true
	default:
		return 0, false
	}
}

// RunFilter says which runs are wanted; what is zero is not looked at.
type RunFilter struct {
	Partition partition.Key
	Backfill  string // a name
	Outcome   status.Outcome
	Trigger   status.Trigger
	Since     time.Time // that were started at it or after
}

// Page asks for some of a list, the newest first.
type Page struct {
	Limit  int    // 1 to 1000; 0 means 50
	Before string // the Next of the page before; empty for the newest
}

// RunList is some runs, newest first.
type RunList struct {
	Runs []Run
	Next string // Page.Before of the next page; empty after the last
}

// Runs lists runs. Where few match, a page may hold less than its limit, or nothing,
// and still have a Next: some 10,000 runs are looked at for a page.
//
// IAM: dynamodb:Query on the runs table and its index by_partition and on the
// partitions table, dynamodb:GetItem on the partitions and backfills tables.
func (p *Pipeline) Runs(ctx context.Context, filter RunFilter, page Page) (RunList, error) {
	if err := page.check(); err != nil {
		return RunList{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, readWithin)
	defer cancel()
	if filter.Backfill != "" {
		began, err := p.beganAt(ctx, filter.Backfill)
		if err != nil {
			return RunList{}, err
		}
		if began.After(filter.Since) {
			filter.Since = began
		}
	}
	return p.listRuns(ctx, filter, page)
}

// check is an *InvalidError of field "limit".
func (page *Page) check() error {
	if page.Limit == 0 {
		page.Limit = status.DefaultPage
	}
	if page.Limit < 1 || page.Limit > status.MaxPage {
		return &InvalidError{"limit", fmt.Sprintf("it is %d; want 1 to %d", page.Limit, status.MaxPage)}
	}
	return nil
}

// beganAt is when a backfill began: no run of it is older. One without a record, which
// a run may name that somebody else asked for, began at no time that is known.
func (p *Pipeline) beganAt(ctx context.Context, name string) (time.Time, error) {
	record, err := p.status.Backfill(ctx, p.options.Asset, name)
	if _, none := errors.AsType[*status.BackfillNotFoundError](err); none {
		return time.Time{}, nil
	}
	return record.StartedAt, explain(theStatus, err)
}

// listRuns finds runs, and then leaves out those that have another outcome than is
// recorded.
func (p *Pipeline) listRuns(ctx context.Context, filter RunFilter, page Page) (RunList, error) {
	found, err := p.status.FindRuns(ctx, p.options.Asset, status.RunQuery{
		Partition: filter.Partition, BackfillID: filter.Backfill, Trigger: filter.Trigger, Outcome: filter.Outcome, Since: filter.Since,
	}, status.Page{Limit: page.Limit, Before: page.Before})
	if err != nil {
		return RunList{}, explain(theStatus, err)
	}
	runs, err := p.settle(ctx, found.Runs, p.now())
	if err != nil {
		return RunList{}, err
	}
	if filter.Outcome != "" {
		runs = slices.DeleteFunc(runs, func(run Run) bool { return run.Outcome != filter.Outcome })
	}
	return RunList{Runs: runs, Next: found.Next}, nil
}

// RunDetail is all about one run, but for its log.
type RunDetail struct {
	Run

	Steps  []Step   // of a run that published, in order
	Causes []string // why it failed, from the outside in; nil where it did not
}

// Step is a part of a run's time.
type Step struct {
	Name string // "extract", "aggregate", "load", "other"
	Took time.Duration
}

// Run reads one run by its id. The error is a *NotFoundError where it has no record.
//
// IAM: dynamodb:GetItem on the runs and partitions tables.
func (p *Pipeline) Run(ctx context.Context, id string) (RunDetail, error) {
	ctx, cancel := context.WithTimeout(ctx, readWithin)
	defer cancel()
	run, err := p.run(ctx, id)
	if err != nil {
		return RunDetail{}, err
	}
	return RunDetail{Run: run, Steps: stepsOf(run), Causes: causesOf(run.Failure)}, nil
}

func (p *Pipeline) run(ctx context.Context, id string) (Run, error) {
	if id == "" {
		return Run{}, &InvalidError{"run", "want a run's id"}
	}
	record, err := p.status.Run(ctx, p.options.Asset, id)
	if _, none := errors.AsType[*status.RunNotFoundError](err); none {
		return Run{}, &NotFoundError{"run", id, "check the id; the records of old runs are removed after a time"}
	}
	if err != nil {
		return Run{}, explain(theStatus, err)
	}
	settled, err := p.settle(ctx, []status.Run{record}, p.now())
	if err != nil {
		return Run{}, err
	}
	return settled[0], nil
}

// stepsOf is where the time of a run that published went.
func stepsOf(run Run) []Step {
	if run.Materialization == nil {
		return nil
	}
	d := run.Materialization.Duration
	steps := []Step{{"extract", d.Extract}, {"aggregate", d.Aggregate}, {"load", d.Load}}
	if other := d.Total - d.Extract - d.Aggregate - d.Load; other > 0 {
		steps = append(steps, Step{"other", other})
	}
	return steps
}

// causesOf takes the message of a failure apart, at the colons with which each error
// names the one that it is caused by.
func causesOf(failure *status.Failure) []string {
	if failure == nil {
		return nil
	}
	causes := []string{failure.Type}
	for i, cause := range strings.Split(failure.Message, ": ") {
		// After a quotation mark it is a member of JSON, and no cause.
		if last := len(causes) - 1; i > 0 && strings.HasSuffix(causes[last], `"`) {
			causes[last] += ": " + cause
		} else if cause = strings.TrimSpace(cause); cause != "" {
			causes = append(causes, cause)
		}
	}
	return causes
}
