package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	schedulertypes "github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"delfos/shared/partition"
	"delfos/shared/status"
)

func TestRunsInFlightOfAStoppedBackfillDoNotPublish(t *testing.T) {
	t.Parallel()
	const days, concurrency = 8, 3
	_, stack := startStack(t, "--seed-days", fmt.Sprint(days))
	b := backfillsOf(stack)
	first := partition.MustParseKey("2026-02-20")
	last := first.AddDays(days - 1)
	b.succeeds(t, b.start(t, "before", map[string]any{"to": last}))
	start, _ := day(first.String())
	_, end := day(last.String())
	before := target(t, stack.TargetDSN, start, end)

	if _, err := open(t, stack.SourceDSN).Exec(t.Context(), `UPDATE data SET power = power + 1`); err != nil {
		t.Fatal(err)
	}
	blocker := open(t, stack.TargetDSN)
	if _, err := blocker.Exec(t.Context(), `BEGIN; LOCK TABLE data IN ACCESS EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	execution := b.start(t, "stopped", map[string]any{"select": "all", "to": last, "max_concurrency": concurrency})
	await := func(what string, limit time.Duration, holds func([]status.Partition) bool) {
		t.Helper()
		var seen []status.Partition
		err := holdsWithin(t.Context(), limit, func() bool {
			var err error
			seen, err = b.status.Partitions(t.Context(), asset, first, last)
			return err == nil && holds(seen)
		})
		if err != nil {
			t.Fatalf("%s: %v; the status is %+v", what, err, seen)
		}
	}
	count := func(days []status.Partition, attempt status.AttemptState) (n int) {
		for _, d := range days {
			if d.BackfillID == "stopped" && d.Attempt == attempt {
				n++
			}
		}
		return n
	}
	await("runs wait for the target", within, func(days []status.Partition) bool {
		return count(days, status.AttemptRunning) == concurrency
	})

	b.stop(t, execution)
	if ended := b.await(t, execution); ended.Status != types.ExecutionStatusAborted {
		t.Errorf("the stopped execution is %s; want ABORTED", ended.Status)
	}
	await("the runs are cancelled, and the data is as good as before", within, func(days []status.Partition) bool {
		for _, d := range days {
			if d.Data != status.DataMaterialized {
				return false
			}
		}
		return count(days, status.AttemptCancelled) == concurrency
	})
	if _, err := blocker.Exec(t.Context(), `COMMIT`); err != nil {
		t.Fatal(err)
	}
	b.awaitRunsEnded(t, "stopped", concurrency)
	compare(t, target(t, stack.TargetDSN, start, end), before)

	b.redrive(t, execution)
	if r := b.succeeds(t, execution); r.Counts.Materialized != days {
		t.Errorf("after the redrive %d days are materialized; want %d", r.Counts.Materialized, days)
	}
	equalsOracle(t, stack.SourceDSN, stack.TargetDSN, first, last)
}

// awaitRunsEnded waits until so many runs of a backfill have recorded their end, all
// of them as cancelled.
func (b backfills) awaitRunsEnded(t testing.TB, id string, runs int) {
	t.Helper()
	var seen []status.Run
	err := holdsWithin(t.Context(), within, func() bool {
		page, err := b.status.Runs(t.Context(), asset, status.Page{Limit: 100})
		seen = nil
		ended := 0
		for _, run := range page.Runs {
			if run.BackfillID == id {
				seen = append(seen, run)
				if run.Outcome == status.OutcomeCancelled {
					ended++
				}
			}
		}
		return err == nil && ended == runs && len(seen) == runs
	})
	if err != nil {
		t.Fatalf("%d runs of %s are to be recorded as cancelled: %v; they are %+v", runs, id, err, seen)
	}
}

func TestASchedulesTickRunsTheDayThatHadEndedThenHoweverOftenItFires(t *testing.T) {
	t.Parallel()
	_, stack := startStack(t, "--seed-days", "2")
	client := scheduler.New(scheduler.Options{
		Region: stack.Region, BaseEndpoint: &stack.AWSEndpointURL,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
	day := partition.MustParseKey("2026-02-21")
	soon := time.Now().UTC().Add(2 * time.Second).Format("2006-01-02T15:04:05")
	for _, name := range []string{"tick", "the-same-tick"} {
		_, err := client.CreateSchedule(t.Context(), &scheduler.CreateScheduleInput{
			Name: &name, ScheduleExpression: aws.String("at(" + soon + ")"),
			FlexibleTimeWindow: &schedulertypes.FlexibleTimeWindow{Mode: schedulertypes.FlexibleTimeWindowModeOff},
			Target: &schedulertypes.Target{
				Arn:     aws.String("arn:aws:lambda:" + region + ":" + accountID + ":function:" + stack.Functions["EtlFunction"]),
				RoleArn: aws.String("arn:aws:iam::" + accountID + ":role/any"),
				Input:   aws.String(`{"scheduled_time": "2026-02-22T01:00:00Z"}`),
			},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	b := backfillsOf(stack)
	var found status.Partition
	err := holdsWithin(t.Context(), within, func() bool {
		var err error
		found, err = b.status.Partition(t.Context(), asset, day)
		return err == nil && found.Data == status.DataMaterialized
	})
	if err != nil {
		t.Fatalf("%s is to be materialized by the tick: %v; it is %+v", day, err, found)
	}
	runs, err := b.status.RunsOf(t.Context(), asset, day, status.Page{})
	if err != nil || len(runs.Runs) == 0 || runs.Runs[0].Trigger != status.TriggerSchedule {
		t.Errorf("the runs of %s are %+v, %v; want them to be the schedule's", day, runs.Runs, err)
	}
	equalsOracle(t, stack.SourceDSN, stack.TargetDSN, day, day)
}
