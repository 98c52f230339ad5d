package lambda_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"delfos/infra/local/lambda"
)

func in(dir string) func(*lambda.Options) { return func(o *lambda.Options) { o.Dir = dir } }

func TestAnEventThatALambdaLeftIsTakenUpByTheNext(t *testing.T) {
	t.Parallel()
	dir, waiting, failures := t.TempDir(), make(chan struct{}), make(chan lambda.AsyncFailure, 1)
	first := start(t, bootstrap(), in(dir), func(o *lambda.Options) {
		o.After = func(time.Duration) <-chan time.Time {
			close(waiting)
			return nil
		}
	})
	accepted, err := first.Invoke(t.Context(), lambda.Request{Function: "it", Type: lambda.Event, Payload: []byte(` {"Do":"error","Text":"<no>"}`)})
	if err != nil {
		t.Fatal(err)
	}
	<-waiting
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{1, 0} { // the third Lambda finds nothing left
		next := start(t, bootstrap(), in(dir), func(o *lambda.Options) {
			o.After = func(time.Duration) <-chan time.Time { return time.After(0) }
			o.OnAsyncFailure = func(failure lambda.AsyncFailure) { failures <- failure }
		})
		if resumed := next.Resume(); resumed != want {
			t.Errorf("%d events were left, want %d", resumed, want)
		}
		if want == 1 {
			failure := <-failures
			if failure.RequestID != accepted.RequestID || failure.Attempts != 3 || string(failure.Payload) != ` {"Do":"error","Text":"<no>"}` {
				t.Errorf("%+v", failure)
			}
		}
		if err := next.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnEventOfAFunctionThatIsGoneIsDroppedAndLogged(t *testing.T) {
	t.Parallel()
	dir, log, waiting := t.TempDir(), &synchronized{}, make(chan struct{})
	first := start(t, bootstrap(), in(dir), func(o *lambda.Options) {
		o.After = func(time.Duration) <-chan time.Time {
			close(waiting)
			return nil
		}
	})
	accepted, err := first.Invoke(t.Context(), lambda.Request{Function: "it", Type: lambda.Event, Payload: []byte(`{"Do":"error"}`)})
	if err != nil {
		t.Fatal(err)
	}
	<-waiting
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	other := bootstrap()
	other.Name = "another"
	next := start(t, other, in(dir), func(o *lambda.Options) { o.Logger = slog.New(slog.NewTextHandler(log, nil)) })
	if resumed := next.Resume(); resumed != 0 || !strings.Contains(log.String(), accepted.RequestID) {
		t.Errorf("%d resumed; log: %s", resumed, log)
	}
}

func TestTheJournalOfEventsStaysSmall(t *testing.T) {
	t.Parallel()
	dir, ended := t.TempDir(), make(chan struct{})
	const events = 1500
	f := start(t, bootstrap(), in(dir), func(o *lambda.Options) {
		o.OnAsyncFailure = func(lambda.AsyncFailure) { ended <- struct{}{} }
	})
	none, function := 0, bootstrap()
	function.AsyncRetries = &none
	if err := f.Register(function); err != nil {
		t.Fatal(err)
	}
	for i := range events {
		if _, err := f.Invoke(context.WithoutCancel(t.Context()), lambda.Request{Function: "it", Type: lambda.Event, Payload: fmt.Appendf(nil, `{"Do":"error","Size":%d}`, i)}); err != nil {
			t.Fatal(err)
		}
		<-ended
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	journal, err := os.ReadFile(filepath.Join(dir, "events.jsonl"))
	if lines := bytes.Count(journal, []byte("\n")); err != nil || lines > 1100 {
		t.Errorf("%d records, %v", lines, err)
	}
}
