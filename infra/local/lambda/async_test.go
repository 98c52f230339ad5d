package lambda_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/lambda"
)

// patience is a clock for retries: it lets each wait be seen, and be over at once.
type patience chan time.Duration

func (p patience) after(d time.Duration) <-chan time.Time {
	p <- d
	over := make(chan time.Time, 1)
	over <- time.Time{}
	return over
}

func TestAnEventThatFailsIsRetriedTwiceAndThenGivenUp(t *testing.T) {
	t.Parallel()
	waits, failures, log := make(patience, 10), make(chan lambda.AsyncFailure, 1), &synchronized{}
	f := start(t, bootstrap(), func(o *lambda.Options) {
		o.After, o.OnAsyncFailure = waits.after, func(failure lambda.AsyncFailure) { failures <- failure }
		o.Logger = slog.New(slog.NewTextHandler(log, nil))
	})
	response, err := f.Invoke(t.Context(), lambda.Request{Function: "it", Type: lambda.Event, Payload: []byte(`{"Do":"error","Text":"no"}`)})
	if err != nil || response.StatusCode != http.StatusAccepted || len(response.Payload) != 0 {
		t.Fatalf("%+v, %v", response, err)
	}
	failure := <-failures
	close(waits)
	var waited []time.Duration
	for d := range waits {
		waited = append(waited, d)
	}
	if diff := cmp.Diff([]time.Duration{time.Minute, 2 * time.Minute}, waited); diff != "" {
		t.Error(diff)
	}
	if failure.RequestID != response.RequestID || failure.Attempts != 3 || failure.Condition != "RetriesExhausted" ||
		failure.Function != "it" || !strings.Contains(string(failure.Response.Payload), "no") {
		t.Errorf("%+v", failure)
	}
	if !strings.Contains(log.String(), failure.RequestID) {
		t.Errorf("the failure is not logged: %s", log)
	}
	for _, one := range f.log(t) {
		if one.Record.RequestID != "" && one.Record.RequestID != response.RequestID {
			t.Errorf("a retry has another request id: %+v", one)
		}
	}
}

func TestAnEventWithoutRetriesIsGivenUpAtOnce(t *testing.T) {
	t.Parallel()
	failures, none, function := make(chan lambda.AsyncFailure, 1), 0, bootstrap()
	function.AsyncRetries = &none
	f := start(t, function, func(o *lambda.Options) {
		o.OnAsyncFailure = func(failure lambda.AsyncFailure) { failures <- failure }
	})
	if _, err := f.Invoke(t.Context(), lambda.Request{Function: "it", Type: lambda.Event, Payload: []byte(`{"Do":"exit","Size":1}`)}); err != nil {
		t.Fatal(err)
	}
	if failure := <-failures; failure.Attempts != 1 {
		t.Errorf("%+v", failure)
	}
}

func TestAThrottledEventWaitsForItsTurn(t *testing.T) {
	t.Parallel()
	waits, one, function, here := make(patience), 1, bootstrap(), meet(t)
	function.ReservedConcurrency = &one
	f := start(t, function, func(o *lambda.Options) { o.After = waits.after })
	later := f.background(t, event{Do: "hold", Address: here.address})
	visitor := here.next(t)
	payload := []byte(`{"Do":"hold","Address":"` + here.address + `"}`)
	if _, err := f.Invoke(t.Context(), lambda.Request{Function: "it", Type: lambda.Event, Payload: payload}); err != nil {
		t.Fatal(err)
	}
	var waited []time.Duration
	for range 10 {
		waited = append(waited, <-waits)
	}
	var want []time.Duration
	for _, seconds := range []int{1, 2, 4, 8, 16, 32, 64, 128, 256, 300} {
		want = append(want, time.Duration(seconds)*time.Second)
	}
	if diff := cmp.Diff(want, waited); diff != "" {
		t.Error(diff)
	}
	visitor.letGo(t)
	<-later
	go func() {
		for range waits { // it may have been refused once more
		}
	}()
	here.next(t).letGo(t)
}

func TestAThrottledEventIsGivenUpAfterSixHours(t *testing.T) {
	t.Parallel()
	failures, none, function := make(chan lambda.AsyncFailure, 1), 0, bootstrap()
	function.ReservedConcurrency = &none
	now := make(chan time.Time, 1)
	now <- time.Date(2026, 2, 26, 0, 0, 0, 0, time.UTC)
	f := start(t, function, func(o *lambda.Options) {
		o.Now = func() time.Time {
			t := <-now
			now <- t
			return t
		}
		o.After = func(d time.Duration) <-chan time.Time {
			now <- (<-now).Add(d)
			return time.After(0)
		}
		o.OnAsyncFailure = func(failure lambda.AsyncFailure) { failures <- failure }
	})
	if _, err := f.Invoke(t.Context(), lambda.Request{Function: "it", Type: lambda.Event}); err != nil {
		t.Fatal(err)
	}
	if failure := <-failures; failure.Condition != "EventAgeExceeded" || failure.Attempts != 0 {
		t.Errorf("%+v", failure)
	}
}

func TestCloseDropsAWaitingRetryAndSaysSo(t *testing.T) {
	t.Parallel()
	waiting, log := make(chan struct{}), &synchronized{}
	f := start(t, bootstrap(), func(o *lambda.Options) {
		o.After = func(time.Duration) <-chan time.Time {
			close(waiting)
			return nil
		}
		o.Logger = slog.New(slog.NewTextHandler(log, nil))
	})
	response, err := f.Invoke(t.Context(), lambda.Request{Function: "it", Type: lambda.Event, Payload: []byte(`{"Do":"error"}`)})
	if err != nil {
		t.Fatal(err)
	}
	<-waiting
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "dropped") || !strings.Contains(log.String(), response.RequestID) {
		t.Errorf("log: %s", log)
	}
}
