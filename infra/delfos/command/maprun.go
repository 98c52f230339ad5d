package command

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

// mapRun is one pass over partitions: the first over all that were planned, one
// more for each retry after all had been tried.
type mapRun struct {
	ARN       string             `json:"map_run_arn"`
	Status    types.MapRunStatus `json:"status"`
	StartedAt time.Time          `json:"started_at"`
	StoppedAt time.Time          `json:"stopped_at,omitzero"`
	Redrives  int                `json:"redrives"`
	Counts    itemCounts         `json:"counts"`

	lastStart time.Time // or its last redrive
}

// itemCounts is how many partitions of a map run stand how.
type itemCounts struct {
	Total        int `json:"total"`
	Pending      int `json:"pending"`
	Running      int `json:"running"`
	Materialized int `json:"materialized"`
	Failed       int `json:"failed"`
	Cancelled    int `json:"cancelled"`
}

// done is how many have ended, however.
func (c itemCounts) done() int { return c.Materialized + c.Failed + c.Cancelled }

// mapRuns reads the passes of an execution, oldest first.
func (c connection) mapRuns(ctx context.Context, e execution) ([]mapRun, error) {
	runs := []mapRun{}
	input := &sfn.ListMapRunsInput{ExecutionArn: &e.ARN}
	for {
		page, err := c.sfn.ListMapRuns(ctx, input)
		if err != nil {
			return nil, fmt.Errorf("list the map runs of backfill %s: %w", e.Name, err)
		}
		for _, listed := range page.MapRuns {
			run, err := c.mapRun(ctx, aws.ToString(listed.MapRunArn))
			if err != nil {
				return nil, fmt.Errorf("look at a map run of backfill %s: %w", e.Name, err)
			}
			runs = append(runs, run)
		}
		if input.NextToken = page.NextToken; input.NextToken == nil {
			sortMapRuns(runs)
			return runs, nil
		}
	}
}

func (c connection) mapRun(ctx context.Context, arn string) (mapRun, error) {
	found, err := c.sfn.DescribeMapRun(ctx, &sfn.DescribeMapRunInput{MapRunArn: &arn})
	if err != nil {
		return mapRun{}, err
	}
	run := mapRun{
		ARN: arn, Status: found.Status, StartedAt: utc(found.StartDate), StoppedAt: utc(found.StopDate),
		Redrives: int(aws.ToInt32(found.RedriveCount)),
	}
	run.lastStart = run.StartedAt
	if redriven := utc(found.RedriveDate); redriven.After(run.lastStart) {
		run.lastStart = redriven
	}
	if items := found.ItemCounts; items != nil {
		run.Counts = itemCounts{
			Total: int(items.Total), Pending: int(items.Pending + aws.ToInt64(items.PendingRedrive)), Running: int(items.Running),
			Materialized: int(items.Succeeded), Failed: int(items.Failed + items.TimedOut), Cancelled: int(items.Aborted),
		}
	}
	return run, nil
}

// currentPass is the pass of the execution's last start; nil before there is one.
func (c connection) currentPass(ctx context.Context, e execution) (*mapRun, error) {
	runs, err := c.mapRuns(ctx, e)
	if err != nil || len(runs) == 0 {
		return nil, err
	}
	last := runs[len(runs)-1]
	if !isOfLastStart(last, e.lastStart) {
		return nil, nil
	}
	return &last, nil
}

// isOfLastStart tells a pass from those of before the execution was redriven.
func isOfLastStart(pass mapRun, lastStart time.Time) bool {
	return pass.Status == types.MapRunStatusRunning || !pass.lastStart.Before(lastStart)
}

func sortMapRuns(runs []mapRun) {
	slices.SortStableFunc(runs, func(a, b mapRun) int { return a.StartedAt.Compare(b.StartedAt) })
}
