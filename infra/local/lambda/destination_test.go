package lambda_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/lambda"
	"delfos/infra/local/logs"
)

const failureQueue = "arn:aws:sqs:eu-west-1:123456789012:failures"

// sent is what reached the destination.
type sent struct{ arn, record string }

func TestTheRecordOfAnEventThatIsGivenUpReachesItsDestination(t *testing.T) {
	t.Parallel()
	records, one, function := make(chan sent, 1), 1, bootstrap()
	function.OnFailureDestination, function.AsyncRetries = failureQueue, &one
	f := start(t, function, func(o *lambda.Options) {
		o.Now = func() time.Time { return time.Date(2026, 2, 26, 1, 2, 3, 4e6, time.UTC) }
		o.After = func(time.Duration) <-chan time.Time { return time.After(0) }
		o.NewID = func() string { return "11111111-2222-4333-8444-555555555555" }
		o.Destination = func(_ context.Context, arn string, record []byte) error {
			records <- sent{arn, string(record)}
			return nil
		}
	})
	if _, err := f.Invoke(t.Context(), lambda.Request{Function: "it", Type: lambda.Event, Payload: []byte(`{"Do":"error","Text":"no"}`)}); err != nil {
		t.Fatal(err)
	}
	want := sent{failureQueue, `{"version":"1.0","timestamp":"2026-02-26T01:02:03.004Z",` +
		`"requestContext":{"requestId":"11111111-2222-4333-8444-555555555555","functionArn":"arn:aws:lambda:eu-west-1:123456789012:function:it:$LATEST",` +
		`"condition":"RetriesExhausted","approximateInvokeCount":2},"requestPayload":{"Do":"error","Text":"no"},` +
		`"responseContext":{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"},` +
		`"responsePayload":{"errorMessage":"no","errorType":"errorString"}}`}
	if diff := cmp.Diff(want, <-records, cmp.AllowUnexported(sent{})); diff != "" {
		t.Error(diff)
	}
}

func TestARecordThatItsDestinationRefusesIsLogged(t *testing.T) {
	t.Parallel()
	log, none, function, asked := &synchronized{}, 0, bootstrap(), make(chan struct{})
	function.OnFailureDestination, function.AsyncRetries = failureQueue, &none
	f := start(t, function, func(o *lambda.Options) {
		o.Logger = slog.New(slog.NewTextHandler(log, nil))
		o.Destination = func(context.Context, string, []byte) error {
			close(asked)
			return errors.New("the queue is full")
		}
	})
	if _, err := f.Invoke(t.Context(), lambda.Request{Function: "it", Type: lambda.Event, Payload: []byte(`{"Do":"error"}`)}); err != nil {
		t.Fatal(err)
	}
	<-asked
	if err := f.Close(); err != nil { // it waits for the delivery
		t.Fatal(err)
	}
	if text := log.String(); !strings.Contains(text, "the queue is full") || !strings.Contains(text, failureQueue) {
		t.Errorf("log: %s", text)
	}
}

func TestADestinationThatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	store, err := logs.Open(logs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	service, err := lambda.New(lambda.Options{Region: "eu-west-1", AccountID: "123456789012", Logs: store, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = service.Close() })
	for _, arn := range []string{failureQueue, failureQueue + ".fifo", "arn:aws:sns:eu-west-1:123456789012:failures", "failures"} {
		function := bootstrap()
		function.OnFailureDestination = arn
		if err := service.Register(function); err == nil || !strings.Contains(err.Error(), "OnFailureDestination") || !strings.Contains(err.Error(), arn) {
			t.Errorf("%s: %v", arn, err)
		}
	}
}

func TestTheRecordOfAnEventThatNeverRanHasNoResponse(t *testing.T) {
	t.Parallel()
	records, none, function := make(chan sent, 1), 0, bootstrap()
	function.OnFailureDestination, function.ReservedConcurrency = failureQueue, &none
	clock := atomic.Int64{}
	f := start(t, function, func(o *lambda.Options) {
		o.Now = func() time.Time { return time.Unix(clock.Load(), 0) }
		o.After = func(d time.Duration) <-chan time.Time {
			clock.Add(int64(d.Seconds()))
			return time.After(0)
		}
		o.Destination = func(_ context.Context, arn string, record []byte) error {
			records <- sent{arn, string(record)}
			return nil
		}
	})
	if _, err := f.Invoke(t.Context(), lambda.Request{Function: "it", Type: lambda.Event, Payload: []byte(`[1]`)}); err != nil {
		t.Fatal(err)
	}
	record := (<-records).record
	if !strings.Contains(record, `"condition":"EventAgeExceeded","approximateInvokeCount":0},"requestPayload":[1]}`) {
		t.Error(record)
	}
}
