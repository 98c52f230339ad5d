package statemachine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"delfos/infra/local/lambda"
	"delfos/infra/local/stepfunctions"
	"delfos/shared/backfill"
	"delfos/shared/partition"
)

// pipeline stands for the three functions; virtual time makes its retries quick.
type pipeline struct {
	mu      sync.Mutex
	planned []partition.Key
	fail    func(key string, attempt int) string // the error type of an attempt; "" is success
	tried   map[string]int
	done    map[string]bool
}

// Invoke runs a function by its name.
func (p *pipeline) Invoke(_ context.Context, request lambda.Request) (lambda.Response, error) {
	var event struct {
		Partition    string
		Attempt      int
		Partitions   []string
		RedriveCount int `json:"redrive_count"`
		TriedAt      int `json:"tried_at"`
	}
	if err := json.Unmarshal(request.Payload, &event); err != nil {
		return lambda.Response{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch request.Function[strings.LastIndex(request.Function, ":")+1:] {
	case "PlanBackfill":
		return answer(map[string]any{"partitions": p.planned, "max_concurrency": 4})
	case "Etl":
		p.tried[event.Partition]++
		if errorType := p.fail(event.Partition, event.Attempt); errorType != "" {
			return failure(errorType)
		}
		p.done[event.Partition] = true
		return answer(map[string]any{"partition": event.Partition, "rows_written": 1152})
	default:
		again := []string{}
		for _, key := range event.Partitions {
			if !p.done[key] {
				again = append(again, key)
			}
		}
		if len(again) > 0 && event.RedriveCount == event.TriedAt {
			return failure("PartitionsFailed")
		}
		return answer(map[string]any{"materialized": len(p.done), "again": again})
	}
}

func answer(value any) (lambda.Response, error) {
	payload, err := json.Marshal(value)
	return lambda.Response{StatusCode: 200, Payload: payload, RequestID: "request"}, err
}

func failure(errorType string) (lambda.Response, error) {
	payload, err := json.Marshal(map[string]string{"errorType": errorType, "errorMessage": "as the test wants it"})
	return lambda.Response{StatusCode: 200, Payload: payload, FunctionError: "Unhandled", RequestID: "request"}, err
}

// world runs the definition over a pipeline of so many days.
type world struct {
	*pipeline
	*stepfunctions.Service
	execution string
}

func newWorld(t *testing.T, days int, fail func(key string, attempt int) string) *world {
	t.Helper()
	first := partition.MustParseKey("2000-01-01")
	p := &pipeline{fail: fail, tried: map[string]int{}, done: map[string]bool{}}
	if days > 0 {
		p.planned = partition.Days(first, first.AddDays(days-1))
	}
	service, err := stepfunctions.Open(stepfunctions.Options{Dir: t.TempDir(), Region: "us-east-1", AccountID: "000000000000", Lambda: p})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := service.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	machine, err := service.PutStateMachine("backfill", substituted(t), "arn:aws:iam::000000000000:role/any")
	if err != nil {
		t.Fatal(err)
	}
	execution, _, err := service.StartExecution(machine, "test", []byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	return &world{p, service, execution}
}

func (w *world) call(t *testing.T, operation string) map[string]any {
	t.Helper()
	answer, err := w.Call(t.Context(), operation, fmt.Appendf(nil, `{"executionArn":%q}`, w.execution))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	var read map[string]any
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	return read
}

func (w *world) ends(t *testing.T, as string) map[string]any {
	t.Helper()
	for range 10_000 {
		described := w.call(t, "DescribeExecution")
		if described["status"] == "RUNNING" {
			time.Sleep(time.Second) // of the bubble's time
			continue
		}
		if described["status"] != as {
			t.Fatalf("the execution has ended as %v; want %s", described, as)
		}
		return described
	}
	t.Fatal("the execution does not end")
	return nil
}

func never(string, int) string { return "" }

func TestAnExecutionWithNothingToDoSucceeds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0, never)
		if output := w.ends(t, "SUCCEEDED")["output"]; !strings.Contains(output.(string), `"planned":0`) {
			t.Errorf("the output is %s", output)
		}
	})
}

func TestPermanentErrorsAreTriedOnceAndTheOthersUntilTheyPass(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		kinds := map[string]string{"2000-01-02": "EmptyPartition", "2000-01-03": "SourceUnavailable", "2000-01-04": "PartitionBusy"}
		w := newWorld(t, 5, func(key string, attempt int) string {
			if attempt >= 3 && key != "2000-01-02" {
				return ""
			}
			return kinds[key]
		})
		ended := w.ends(t, "FAILED")
		if ended["error"] != "PartitionsFailed" {
			t.Errorf("the execution failed of %v: %v", ended["error"], ended["cause"])
		}
		for key, tries := range map[string]int{"2000-01-01": 1, "2000-01-02": 1, "2000-01-03": 3, "2000-01-04": 3, "2000-01-05": 1} {
			if w.tried[key] != tries {
				t.Errorf("%s was tried %d times; want %d", key, w.tried[key], tries)
			}
		}
	})
}

func TestARedriveRunsJustWhatFailedAndFailsAgainIfThatDoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		broken := true
		w := newWorld(t, 6, func(key string, _ int) string {
			if broken && key >= "2000-01-05" {
				return "InvalidSourceData"
			}
			return ""
		})
		w.ends(t, "FAILED")
		w.call(t, "RedriveExecution")
		w.ends(t, "FAILED")
		broken = false
		w.call(t, "RedriveExecution")
		w.ends(t, "SUCCEEDED")
		for key, tries := range map[string]int{"2000-01-01": 1, "2000-01-04": 1, "2000-01-05": 3, "2000-01-06": 3} {
			if w.tried[key] != tries {
				t.Errorf("%s was tried %d times; want %d", key, w.tried[key], tries)
			}
		}
	})
}

func TestTheLongestPlanIsReportedHoweverManyOfItFail(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		broken := true
		w := newWorld(t, backfill.MaxDays, func(string, int) string {
			if broken {
				return "EmptyPartition"
			}
			return ""
		})
		if ended := w.ends(t, "FAILED"); ended["error"] != "PartitionsFailed" {
			t.Fatalf("the execution failed of %v: %v", ended["error"], ended["cause"])
		}
		broken = false
		w.call(t, "RedriveExecution")
		w.ends(t, "SUCCEEDED")
		if len(w.done) != backfill.MaxDays {
			t.Errorf("%d days are done; want %d", len(w.done), backfill.MaxDays)
		}
	})
}
