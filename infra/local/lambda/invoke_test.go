package lambda_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/lambda"
)

func TestInvokeReturnsWhatTheFunctionAnswers(t *testing.T) {
	t.Parallel()
	f := start(t, bootstrap())
	for _, payload := range []string{`{"partition":"2026-02-26"}`, `[1,2]`, `"text"`, `null`, ` 1 `} {
		for _, name := range []string{"it", "arn:aws:lambda:eu-west-1:123456789012:function:it", "123456789012:function:it", "it:$LATEST"} {
			response, err := f.Invoke(t.Context(), lambda.Request{Function: name, Payload: []byte(payload)})
			if err != nil {
				t.Fatal(err)
			}
			if string(response.Payload) != strings.TrimSpace(payload) || response.FunctionError != "" || response.StatusCode != http.StatusOK {
				t.Errorf("%s of %s: %+v", payload, name, response)
			}
		}
	}
	response, err := f.Invoke(t.Context(), lambda.Request{Function: "it"})
	if err != nil || string(response.Payload) != "{}" {
		t.Errorf("no payload: %s, %v", response.Payload, err)
	}
}

func TestAFunctionErrorIsUnhandledAndCarriesTheRuntimesOwnPayload(t *testing.T) {
	t.Parallel()
	f := start(t, bootstrap())
	tests := map[string]struct {
		event             event
		errorType, inText string
	}{
		"an error":       {event{Do: "error", Text: "no such day"}, "errorString", "no such day"},
		"a typed error":  {event{Do: "typed error", Text: "too early"}, "PermanentError", "too early"},
		"a panic":        {event{Do: "panic", Text: "oh no"}, "string", "oh no"},
		"an exit":        {event{Do: "exit", Size: 1}, "Runtime.ExitError", "Error: Runtime exited with error: exit status 1"},
		"an exit with 0": {event{Do: "exit"}, "Runtime.ExitError", "Error: Runtime exited without providing a reason"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			response := f.invoke(t, test.event)
			var payload struct{ ErrorType, ErrorMessage string }
			if err := json.Unmarshal(response.Payload, &payload); err != nil {
				t.Fatal(err)
			}
			if response.FunctionError != "Unhandled" || response.StatusCode != http.StatusOK || payload.ErrorType != test.errorType || !strings.Contains(payload.ErrorMessage, test.inText) {
				t.Errorf("%+v, %s", response, response.Payload)
			}
			if strings.HasPrefix(test.errorType, "Runtime.") && !strings.HasPrefix(payload.ErrorMessage, "RequestId: "+response.RequestID+" Error: ") {
				t.Errorf("%s does not begin with the request id", payload.ErrorMessage)
			}
			if again := f.invoke(t, event{Do: "echo"}); again.FunctionError != "" {
				t.Errorf("the next invocation fails: %s", again.Payload)
			}
		})
	}
}

func TestASandboxThatIsKilledMidInvocationIsAnExitError(t *testing.T) {
	t.Parallel()
	f, here := start(t, bootstrap()), meet(t)
	later := f.background(t, event{Do: "hang", Address: here.address})
	if err := syscall.Kill(here.next(t).pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	response := <-later
	wantJSON(t, response.Payload, map[string]any{
		"errorType":    "Runtime.ExitError",
		"errorMessage": "RequestId: " + response.RequestID + " Error: Runtime exited with error: signal: killed",
	})
}

func TestASandboxThatIsKilledWhileIdleIsReplacedUnseen(t *testing.T) {
	t.Parallel()
	f := start(t, bootstrap())
	for range 20 {
		response := f.invoke(t, event{Do: "pid"})
		var pid int
		if err := json.Unmarshal(response.Payload, &pid); err != nil {
			t.Fatalf("%s: %v", response.Payload, err)
		}
		for syscall.Kill(pid, syscall.SIGKILL) == nil { // until it is no more
			runtime.Gosched()
		}
	}
	if stats := f.Stats()["it"]; stats.Invocations != 20 || stats.Errors != 0 || stats.Busy != 0 {
		t.Errorf("%+v", stats)
	}
}

func TestAFunctionBeyondItsTimeoutIsKilled(t *testing.T) {
	t.Parallel()
	function, here := bootstrap(), meet(t)
	function.Timeout = time.Second
	f := start(t, function)
	later := f.background(t, event{Do: "hang", Address: here.address})
	visitor := here.next(t)
	response := <-later
	visitor.awaitDeath(t)
	wantJSON(t, response.Payload, map[string]any{
		"errorType":    "Sandbox.Timedout",
		"errorMessage": "RequestId: " + response.RequestID + " Error: Task timed out after 1.00 seconds",
	})
	lines := f.log(t)
	report := lines[len(lines)-1]
	if report.Type != "platform.report" || report.Record.Status != "timeout" || report.Record.ErrorType != "Sandbox.Timedout" {
		t.Errorf("%+v", report)
	}
	if again := f.invoke(t, event{Do: "echo"}); again.FunctionError != "" {
		t.Errorf("the next invocation fails: %s", again.Payload)
	}
}

func TestAFunctionThatCannotStartSaysWhy(t *testing.T) {
	t.Parallel()
	notExecutable := filepath.Join(t.TempDir(), "bootstrap")
	if err := os.WriteFile(notExecutable, []byte("#!/bin/sh\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		function                lambda.Function
		errorType, errorMessage string
	}{
		"missing":        {lambda.Function{Name: "it", Command: []string{"/nowhere/bootstrap"}, Dir: "/"}, "Runtime.InvalidEntrypoint", "fork/exec /nowhere/bootstrap: no such file or directory"},
		"not executable": {lambda.Function{Name: "it", Command: []string{notExecutable}}, "Runtime.InvalidEntrypoint", "fork/exec " + notExecutable + ": permission denied"},
		"exits at once":  {with(bootstrap(), "INIT", "exit"), "Runtime.ExitError", "Runtime exited with error: exit status 3"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := start(t, test.function)
			response := f.invoke(t, event{Do: "echo"})
			wantJSON(t, response.Payload, map[string]any{
				"errorType": test.errorType, "errorMessage": "RequestId: " + response.RequestID + " Error: " + test.errorMessage,
			})
			if response.FunctionError != "Unhandled" {
				t.Errorf("FunctionError %q", response.FunctionError)
			}
			if stats := f.Stats()["it"]; stats.Errors != 1 || stats.Sandboxes != 0 {
				t.Errorf("%+v", stats)
			}
		})
	}
}

func TestAnInitErrorReachesTheCaller(t *testing.T) {
	t.Parallel()
	f := start(t, with(rawBootstrap(), "INIT", "error"))
	response := f.invoke(t, event{})
	wantJSON(t, response.Payload, map[string]any{"errorType": "Config.Missing", "errorMessage": "no table"})
	if diff := cmp.Diff([]string{"platform.initStart", "platform.initReport failure", "platform.start", "platform.report failure"}, summary(f.log(t))); diff != "" {
		t.Error(diff)
	}
}

func TestARequestThatCannotRunIsRefusedAsByAWS(t *testing.T) {
	t.Parallel()
	f := start(t, bootstrap())
	tooBig := []byte(`"` + strings.Repeat("x", 6_291_556) + `"`)
	tests := map[string]struct {
		request   lambda.Request
		errorType string
		status    int
	}{
		"unknown function":   {lambda.Request{Function: "other"}, "ResourceNotFoundException", 404},
		"another region":     {lambda.Request{Function: "arn:aws:lambda:us-east-1:123456789012:function:it"}, "ResourceNotFoundException", 404},
		"another account":    {lambda.Request{Function: "000000000000:function:it"}, "ResourceNotFoundException", 404},
		"no name":            {lambda.Request{Function: "a b"}, "ValidationException", 400},
		"another ARN":        {lambda.Request{Function: "arn:aws:s3:::bucket"}, "ValidationException", 400},
		"an alias":           {lambda.Request{Function: "it:PROD"}, "ResourceNotFoundException", 404},
		"a version":          {lambda.Request{Function: "it", Qualifier: "7"}, "ResourceNotFoundException", 404},
		"two qualifiers":     {lambda.Request{Function: "it:$LATEST", Qualifier: "7"}, "InvalidParameterValueException", 400},
		"not JSON":           {lambda.Request{Function: "it", Payload: []byte("{")}, "InvalidRequestContentException", 400},
		"over 6 MB":          {lambda.Request{Function: "it", Payload: tooBig}, "RequestTooLargeException", 413},
		"an Event over 1 MB": {lambda.Request{Function: "it", Type: lambda.Event, Payload: tooBig[:2<<20]}, "RequestTooLargeException", 413},
		"unknown type":       {lambda.Request{Function: "it", Type: "Later"}, "InvalidParameterValueException", 400},
		"client context":     {lambda.Request{Function: "it", ClientContext: []byte("{")}, "InvalidRequestContentException", 400},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := f.Invoke(t.Context(), test.request)
			wantRefusal(t, err, test.errorType, test.status)
		})
	}
}

func TestPayloadsUpToSixMegabytesGoThrough(t *testing.T) {
	t.Parallel()
	f := start(t, bootstrap())
	payload := []byte(`"` + strings.Repeat("x", 6_291_554) + `"`)
	response, err := f.Invoke(t.Context(), lambda.Request{Function: "it", Payload: payload})
	if err != nil || !bytes.Equal(response.Payload, payload) {
		t.Errorf("echo of %d bytes: %d bytes, %v", len(payload), len(response.Payload), err)
	}
	response = f.invoke(t, event{Do: "big", Size: 6_291_557})
	wantJSON(t, response.Payload, map[string]any{
		"errorType":    "Function.ResponseSizeTooLarge",
		"errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
	})
	if response.FunctionError != "Unhandled" {
		t.Errorf("FunctionError %q", response.FunctionError)
	}
}

func TestADryRunRunsNothing(t *testing.T) {
	t.Parallel()
	f := start(t, bootstrap())
	response, err := f.Invoke(t.Context(), lambda.Request{Function: "it", Type: lambda.DryRun})
	if err != nil || response.StatusCode != http.StatusNoContent || f.Stats()["it"].Sandboxes != 0 {
		t.Errorf("%+v, %v", response, err)
	}
}

func TestAFunctionGoesOnWhenItsCallerHasGone(t *testing.T) {
	t.Parallel()
	f, here := start(t, bootstrap()), meet(t)
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() {
		_, err := f.Invoke(ctx, lambda.Request{Function: "it", Payload: []byte(`{"Do":"hold","Address":"` + here.address + `"}`)})
		gone <- err
	}()
	visitor := here.next(t)
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	visitor.letGo(t)
	visitor.awaitDeath(t) // of the connection: the function has gone on and hung up
	if stats := f.Stats()["it"]; stats.Errors != 0 {
		t.Errorf("%+v", stats)
	}
}

func TestAFunctionSeesItsContext(t *testing.T) {
	t.Parallel()
	function := bootstrap()
	function.Timeout = time.Minute
	f := start(t, function)
	response, err := f.Invoke(t.Context(), lambda.Request{
		Function: "it", Payload: []byte(`{"Do":"context"}`), ClientContext: []byte(`{"custom":{"who":"test"}}`), TraceID: "Root=1-2-3",
	})
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(response.Payload, &got); err != nil {
		t.Fatal(err)
	}
	remaining, _ := got["remaining"].(float64)
	delete(got, "remaining")
	want := map[string]any{
		"request_id": response.RequestID, "arn": "arn:aws:lambda:eu-west-1:123456789012:function:it",
		"client": map[string]any{"who": "test"}, "trace": "Root=1-2-3",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if remaining < 30 || remaining > 60 {
		t.Errorf("%v s remain of 60", remaining)
	}
}

func TestAFunctionSeesLambdasVariablesAndItsOwnAndNoOthers(t *testing.T) {
	t.Parallel()
	function := with(bootstrap(), "TABLE", "partitions", "AWS_ACCESS_KEY_ID", "given")
	function.MemoryMB = 512
	response := start(t, function).invoke(t, event{Do: "environment"})
	var list []string
	if err := json.Unmarshal(response.Payload, &list); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, one := range list {
		name, value, _ := strings.Cut(one, "=")
		got[name] = value
	}
	for _, random := range []string{"AWS_LAMBDA_RUNTIME_API", "_X_AMZN_TRACE_ID"} {
		if got[random] == "" {
			t.Errorf("%s is not set", random)
		}
		delete(got, random)
	}
	want := map[string]string{
		"TABLE": "partitions", "AWS_ACCESS_KEY_ID": "given", "AWS_SECRET_ACCESS_KEY": "local", "AWS_SESSION_TOKEN": "local",
		"AWS_LAMBDA_FUNCTION_NAME": "it", "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
		"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand", "AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "INFO",
		"AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/it", "AWS_LAMBDA_LOG_STREAM_NAME": response.LogStream,
		"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1", "LAMBDA_TASK_ROOT": binaries, "_HANDLER": "bootstrap",
		"TZ": ":UTC", "LANG": "en_US.UTF-8", "PATH": "/usr/local/bin:/usr/bin:/bin:/opt/bin",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRegisterRefusesWhatLambdaWould(t *testing.T) {
	t.Parallel()
	f := start(t, bootstrap())
	number := func(n int) *int { return &n }
	tests := map[string]struct {
		change func(*lambda.Function)
		part   string
	}{
		"name":         {func(g *lambda.Function) { g.Name = "a b" }, "Name"},
		"command":      {func(g *lambda.Function) { g.Command = nil }, "Command"},
		"timeout":      {func(g *lambda.Function) { g.Timeout = 16 * time.Minute }, "Timeout 16m0s"},
		"memory":       {func(g *lambda.Function) { g.MemoryMB = 64 }, "MemoryMB 64"},
		"concurrency":  {func(g *lambda.Function) { g.ReservedConcurrency = number(-1) }, "ReservedConcurrency -1"},
		"over account": {func(g *lambda.Function) { g.ReservedConcurrency = number(101) }, "ReservedConcurrency 101"},
		"architecture": {func(g *lambda.Function) { g.Architecture = "mips" }, "mips"},
		"retries":      {func(g *lambda.Function) { g.AsyncRetries = number(3) }, "AsyncRetries 3"},
		"reserved":     {func(g *lambda.Function) { g.Environment = map[string]string{"AWS_REGION": "x"} }, "AWS_REGION is reserved"},
		"variable":     {func(g *lambda.Function) { g.Environment = map[string]string{"a=b": "x"} }, "a=b"},
		"log group":    {func(g *lambda.Function) { g.LogGroup = "a b" }, "log group"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			function := bootstrap()
			test.change(&function)
			if err := f.Register(function); err == nil || !strings.Contains(err.Error(), test.part) {
				t.Errorf("got %v, want %q in it", err, test.part)
			}
		})
	}
}

func TestTheRuntimeAPIRefusesWhatARuntimeMustNotDo(t *testing.T) {
	t.Parallel()
	f := start(t, rawBootstrap())
	refusals := map[string]string{
		"wrong id":     "InvalidRequestID",
		"next again":   "InvalidStateTransition",
		"streaming":    "InvalidResponseMode",
		"neighbour":    "Forbidden",
		"unknown path": "UnknownOperation",
	}
	for misdeed, errorType := range refusals {
		response, err := f.Invoke(t.Context(), lambda.Request{Function: "it", Payload: fmt.Appendf(nil, "%q", misdeed)})
		var refused struct{ ErrorType string }
		if err != nil || json.Unmarshal(response.Payload, &refused) != nil || refused.ErrorType != errorType {
			t.Errorf("%s: %s, %v; want %s", misdeed, response.Payload, err, errorType)
		}
	}
	response, err := f.Invoke(t.Context(), lambda.Request{Function: "it", Payload: []byte(`"twice"`)})
	if err != nil || string(response.Payload) != "1" {
		t.Errorf("the first answer does not count: %s, %v", response.Payload, err)
	}
}

func TestAnAnswerCountsThoughTheProcessEndsBehindIt(t *testing.T) {
	t.Parallel()
	f := start(t, rawBootstrap())
	response, err := f.Invoke(t.Context(), lambda.Request{Function: "it", Payload: []byte(`"answer and exit"`)})
	if err != nil || string(response.Payload) != `"answered"` || response.FunctionError != "" {
		t.Errorf("%+v %s, %v", response, response.Payload, err)
	}
	if stats := f.Stats()["it"]; stats.Sandboxes != 0 {
		t.Errorf("%+v", stats)
	}
}

func with(function lambda.Function, pairs ...string) lambda.Function {
	function.Environment = map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		function.Environment[pairs[i]] = pairs[i+1]
	}
	return function
}
