package pipelinetest

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"delfos/infra/local/scheduler"
	"delfos/infra/local/stepfunctions"
	"delfos/shared/backfill/track"
)

func (w *World) machineARN() string {
	return "arn:aws:states:" + Region + ":" + AccountID + ":stateMachine:delfos-backfill"
}

func functionARN(name string) string {
	return "arn:aws:lambda:" + Region + ":" + AccountID + ":function:" + name
}

// definition is the real one, with the functions' ARNs.
func definition(t testing.TB) []byte {
	t.Helper()
	_, here, _, _ := runtime.Caller(0) //nolint:dogsled // the other three say where in the file
	text, err := os.ReadFile(filepath.Join(filepath.Dir(here), "../../statemachine/backfill.asl.json"))
	if err != nil {
		t.Fatal(err)
	}
	for placeholder, name := range map[string]string{"PlanBackfill": Planner, "Etl": Etl, "ReportBackfill": Reporter} {
		text = bytes.ReplaceAll(text, []byte("${"+placeholder+"FunctionArn}"), []byte(functionARN(name)))
	}
	return text
}

func (w *World) openMachine(t testing.TB) {
	t.Helper()
	tracker := track.Handler(&track.Tracker{Asset: Asset, Status: w.Status, Now: w.Now, Logger: slog.New(slog.DiscardHandler)})
	var err error
	w.Machines, err = stepfunctions.Open(stepfunctions.Options{
		Dir: t.TempDir(), Region: Region, AccountID: AccountID, Lambda: w.functions, Logger: slog.New(slog.DiscardHandler),
		OnStatusChange: func(change stepfunctions.StatusChange) {
			event, err := json.Marshal(map[string]any{
				"source": "aws.states", "detail-type": "Step Functions Execution Status Change", "detail": change.Detail(),
			})
			if err == nil {
				err = tracker(context.Background(), event)
			}
			if err != nil {
				t.Errorf("the status change of %s is not tracked: %v", change.Name, err)
			}
			w.changes.tell(change.Name, change.Status)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	closes(t, func() error {
		w.functions.releaseAll()
		err := w.Machines.Close(context.Background())
		w.functions.running.Wait() // some go on without their callers
		return err
	})
	if _, err := w.Machines.PutStateMachine("delfos-backfill", definition(t), "arn:aws:iam::"+AccountID+":role/backfill"); err != nil {
		t.Fatal(err)
	}
}

// openSchedules declares the template's schedules. They do not fire by themselves.
func (w *World) openSchedules(t testing.TB) {
	t.Helper()
	var err error
	w.Schedules, err = scheduler.Open(scheduler.Options{
		Region: Region, AccountID: AccountID, Functions: w.functions, Queues: w.Queues, Logs: w.Logs, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	closes(t, w.Schedules.Close)
	age, retries := 7200, 20
	declare := func(name, text, target, input string) scheduler.Definition {
		return scheduler.Definition{
			Name: name, Description: "As the template has it.", ScheduleExpression: text, ScheduleExpressionTimezone: w.Calendar.Location().String(),
			FlexibleTimeWindow: scheduler.FlexibleTimeWindow{Mode: "OFF"},
			Target: scheduler.Target{
				Arn: target, RoleArn: "arn:aws:iam::" + AccountID + ":role/scheduler", Input: input,
				RetryPolicy:      &scheduler.RetryPolicy{MaximumEventAgeInSeconds: &age, MaximumRetryAttempts: &retries},
				DeadLetterConfig: &scheduler.DeadLetterConfig{Arn: "arn:aws:sqs:" + Region + ":" + AccountID + ":" + Queue},
			},
		}
	}
	err = w.Schedules.Declare(
		declare(Tick, "cron(0 1 * * ? *)", functionARN(Etl), `{"scheduled_time": "<aws.scheduler.scheduled-time>"}`),
		declare(Sweep, "cron(0 3 * * ? *)", w.machineARN(), `{"last_days": 30, "reason": "sweep"}`),
	)
	if err != nil {
		t.Fatal(err)
	}
}

// changes are the statuses that executions have come to.
type changes struct {
	mu    sync.Mutex
	seen  map[string][]string // by name
	heard chan struct{}       // closed at the next change
}

func newChanges() *changes { return &changes{seen: map[string][]string{}, heard: make(chan struct{})} }

func (c *changes) tell(name, status string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen[name] = append(c.seen[name], status)
	close(c.heard)
	c.heard = make(chan struct{})
}

// ended counts how often an execution has ended.
func (c *changes) ended(name string) (times int, last string, next <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, status := range c.seen[name] {
		if status != "RUNNING" {
			times, last = times+1, status
		}
	}
	return times, last, c.heard
}

// AwaitEnd waits until a backfill has ended so many times, each redrive one more, and
// its end is tracked. It returns Step Functions' word for the end.
func (w *World) AwaitEnd(t testing.TB, name string, times int) string {
	t.Helper()
	for {
		ended, last, next := w.changes.ended(name)
		if ended >= times {
			return last
		}
		select {
		case <-next:
		case <-t.Context().Done():
			t.Fatalf("backfill %s has not ended %d times", name, times)
		}
	}
}
