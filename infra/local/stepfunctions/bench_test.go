package stepfunctions

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// newBench opens a Service in real time.
func newBench(b *testing.B, invoker Invoker) *Service {
	b.Helper()
	service, err := Open(Options{Dir: b.TempDir(), Region: region, AccountID: account, Lambda: invoker})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := service.Close(context.Background()); err != nil {
			b.Error(err)
		}
	})
	return service
}

// runToEnd runs an execution, and checks that it succeeds.
func runToEnd(b *testing.B, s *Service, machine, input string) string {
	b.Helper()
	arn, _, err := s.StartExecution(machine, "", []byte(input))
	if err != nil {
		b.Fatal(err)
	}
	for {
		described, err := s.describeExecution(executionRequest{ExecutionARN: arn})
		if err != nil {
			b.Fatal(err)
		}
		switch described["status"] {
		case "RUNNING":
			time.Sleep(200 * time.Microsecond)
		case "SUCCEEDED":
			return arn
		default:
			b.Fatal(described)
		}
	}
}

// BenchmarkTransition is the engine's overhead a state: Pass and Choice in a loop.
func BenchmarkTransition(b *testing.B) {
	s := newBench(b, functions{})
	machine, err := s.PutStateMachine("loop", []byte(`{"StartAt": "Count", "States": {
		"Count": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, -1)"}, "Next": "More"},
		"More": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericGreaterThan": 0, "Next": "Count"}], "Default": "Done"},
		"Done": {"Type": "Succeed"}}}`), role)
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for left := b.N; left > 0; left -= 10_000 {
		runToEnd(b, s, machine, fmt.Sprintf(`{"n": %d}`, (min(left, 10_000)+1)/2))
	}
}

// BenchmarkDistributedMap is a Distributed Map of 10,000 items whose children do
// nothing, or call a function that does nothing.
func BenchmarkDistributedMap(b *testing.B) {
	const items = 10_000
	input := "[" + strings.TrimSuffix(strings.Repeat("1,", items), ",") + "]"
	for name, child := range map[string]string{
		"pass": `{"Type": "Pass", "End": true}`,
		"task": task(`"Payload.$": "$"`, `"End": true`),
	} {
		b.Run(name, func(b *testing.B) {
			s := newBench(b, functions{"f": func(_ context.Context, payload json.RawMessage) (any, error) { return payload, nil }})
			machine, err := s.PutStateMachine("map", []byte(`{"StartAt": "M", "States": {"M": {"Type": "Map", "MaxConcurrency": 100, "End": true,
				"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "C", "States": {"C": `+child+`}}}}}`), role)
			if err != nil {
				b.Fatal(err)
			}
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			b.ResetTimer()
			for b.Loop() {
				runToEnd(b, s, machine, input)
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			b.ReportMetric(items*float64(b.N)/b.Elapsed().Seconds(), "children/s")
			b.ReportMetric(float64(int64(after.HeapAlloc)-int64(before.HeapAlloc))/(1<<20)/float64(b.N), "MB-kept/op")
		})
	}
}

// BenchmarkOpen is opening what 50 executions of 1,000 children each have left.
func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	options := Options{Dir: dir, Region: region, AccountID: account, Lambda: functions{}}
	s, err := Open(options)
	if err != nil {
		b.Fatal(err)
	}
	machine, err := s.PutStateMachine("map", []byte(`{"StartAt": "M", "States": {"M": {"Type": "Map", "MaxConcurrency": 100, "End": true,
		"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "C", "States": {"C": {"Type": "Pass", "End": true}}}}}}`), role)
	if err != nil {
		b.Fatal(err)
	}
	for range 50 {
		runToEnd(b, s, machine, "["+strings.TrimSuffix(strings.Repeat("1,", 1000), ",")+"]")
	}
	if err := s.Close(b.Context()); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s, err := Open(options)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
