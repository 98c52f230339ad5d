package stepfunctions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"delfos/infra/local/awsjson"
	"delfos/infra/local/lambda"
)

const (
	region  = "us-east-1"
	account = "000000000000"
	role    = "arn:aws:iam::000000000000:role/machine"
)

// functions are Lambda's, by name.
type functions map[string]func(ctx context.Context, payload json.RawMessage) (any, error)

// functionError is what a function reports.
type functionError struct{ Type, Message string }

func (e functionError) Error() string { return e.Type + ": " + e.Message }

func (f functions) Invoke(ctx context.Context, request lambda.Request) (lambda.Response, error) {
	function := f[request.Function]
	if function == nil {
		return lambda.Response{}, &awsjson.Error{Type: "ResourceNotFoundException", Status: 404, Message: "Function not found: " + request.Function}
	}
	answer, err := function(ctx, request.Payload)
	var reported functionError
	switch {
	case errors.As(err, &reported):
		payload, _ := json.Marshal(map[string]string{"errorMessage": reported.Message, "errorType": reported.Type})
		return lambda.Response{StatusCode: 200, Payload: payload, FunctionError: "Unhandled", RequestID: "request"}, nil
	case err != nil:
		return lambda.Response{}, err
	}
	payload, err := json.Marshal(answer)
	return lambda.Response{StatusCode: 200, Payload: payload, RequestID: "request"}, err
}

// world is a Service with what it reports.
type world struct {
	t *testing.T
	*Service

	mu      sync.Mutex
	changes []StatusChange
}

func (w *world) heard() []StatusChange {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]StatusChange(nil), w.changes...)
}

func openWorld(t *testing.T, dir string, invoker Invoker) *world {
	t.Helper()
	w := &world{t: t}
	ids := 0
	var mu sync.Mutex
	service, err := Open(Options{
		Dir: dir, Region: region, AccountID: account, Lambda: invoker,
		NewID: func() string {
			mu.Lock()
			defer mu.Unlock()
			ids++
			return fmt.Sprintf("00000000-0000-0000-%04d-%012d", time.Now().UnixMilli()%9973, ids)
		},
		Random: func() float64 { return 0.5 },
		OnStatusChange: func(change StatusChange) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.changes = append(w.changes, change)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Service = service
	return w
}

func (w *world) close() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := w.Close(ctx); err != nil {
		w.t.Error(err)
	}
}

// call does an operation with a request of members and values.
func (w *world) call(operation string, request ...any) map[string]any {
	w.t.Helper()
	answer, err := w.try(operation, request...)
	if err != nil {
		w.t.Fatalf("%s: %v", operation, err)
	}
	return answer
}

func (w *world) try(operation string, request ...any) (map[string]any, error) {
	w.t.Helper()
	members := map[string]any{}
	for i := 0; i < len(request); i += 2 {
		members[request[i].(string)] = request[i+1]
	}
	body, err := json.Marshal(members)
	if err != nil {
		w.t.Fatal(err)
	}
	answer, err := w.Call(w.t.Context(), operation, body)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(answer)
	if err != nil {
		w.t.Fatal(err)
	}
	var read map[string]any
	if err := json.Unmarshal(text, &read); err != nil {
		w.t.Fatal(err)
	}
	return read, nil
}

// machine puts a definition and gives its ARN.
func (w *world) machine(name, definition string) string {
	w.t.Helper()
	arn, err := w.PutStateMachine(name, []byte(definition), role)
	if err != nil {
		w.t.Fatal(err)
	}
	return arn
}

// start starts an execution of a definition.
func (w *world) start(definition, name, input string) string {
	w.t.Helper()
	arn, _, err := w.StartExecution(w.machine("machine", definition), name, []byte(input))
	if err != nil {
		w.t.Fatal(err)
	}
	return arn
}

// ending waits until the execution has ended and describes it.
func (w *world) ending(arn string) map[string]any {
	w.t.Helper()
	for range 1_000_000 {
		described := w.call("DescribeExecution", "executionArn", arn)
		if described["status"] != "RUNNING" {
			return described
		}
		time.Sleep(time.Second) // of the bubble's time
	}
	w.t.Fatal("the execution does not end")
	return nil
}

// types are the types of an execution's events.
func (w *world) types(arn string) []string {
	w.t.Helper()
	var types []string
	for _, event := range w.events(arn) {
		types = append(types, event["type"].(string))
	}
	return types
}

func (w *world) events(arn string) []map[string]any {
	w.t.Helper()
	var all []map[string]any
	var token any = ""
	for token != nil {
		page := w.call("GetExecutionHistory", "executionArn", arn, "nextToken", token, "maxResults", 1000)
		for _, event := range page["events"].([]any) {
			all = append(all, event.(map[string]any))
		}
		token = page["nextToken"]
	}
	return all
}

// inBubble runs a test in virtual time.
func inBubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, test)
}

func decodeJSON(t *testing.T, text any) any {
	t.Helper()
	said, ok := text.(string)
	if !ok {
		return nil
	}
	var value any
	if err := json.Unmarshal([]byte(said), &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// casesDir is where the recorded cases are: beside the repository.
func casesDir(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "..", "shared", "asl-cases")
		}
		if parent := filepath.Dir(dir); parent != dir {
			dir = parent
			continue
		}
		t.Fatal("no go.mod above")
	}
}
