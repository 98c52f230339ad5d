package bench

import (
	"encoding/json"
	"strings"
	"testing"

	"delfos/infra/local/lambda"
)

// BenchmarkETLMemory publishes a day of 1-second data, 86,400 rows of two variables
// with all digits in five pages, by the etl's real process. It reports the most memory
// that the process has had resident by then (within 40 MB), after the first run, which
// is cold, and after all runs.
func BenchmarkETLMemory(b *testing.B) {
	_, sourcePool := seconds(b)
	targetDSN, _ := year(b)
	api := serveAPI(b, sourcePool)
	table := serveDynamoDB(b)
	functions := newLambda(b)
	register(b, functions, "etl", 512, etlEnvironment(api, targetDSN, table, "1s"))
	first, peak := runAndMeasure(b, functions), 0
	for b.Loop() {
		peak = runAndMeasure(b, functions)
	}
	b.ReportMetric(float64(first), "first-peak-MB")
	b.ReportMetric(float64(peak), "peak-MB")
}

// runAndMeasure runs the day and returns the peak memory, in whole MB, that Lambda's
// report has.
func runAndMeasure(b *testing.B, functions *lambda.Service) (peakMB int) {
	b.Helper()
	response, err := functions.Invoke(b.Context(), lambda.Request{
		Function: "etl", Payload: []byte(`{"partition":"` + day.String() + `"}`), LogTail: true,
	})
	if err != nil || response.FunctionError != "" {
		b.Fatalf("%v: %s", err, response.Payload)
	}
	for line := range strings.Lines(response.LogTail) {
		var event struct {
			Type   string
			Record struct {
				Metrics struct{ MaxMemoryUsedMB int }
			}
		}
		if json.Unmarshal([]byte(line), &event) == nil && event.Type == "platform.report" {
			return event.Record.Metrics.MaxMemoryUsedMB
		}
	}
	b.Fatalf("there is no platform.report in the log: %s", response.LogTail)
	return 0
}
