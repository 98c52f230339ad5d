package stepfunctions

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/lambda"
)

type recordedCase struct {
	Features   []string        `json:"features"`
	Definition json.RawMessage `json:"definition"`
	Input      json.RawMessage `json:"input"`
	Tasks      []struct {
		Result map[string]any `json:"result"`
		Error  string         `json:"error"`
	} `json:"tasks"`
	Expect struct {
		Status string   `json:"status"`
		Output any      `json:"output"`
		Error  any      `json:"error"`
		Cause  any      `json:"cause"`
		Events []string `json:"events"`
	} `json:"expect"`
}

// recordedTasks answers as Lambda did when the case was recorded.
type recordedTasks struct {
	mu   sync.Mutex
	rest recordedCase
}

func (r *recordedTasks) Invoke(ctx context.Context, _ lambda.Request) (lambda.Response, error) {
	r.mu.Lock()
	next := r.rest.Tasks[0]
	r.rest.Tasks = r.rest.Tasks[1:]
	r.mu.Unlock()
	if next.Error == "States.Timeout" {
		select {
		case <-time.After(time.Hour):
		case <-ctx.Done():
		}
		return lambda.Response{}, context.Cause(ctx)
	}
	payload, err := json.Marshal(next.Result["Payload"])
	return lambda.Response{StatusCode: 200, Payload: payload, RequestID: "request"}, err
}

func TestRecordedExecutionsComeOutAsOnAWS(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(casesDir(t), "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("SKIPPED: no recorded cases beside the repository (../shared/asl-cases): nothing is compared with AWS")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var recorded recordedCase
			if err := json.Unmarshal(text, &recorded); err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			inBubble(t, func(t *testing.T) { replay(t, dir, recorded) })
		})
	}
}

func replay(t *testing.T, dir string, recorded recordedCase) {
	t.Helper()
	w := openWorld(t, dir, &recordedTasks{rest: recorded})
	defer w.close()
	arn := w.start(string(recorded.Definition), "", string(recorded.Input))
	end := w.ending(arn)
	got := map[string]any{
		"status": end["status"], "error": end["error"], "cause": end["cause"],
		"output": unnamed(decodeJSON(t, end["output"])), "events": w.types(arn),
	}
	want := map[string]any{
		"status": recorded.Expect.Status, "error": recorded.Expect.Error, "cause": recorded.Expect.Cause,
		"output": unnamed(recorded.Expect.Output), "events": recorded.Expect.Events,
	}
	if !slices.Contains(recorded.Features, "MaxConcurrency") && slices.Contains(recorded.Features, "Map:inline") {
		slices.Sort(got["events"].([]string))
		slices.Sort(want["events"].([]string))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("(-want +got)\n" + diff)
	}
}

// unnamed takes the values out of a response's metadata that differ each time; the
// recording has placeholders there.
func unnamed(value any) any {
	switch value := value.(type) {
	case map[string]any:
		cleaned := map[string]any{}
		for name, member := range value {
			switch name {
			case "Date", "x-amzn-RequestId", "X-Amzn-Trace-Id", "RequestId", "Content-Length", "x-amzn-Remapped-Content-Length":
				cleaned[name] = name
			default:
				cleaned[name] = unnamed(member)
			}
		}
		return cleaned
	case []any:
		cleaned := make([]any, len(value))
		for i, item := range value {
			cleaned[i] = unnamed(item)
		}
		return cleaned
	}
	return value
}
