package pipeline

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"golang.org/x/sync/errgroup"

	"delfos/shared/status"
)

// BackfillGone is how a backfill stands whose record says that it runs, while Step
// Functions has no such execution: nobody can tell how it ended. No record says so.
const BackfillGone status.BackfillState = "gone"

// recall reads what the record of a backfill says whose execution Step Functions does not
// have, as 90 days after its end (Step Functions Developer Guide, "Quotas": execution
// history retention time).
func (p *Pipeline) recall(ctx context.Context, name string) (BackfillDetail, error) {
	record, err := p.status.Backfill(ctx, p.options.Asset, name)
	if _, none := errors.AsType[*status.BackfillNotFoundError](err); none {
		return BackfillDetail{}, noBackfill(name)
	}
	if err != nil {
		return BackfillDetail{}, explain(theStatus, err)
	}
	one := []Backfill{fromRecord(record)}
	if one[0].State == status.BackfillRunning {
		one[0].State = BackfillGone
	}
	b := BackfillDetail{Forgotten: true, ARN: p.executionARN(name)}
	if record.Failure != nil {
		b.Error, b.Cause = record.Failure.Type, record.Failure.Message
	}
	err = p.count(ctx, one)
	b.Backfill = one[0]
	return b, err
}

// recallable tells whether a backfill of which err says that there is none has a record
// nonetheless: nil where it has one.
func (p *Pipeline) recallable(ctx context.Context, name string, err error) error {
	if !isForgotten(name, err) {
		return err
	}
	_, err = p.recall(ctx, name)
	return err
}

// isForgotten tells whether an execution may have been, which is not there.
func isForgotten(name string, err error) bool {
	_, none := errors.AsType[*NotFoundError](err)
	return none && isName(name)
}

// mostDescribed is how many executions are asked for at once.
const mostDescribed = 4

// tellGone finds those that are recorded as running of which there is no execution.
// Those that the list of running executions has are not asked for.
func (p *Pipeline) tellGone(ctx context.Context, backfills []Backfill, running []types.ExecutionListItem) error {
	runs := map[string]bool{}
	for _, e := range running {
		runs[aws.ToString(e.Name)] = true
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(mostDescribed)
	for i := range backfills {
		b := &backfills[i]
		if b.State != status.BackfillRunning || runs[b.Name] {
			continue
		}
		group.Go(func() error {
			_, err := p.sfn.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: aws.String(p.executionARN(b.Name))})
			if err == nil {
				return nil
			}
			if err = explainBackfill(b.Name, err); !isForgotten(b.Name, err) {
				return err
			}
			b.State = BackfillGone
			return nil
		})
	}
	return group.Wait()
}
