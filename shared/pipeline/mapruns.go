package pipeline

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"golang.org/x/sync/errgroup"
)

// MapRun is one pass over partitions: the first over all that were planned, one more
// for each redrive after all had been tried.
type MapRun struct {
	ARN            string
	Status         string // "RUNNING", "SUCCEEDED", "FAILED", "ABORTED"
	StartedAt      time.Time
	StoppedAt      time.Time // zero while it runs
	Redrives       int
	MaxConcurrency int // 0 is without a limit
	Counts         MapCounts
}

// MapCounts is how many of a map run's items stand how.
type MapCounts struct {
	Total, Pending, Running, Succeeded, Failed, Cancelled int
}

// mapRuns reads the passes of an execution, oldest first.
func (p *Pipeline) mapRuns(ctx context.Context, arn string) ([]MapRun, error) {
	var listed []types.MapRunListItem
	input := &sfn.ListMapRunsInput{ExecutionArn: &arn}
	for {
		answer, err := p.sfn.ListMapRuns(ctx, input)
		if err != nil {
			return nil, explain(theMachine, err)
		}
		listed = append(listed, answer.MapRuns...)
		if input.NextToken = answer.NextToken; input.NextToken == nil {
			break
		}
	}
	runs := make([]MapRun, len(listed))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for i := range listed {
		group.Go(func() error {
			var err error
			runs[i], err = p.mapRun(ctx, aws.ToString(listed[i].MapRunArn))
			return err
		})
	}
	err := group.Wait()
	slices.SortStableFunc(runs, func(a, b MapRun) int { return a.StartedAt.Compare(b.StartedAt) })
	return runs, err
}

func (p *Pipeline) mapRun(ctx context.Context, arn string) (MapRun, error) {
	found, err := p.sfn.DescribeMapRun(ctx, &sfn.DescribeMapRunInput{MapRunArn: &arn})
	if err != nil {
		return MapRun{}, explain(theMachine, err)
	}
	run := MapRun{
		ARN: arn, Status: string(found.Status), StartedAt: utc(found.StartDate), StoppedAt: utc(found.StopDate),
		Redrives: int(aws.ToInt32(found.RedriveCount)), MaxConcurrency: int(found.MaxConcurrency),
	}
	if items := found.ItemCounts; items != nil {
		run.Counts = MapCounts{
			Total: int(items.Total), Pending: int(items.Pending + aws.ToInt64(items.PendingRedrive)), Running: int(items.Running),
			Succeeded: int(items.Succeeded), Failed: int(items.Failed + items.TimedOut), Cancelled: int(items.Aborted),
		}
	}
	return run, nil
}
