package lambda_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"delfos/infra/local/lambda"
)

func TestParallelInvocationsUseAProcessEach(t *testing.T) {
	t.Parallel()
	const parallel = 8
	f, here := start(t, bootstrap()), meet(t)
	var later []<-chan lambda.Response
	for range parallel {
		later = append(later, f.background(t, event{Do: "hold", Address: here.address}))
	}
	var visitors []visitor
	var pids []int
	for range parallel { // all run before one is let go
		visitors = append(visitors, here.next(t))
		pids = append(pids, visitors[len(visitors)-1].pid)
	}
	slices.Sort(pids)
	if len(slices.Compact(pids)) != parallel {
		t.Errorf("processes %v", pids)
	}
	if stats := f.Stats()["it"]; stats.Busy != parallel || stats.Sandboxes != parallel {
		t.Errorf("%+v", stats)
	}
	for _, one := range visitors {
		one.letGo(t)
	}
	for _, one := range later {
		<-one
	}
}

func TestASandboxIsReusedTheLastOneFirst(t *testing.T) {
	t.Parallel()
	f, here := start(t, bootstrap()), meet(t)
	first := f.background(t, event{Do: "hold", Address: here.address})
	firstVisitor := here.next(t)
	second := f.background(t, event{Do: "hold", Address: here.address})
	secondVisitor := here.next(t)
	secondVisitor.letGo(t)
	<-second
	firstVisitor.letGo(t)
	<-first
	for range 5 {
		var pid int
		if err := json.Unmarshal(f.invoke(t, event{Do: "pid"}).Payload, &pid); err != nil || pid != firstVisitor.pid {
			t.Errorf("process %d, want %d, which was used last; %v", pid, firstVisitor.pid, err)
		}
	}
	if stats := f.Stats()["it"]; stats.Sandboxes != 2 || stats.Invocations != 7 {
		t.Errorf("%+v", stats)
	}
}

func TestInvocationsBeyondTheConcurrencyAreThrottled(t *testing.T) {
	t.Parallel()
	one, none := 1, 0
	tests := map[string]struct {
		reserved *int
		limit    int
		busy     bool
		reason   string
	}{
		"of the function":         {&one, 100, true, "ReservedFunctionConcurrentInvocationLimitExceeded"},
		"of a function without":   {&none, 100, false, "ReservedFunctionConcurrentInvocationLimitExceeded"},
		"of the account":          {nil, 1, true, "ConcurrentInvocationLimitExceeded"},
		"of the account's others": {nil, 3, true, "ConcurrentInvocationLimitExceeded"}, // two are reserved below
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			function, here := bootstrap(), meet(t)
			function.ReservedConcurrency = test.reserved
			f := start(t, function, func(o *lambda.Options) { o.MaxConcurrency = test.limit })
			if test.limit == 3 {
				other, two := bootstrap(), 2
				other.Name, other.ReservedConcurrency = "other", &two
				if err := f.Register(other); err != nil {
					t.Fatal(err)
				}
			}
			if test.busy {
				later := f.background(t, event{Do: "hold", Address: here.address})
				visitor := here.next(t)
				defer func() {
					visitor.letGo(t)
					<-later
					if again := f.invoke(t, event{Do: "echo"}); again.FunctionError != "" {
						t.Errorf("after the end: %s", again.Payload)
					}
				}()
			}
			_, err := f.Invoke(t.Context(), lambda.Request{Function: "it"})
			if refused := wantRefusal(t, err, "TooManyRequestsException", 429); refused.Fields["Reason"] != test.reason {
				t.Errorf("reason %v, want %s", refused.Fields["Reason"], test.reason)
			}
			if stats := f.Stats()["it"]; stats.Throttles != 1 {
				t.Errorf("%+v", stats)
			}
		})
	}
}

func TestAnIdleSandboxIsStopped(t *testing.T) {
	t.Parallel()
	here := meet(t)
	function := bootstrap()
	f := start(t, function, func(o *lambda.Options) { o.IdleTimeout = time.Millisecond })
	later := f.background(t, event{Do: "stay", Address: here.address})
	visitor := here.next(t)
	<-later
	visitor.awaitDeath(t)
}

func TestAProcessThatAFunctionLeavesBehindEndsWithItsSandbox(t *testing.T) {
	t.Parallel()
	f, here := start(t, bootstrap()), meet(t)
	later := f.background(t, event{Do: "orphan", Address: here.address})
	orphan := here.next(t)
	<-later
	if response := f.invoke(t, event{Do: "exit", Size: 1}); response.FunctionError == "" {
		t.Fatal("the function did not exit")
	}
	orphan.awaitDeath(t)
}

func TestRegisteringAgainReplacesTheSandboxes(t *testing.T) {
	t.Parallel()
	f, here := start(t, bootstrap()), meet(t)
	later := f.background(t, event{Do: "orphan", Address: here.address})
	orphan := here.next(t)
	<-later
	if err := f.Register(with(bootstrap(), "GENERATION", "2")); err != nil {
		t.Fatal(err)
	}
	orphan.awaitDeath(t)
	var list []string
	if err := json.Unmarshal(f.invoke(t, event{Do: "environment"}).Payload, &list); err != nil || !slices.Contains(list, "GENERATION=2") {
		t.Errorf("%v, %v", list, err)
	}
}

func TestCloseEndsEveryProcessAndAnswersEveryCaller(t *testing.T) {
	t.Parallel()
	f, here := start(t, bootstrap()), meet(t)
	var later []<-chan lambda.Response
	for range 4 {
		later = append(later, f.background(t, event{Do: "hang", Address: here.address}))
	}
	var visitors []visitor
	for range 4 {
		visitors = append(visitors, here.next(t))
	}
	f.invoke(t, event{Do: "echo"}) // one more, which is idle
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for _, one := range visitors {
		if err := syscall.Kill(one.pid, 0); err == nil {
			t.Errorf("process %d is there", one.pid)
		}
	}
	for _, one := range later {
		if response, ok := <-one; ok {
			t.Errorf("got a response: %s", response.Payload)
		}
	}
	if stats := f.Stats()["it"]; stats.Sandboxes != 0 || stats.Busy != 0 {
		t.Errorf("%+v", stats)
	}
	_, err := f.Invoke(t.Context(), lambda.Request{Function: "it"})
	wantRefusal(t, err, "ServiceException", 500)
}

func TestAFunctionDiesWithALambdaThatIsKilled(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux ties a process's life to its parent's")
	}
	here := meet(t)
	parent := exec.CommandContext(t.Context(), os.Args[0])
	parent.Env = append(os.Environ(), "PARENT_OF_A_FUNCTION="+here.address, "BOOTSTRAP="+filepath.Join(binaries, "bootstrap"))
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	visitor := here.next(t)
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // it was killed
	visitor.awaitDeath(t)
}

func TestAFunctionRunsAsTheGivenUser(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root may run processes as another user")
	}
	f := start(t, bootstrap(), func(o *lambda.Options) { o.Credential = &syscall.Credential{Uid: 65534, Gid: 65534} })
	if got := string(f.invoke(t, event{Do: "user"}).Payload); got != "65534" {
		t.Errorf("user %s", got)
	}
}

func BenchmarkWarmInvoke(b *testing.B) {
	f := start(b, bootstrap())
	for b.Loop() {
		if _, err := f.Invoke(b.Context(), lambda.Request{Function: "it", Payload: []byte(`"x"`)}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkColdInvoke(b *testing.B) {
	f := start(b, bootstrap())
	for b.Loop() {
		if err := f.Register(bootstrap()); err != nil {
			b.Fatal(err)
		}
		if _, err := f.Invoke(b.Context(), lambda.Request{Function: "it", Payload: []byte(`"x"`)}); err != nil {
			b.Fatal(err)
		}
	}
}
