package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"delfos/infra/local"
	"delfos/shared/awsconfig"
	"delfos/shared/partition"
	"delfos/shared/status"
)

// backfills steers the backfills of a stack through the AWS APIs.
type backfills struct {
	machine string
	client  *sfn.Client
	status  *status.Store
}

func backfillsOf(stack local.Descriptor) backfills {
	cfg := aws.Config{
		Region: stack.Region, BaseEndpoint: &stack.AWSEndpointURL, HTTPClient: awsconfig.HTTPClient(),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	}
	return backfills{
		machine: stack.StateMachineARN, client: sfn.NewFromConfig(cfg),
		status: status.New(dynamodb.NewFromConfig(cfg), status.Tables{
			Partitions: stack.PartitionsTable, Runs: stack.RunsTable, Backfills: stack.BackfillsTable,
		}),
	}
}

// start launches a backfill and returns its execution's ARN.
func (b backfills) start(t testing.TB, name string, request map[string]any) string {
	t.Helper()
	input, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	started, err := b.client.StartExecution(t.Context(), &sfn.StartExecutionInput{
		StateMachineArn: &b.machine, Name: &name, Input: aws.String(string(input)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return *started.ExecutionArn
}

func (b backfills) redrive(t testing.TB, execution string) {
	t.Helper()
	if _, err := b.client.RedriveExecution(t.Context(), &sfn.RedriveExecutionInput{ExecutionArn: &execution}); err != nil {
		t.Fatal(err)
	}
}

func (b backfills) stop(t testing.TB, execution string) {
	t.Helper()
	_, err := b.client.StopExecution(t.Context(), &sfn.StopExecutionInput{
		ExecutionArn: &execution, Error: aws.String("Test"), Cause: aws.String("stopped by a test"),
	})
	if err != nil {
		t.Fatal(err)
	}
}

// await returns the execution when it has ended, in whatever way.
func (b backfills) await(t testing.TB, execution string) *sfn.DescribeExecutionOutput {
	t.Helper()
	var last *sfn.DescribeExecutionOutput
	var failed error
	err := holdsWithin(t.Context(), 10*time.Minute, func() bool {
		last, failed = b.client.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: &execution})
		return failed != nil || last.Status != types.ExecutionStatusRunning
	})
	if failed != nil || err != nil {
		t.Fatalf("wait for %s: %v, %v", execution, failed, err)
	}
	return last
}

// succeeds expects the execution to end well, and returns its output.
func (b backfills) succeeds(t testing.TB, execution string) report {
	t.Helper()
	end := b.await(t, execution)
	if end.Status != types.ExecutionStatusSucceeded {
		t.Fatalf("%s is %s: %s: %s", execution, end.Status, aws.ToString(end.Error), aws.ToString(end.Cause))
	}
	var r report
	if err := json.Unmarshal([]byte(*end.Output), &r); err != nil {
		t.Fatalf("the output %s: %v", *end.Output, err)
	}
	return r
}

// report is a backfill's output.
type report struct {
	Counts       struct{ Planned, Materialized, Failed, Cancelled int }
	Materialized []partition.Key
}

// published counts the partitions of the range that a backfill has materialized.
func (b backfills) published(ctx context.Context, id string, first, last partition.Key) (int, error) {
	days, err := b.status.Partitions(ctx, asset, first, last)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, day := range days {
		if day.BackfillID == id && day.Attempt == status.AttemptSucceeded {
			n++
		}
	}
	return n, nil
}

// holdsWithin polls until the condition holds, for so long at most.
func holdsWithin(ctx context.Context, limit time.Duration, holds func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for !holds() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("not so within %s", limit)
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

// numberFrom is a number that CI sets higher than a quick check wants it.
func numberFrom(t testing.TB, variable string, otherwise int) int {
	t.Helper()
	given := os.Getenv(variable)
	if given == "" {
		return otherwise
	}
	n, err := strconv.Atoi(given)
	if err != nil || n < 1 {
		t.Fatalf("%s=%q: want a number above 0", variable, given)
	}
	return n
}
