package bench

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"delfos/infra/local"
	"delfos/shared/partition"
)

// BenchmarkYearsBackfill materializes a year of days, all of them each time: the etl
// invoked for one after the other, and backfills of the state machine at
// concurrency 1, 4 and 8. All of it is the whole stack, at its AWS endpoint.
func BenchmarkYearsBackfill(b *testing.B) {
	const days = 365
	last := partition.NewKey(time.Now().UTC()).AddDays(-1)
	first := last.AddDays(1 - days)
	stack, err := local.Start(b.Context(), local.Options{
		Ephemeral: true, SeedDays: days, Parameters: map[string]string{"FirstPartition": first.String()},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := stack.Close(context.Background()); err != nil {
			b.Error(err)
		}
	})
	year := newYearOf(stack.Descriptor(), partition.Days(first, last))
	sides := []*side{{name: "calls", do: func() error { return year.oneByOne(b.Context()) }}}
	for _, concurrency := range []int{1, 4, 8} {
		sides = append(sides, &side{
			name: fmt.Sprintf("backfill-%d", concurrency),
			do:   func() error { return year.backfill(b.Context(), concurrency) },
		})
	}
	inTurnsAfter(b, 0, sides...) // the first call of all pays for the functions' start, once in 365
}

// yearOf runs days in a stack.
type yearOf struct {
	stack  local.Descriptor
	days   []partition.Key
	lambda *awslambda.Client
	sfn    *sfn.Client
	rounds int
}

func newYearOf(stack local.Descriptor, days []partition.Key) *yearOf {
	cfg := aws.Config{
		Region: stack.Region, BaseEndpoint: &stack.AWSEndpointURL,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	}
	return &yearOf{stack: stack, days: days, lambda: awslambda.NewFromConfig(cfg), sfn: sfn.NewFromConfig(cfg)}
}

func (y *yearOf) oneByOne(ctx context.Context) error {
	for _, day := range y.days {
		answer, err := y.lambda.Invoke(ctx, &awslambda.InvokeInput{
			FunctionName: aws.String(y.stack.Functions["EtlFunction"]),
			Payload:      fmt.Appendf(nil, `{"partition":%q}`, day),
		})
		if err != nil {
			return err
		}
		if answer.FunctionError != nil {
			return fmt.Errorf("%s: %s", day, answer.Payload)
		}
	}
	return nil
}

func (y *yearOf) backfill(ctx context.Context, concurrency int) error {
	y.rounds++
	started, err := y.sfn.StartExecution(ctx, &sfn.StartExecutionInput{
		StateMachineArn: &y.stack.StateMachineARN, Name: aws.String(fmt.Sprintf("bench-%d", y.rounds)),
		Input: aws.String(fmt.Sprintf(`{"select":"all","max_concurrency":%d}`, concurrency)),
	})
	if err != nil {
		return err
	}
	for {
		now, err := y.sfn.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: started.ExecutionArn})
		switch {
		case err != nil:
			return err
		case now.Status == types.ExecutionStatusSucceeded:
			return nil
		case now.Status != types.ExecutionStatusRunning:
			return fmt.Errorf("%s: %s: %s", now.Status, aws.ToString(now.Error), aws.ToString(now.Cause))
		}
		time.Sleep(20 * time.Millisecond) // of some seconds
	}
}
