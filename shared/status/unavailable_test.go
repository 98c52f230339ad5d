package status_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"delfos/shared/partition"
	"delfos/shared/status"
)

// storeOn is a store on a DynamoDB that answers as the handler does, through a
// client that retries at once.
func storeOn(t *testing.T, handler http.HandlerFunc) *status.Store {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return storeAt(server.URL)
}

func storeAt(endpoint string) *status.Store {
	client := dynamodb.New(newClient(endpoint).Options(), func(o *dynamodb.Options) {
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		})
	})
	return status.New(client, status.Tables{Partitions: "partitions", Runs: "runs"})
}

func answer(code int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.WriteHeader(code)
		_, _ = w.Write([]byte(body)) // the client notices
	}
}

func breakOff(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	_, _ = w.Write([]byte(`{"Item": {"asset"`)) // the client notices
}

const throttled = `{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"slow down"}`

func claim() status.Claim {
	return status.Claim{
		Asset: "turbine-1", Partition: partition.MustParseKey("2026-02-20"), RunID: "01KJA",
		Now: now, LeaseUntil: now.Add(15 * time.Second),
	}
}

func TestWhatPassesByItselfIsUnavailable(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"throttled":            answer(http.StatusBadRequest, throttled),
		"throttled otherwise":  answer(http.StatusBadRequest, `{"__type":"ThrottlingException"}`),
		"internal error":       answer(http.StatusInternalServerError, `{"__type":"InternalServerError"}`),
		"unavailable":          answer(http.StatusServiceUnavailable, ``),
		"not implemented page": answer(http.StatusNotImplemented, `<html>`),
		"garbage":              answer(http.StatusOK, `<html>`),
		"half a body":          breakOff,
		"connection closed":    func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := storeOn(t, handler)
			_, _, err := store.Claim(t.Context(), claim())
			wantUnavailable(t, err, "UpdateItem", "partitions")
			_, err = store.Partition(t.Context(), "turbine-1", claim().Partition)
			wantUnavailable(t, err, "GetItem", "partitions")
			_, err = store.Runs(t.Context(), "turbine-1", status.Page{})
			wantUnavailable(t, err, "Query", "runs")
		})
	}
}

func TestADynamoDBOutOfReachIsUnavailable(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(nil)
	server.Close()
	_, _, err := storeAt(server.URL).Claim(t.Context(), claim())
	wantUnavailable(t, err, "UpdateItem", "partitions")
}

func TestNoAnswerBeforeTheContextEndsIsUnavailable(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{}, 1)
	store := storeOn(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // until it is read, a server does not notice that the client has gone
		asked <- struct{}{}
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	_, _, err := store.Claim(ctx, claim())
	wantUnavailable(t, err, "UpdateItem", "partitions")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("have the error %v; want one that is the context's", err)
	}
}

func TestThrottlingThatPassesIsNotNoticed(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	store := storeOn(t, func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) < 3 {
			answer(http.StatusBadRequest, throttled)(w, r)
			return
		}
		answer(http.StatusOK, `{}`)(w, r)
	})
	lease, _, err := store.Claim(t.Context(), claim())
	if err != nil || lease.Generation != 1 || asked.Load() != 3 {
		t.Errorf("have %+v, %v after %d requests; want generation 1 after 3", lease, err, asked.Load())
	}
}

func TestWhatDoesNotPassIsNotUnavailable(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"ValidationException", "AccessDeniedException", "UnrecognizedClientException"} {
		store := storeOn(t, answer(http.StatusBadRequest, `{"__type":"`+kind+`","message":"no"}`))
		_, _, err := store.Claim(t.Context(), claim())
		if _, unavailable := errors.AsType[*status.UnavailableError](err); err == nil || unavailable {
			t.Errorf("%s: have the error %v; want one that is not a *status.UnavailableError", kind, err)
		}
	}
}

func TestWhatIsUnavailableIsSaidInTheWordsOfDynamoDB(t *testing.T) {
	t.Parallel()
	store := storeOn(t, answer(http.StatusInternalServerError, `{"__type":"InternalServerError","message":"the disk is full"}`))
	_, _, err := store.Claim(t.Context(), claim())
	want := "claim partition 2026-02-20 of turbine-1: the status table partitions is unavailable, try again: InternalServerError: the disk is full"
	if err == nil || err.Error() != want {
		t.Errorf("have %v; want %s", err, want)
	}
}

func wantUnavailable(t *testing.T, err error, operation, table string) {
	t.Helper()
	var unavailable *status.UnavailableError
	if !errors.As(err, &unavailable) {
		t.Fatalf("have the error %v; want a *status.UnavailableError", err)
	}
	if unavailable.Operation != operation || unavailable.Table != table {
		t.Errorf("have %s on %s; want %s on %s", unavailable.Operation, unavailable.Table, operation, table)
	}
}
