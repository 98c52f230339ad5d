package pipeline

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"golang.org/x/sync/errgroup"

	"delfos/shared/backfill"
	"delfos/shared/status"
)

// Backfill is one execution of the state machine, in short.
type Backfill struct {
	Name       string
	State      status.BackfillState
	Request    backfill.Request // the zero request where the input is none
	Input      json.RawMessage  // the execution's; nil where it had more than 4 KB
	Plan       *status.BackfillPlan
	Redrives   int
	StartedAt  time.Time
	RedrivenAt time.Time // the last time; zero where never, or not known
	EndedAt    time.Time // zero while it runs, and where its end is not known
	Failure    *status.Failure
	Counts     Counts

	isCounted bool // the record told the counts
}

// Took is from the start to the end, or to the instant now; 0 where its end is not known.
func (b Backfill) Took(now time.Time) time.Duration {
	switch {
	case b.State == BackfillGone:
		return 0
	case !b.EndedAt.IsZero():
		now = b.EndedAt
	}
	return max(0, now.Sub(b.StartedAt))
}

// Counts is how many of a backfill's partitions stand how; Planned is their sum once
// the plan is made.
type Counts struct {
	Planned, Waiting, Running, Materialized, Failed, Cancelled, Waived int
}

// Done is how many have ended, however.
func (c Counts) Done() int { return c.Materialized + c.Failed + c.Cancelled + c.Waived }

// BackfillFilter says which backfills are wanted; what is zero is not looked at.
type BackfillFilter struct {
	State status.BackfillState
}

// BackfillList is some backfills, the last started first.
type BackfillList struct {
	Backfills []Backfill
	Next      string // Page.Before of the next page; empty after the last
}

// Backfills lists backfills. The counts of those that run or were cancelled come from
// one query of the partitions. One that is recorded as running, but has no execution, is
// BackfillGone, and none of those that run.
//
// IAM: dynamodb:Query on the backfills table's index by_start and the partitions table,
// states:ListExecutions on the state machine, states:DescribeExecution on its executions.
func (p *Pipeline) Backfills(ctx context.Context, filter BackfillFilter, page Page) (BackfillList, error) {
	if err := page.check(); err != nil {
		return BackfillList{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, readWithin)
	defer cancel()
	var recorded status.BackfillPage
	var running []types.ExecutionListItem
	group, reading := errgroup.WithContext(ctx)
	group.Go(func() error {
		var err error
		recorded, err = p.recordedBackfills(reading, filter, page)
		return explain(theStatus, err)
	})
	if page.Before == "" && (filter.State == "" || filter.State == status.BackfillRunning) {
		group.Go(func() error {
			var err error
			running, err = p.runningExecutions(reading)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return BackfillList{}, err
	}
	list := BackfillList{Backfills: unrecorded(running, recorded.Backfills), Next: recorded.Next}
	for _, record := range recorded.Backfills {
		list.Backfills = append(list.Backfills, fromRecord(record))
	}
	if err := p.tellGone(ctx, list.Backfills, running); err != nil {
		return BackfillList{}, err
	}
	if filter.State != "" {
		list.Backfills = slices.DeleteFunc(list.Backfills, func(b Backfill) bool { return b.State != filter.State })
	}
	return list, p.count(ctx, list.Backfills)
}

// mostBackfillsLookedAt bounds how many records are read for a page.
const mostBackfillsLookedAt = 2000

// recordedBackfills reads records until there are as many as wanted.
func (p *Pipeline) recordedBackfills(ctx context.Context, filter BackfillFilter, page Page) (status.BackfillPage, error) {
	if filter.State == "" {
		return p.status.Backfills(ctx, p.options.Asset, status.Page{Limit: page.Limit, Before: page.Before})
	}
	// The pages are small, so that one that is full early need not be cut.
	var found status.BackfillPage
	asked := status.Page{Limit: page.Limit, Before: page.Before}
	for looked := 0; looked < mostBackfillsLookedAt && len(found.Backfills) < page.Limit; looked += asked.Limit {
		asked.Limit = page.Limit - len(found.Backfills)
		read, err := p.status.Backfills(ctx, p.options.Asset, asked)
		if err != nil {
			return found, err
		}
		for _, record := range read.Backfills {
			if record.State == filter.State {
				found.Backfills = append(found.Backfills, record)
			}
		}
		if asked.Before, found.Next = read.Next, read.Next; read.Next == "" {
			break
		}
	}
	return found, nil
}

// runningExecutions are those that run now, the last started first, at most 100.
func (p *Pipeline) runningExecutions(ctx context.Context) ([]types.ExecutionListItem, error) {
	answer, err := p.sfn.ListExecutions(ctx, &sfn.ListExecutionsInput{
		StateMachineArn: &p.options.StateMachineARN, StatusFilter: types.ExecutionStatusRunning, MaxResults: 100,
	})
	if err != nil {
		return nil, explain(theMachine, err)
	}
	return answer.Executions, nil
}

// unrecorded are the executions that no record is of yet: it comes with the plan, or
// with the first status change.
func unrecorded(running []types.ExecutionListItem, recorded []status.Backfill) []Backfill {
	known := map[string]bool{}
	oldest := time.Time{}
	for _, record := range recorded {
		known[record.ID], oldest = true, record.StartedAt
	}
	var found []Backfill
	for _, e := range running {
		if name := aws.ToString(e.Name); !known[name] && utc(e.StartDate).After(oldest) {
			found = append(found, Backfill{Name: name, State: status.BackfillRunning, Redrives: int(aws.ToInt32(e.RedriveCount)), StartedAt: utc(e.StartDate)})
		}
	}
	return found
}

func fromRecord(record status.Backfill) Backfill {
	b := Backfill{
		Name: record.ID, State: record.State, Input: record.Request, Plan: record.Plan, Redrives: record.Redrives,
		StartedAt: record.StartedAt, EndedAt: record.EndedAt, Failure: record.Failure,
	}
	b.Counts, b.isCounted = counted(record)
	// An input that somebody else typed may be anything; its execution fails and says so.
	if request, err := backfill.ParseRequest(record.Request); err == nil {
		b.Request = request
	}
	return b
}

// utc is a time that may be missing.
func utc(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}
