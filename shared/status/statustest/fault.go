package statustest

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"delfos/shared/status"
)

// faultTests lose the first answer of each write: DynamoDB has carried it out,
// and the SDK, which cannot know, sends it again.
var faultTests = map[string]func(*testing.T, fixture){
	"AClaimWhoseAnswerWasLostIsRecognised": func(t *testing.T, f fixture) {
		published := f.complete(t, f.claim(t, runA, start), after(1))
		lossy, lost := f.losingOneAnswer()
		lease, previous, err := lossy.Claim(deadline(t), f.asks(runB, after(2)))
		if err != nil {
			t.Fatal(err)
		}
		wantOneLost(t, lost)
		same(t, lease, status.Lease{Asset: f.asset, Partition: day, RunID: runB, Generation: 2, Until: after(17)})
		same(t, previous, status.Partition{
			Asset: f.asset, Key: day, Data: status.DataMaterialized, Materialization: &published,
		})
		same(t, f.partition(t).Generation, 2)
	},
	"ARenewalWhoseAnswerWasLostHolds": func(t *testing.T, f fixture) {
		lease := f.claim(t, runA, start)
		lossy, lost := f.losingOneAnswer()
		renewed, err := lossy.Renew(deadline(t), lease, after(10), after(25))
		if err != nil {
			t.Fatal(err)
		}
		wantOneLost(t, lost)
		same(t, renewed.Until, after(25))
	},
	"ACompletionWhoseAnswerWasLostHolds": func(t *testing.T, f fixture) {
		lease := f.claim(t, runA, start)
		lossy, lost := f.losingOneAnswer()
		if err := lossy.Complete(deadline(t), lease, materialization(lease, after(1)), after(1)); err != nil {
			t.Fatal(err)
		}
		wantOneLost(t, lost)
		same(t, f.partition(t).Attempt, status.AttemptSucceeded)
	},
	"AFailureWhoseAnswerWasLostIsRecognised": func(t *testing.T, f fixture) {
		lease := f.claim(t, runA, start)
		lossy, lost := f.losingOneAnswer()
		if err := lossy.Fail(deadline(t), lease, status.Failure{Type: "Superseded"}, after(1), 9); err != nil {
			t.Fatal(err)
		}
		wantOneLost(t, lost)
		same(t, f.partition(t).Generation, 9)
	},
	"ACancellationWhoseAnswerWasLostIsRecognised": func(t *testing.T, f fixture) {
		f.claim(t, runA, start)
		lossy, lost := f.losingOneAnswer()
		p, err := lossy.Cancel(deadline(t), f.asset, day, "not now", after(1))
		if err != nil {
			t.Fatal(err)
		}
		wantOneLost(t, lost)
		f.expect(t, p)
	},
	"AStaleMarkWhoseAnswerWasLostIsRecognised": func(t *testing.T, f fixture) {
		published := f.complete(t, f.claim(t, runA, start), after(1))
		lossy, lost := f.losingOneAnswer()
		stale, err := lossy.MarkStale(deadline(t), f.asset, day, published.Generation, after(2))
		if err != nil {
			t.Fatal(err)
		}
		wantOneLost(t, lost)
		same(t, stale, true)
	},
	"ABackfillsChangeWhoseAnswerWasLostIsRecognised": func(t *testing.T, f fixture) {
		lossy, lost := f.losingOneAnswer()
		b, err := lossy.ChangeBackfill(deadline(t), f.ended(status.BackfillCancelled, 0))
		if err != nil {
			t.Fatal(err)
		}
		wantOneLost(t, lost)
		same(t, b.Stopped(), true)
	},
	"ARunsStartAndEndWhoseAnswersWereLostAreRecognised": func(t *testing.T, f fixture) {
		lossy, lost := f.losingOneAnswer()
		if err := lossy.StartRun(deadline(t), f.run(runA)); err != nil {
			t.Fatal(err)
		}
		wantOneLost(t, lost)
		lossy, lost = f.losingOneAnswer()
		err := lossy.FinishRun(deadline(t), f.asset, runA, status.Ending{Outcome: status.OutcomeSucceeded, At: after(1)})
		if err != nil {
			t.Fatal(err)
		}
		wantOneLost(t, lost)
	},
	"ATableThatDoesNotExistIsNamedWithItsVariable": func(t *testing.T, f fixture) {
		store := status.New(f.client, status.Tables{Partitions: "no-such-partitions", Runs: "no-such-runs", Backfills: "no-such-backfills"})
		_, err := store.Partition(deadline(t), f.asset, day)
		wantTableNotFound(t, err, "no-such-partitions", "PARTITIONS_TABLE")
		_, _, err = store.Claim(deadline(t), f.asks(runA, start))
		wantTableNotFound(t, err, "no-such-partitions", "PARTITIONS_TABLE")
		wantTableNotFound(t, store.StartRun(deadline(t), f.run(runA)), "no-such-runs", "RUNS_TABLE")
		_, err = store.Runs(deadline(t), f.asset, status.Page{})
		wantTableNotFound(t, err, "no-such-runs", "RUNS_TABLE")
		_, err = store.Backfill(deadline(t), f.asset, backfillID)
		wantTableNotFound(t, err, "no-such-backfills", "BACKFILLS_TABLE")
	},
}

func wantTableNotFound(t *testing.T, err error, table, variable string) {
	t.Helper()
	if _, ok := errors.AsType[*status.TableNotFoundError](err); !ok {
		t.Fatalf("have the error %v; want a *status.TableNotFoundError", err)
	}
	if !strings.Contains(err.Error(), table) || !strings.Contains(err.Error(), variable) {
		t.Errorf("have the error %q; want one that names %s and %s", err, table, variable)
	}
}

// losingOneAnswer is the fixture's store behind a connection that breaks once,
// after DynamoDB has carried out a request; lost counts the answers lost.
func (f fixture) losingOneAnswer() (lossy *status.Store, lost *atomic.Int32) {
	lost = new(atomic.Int32)
	client := dynamodb.New(f.client.Options(), func(o *dynamodb.Options) {
		next := o.HTTPClient
		o.HTTPClient = doFunc(func(request *http.Request) (*http.Response, error) {
			response, err := next.Do(request)
			if err != nil || !lost.CompareAndSwap(0, 1) {
				return response, err
			}
			return nil, errors.Join(&net.OpError{Op: "read", Net: "tcp", Err: errors.New("connection reset by peer")},
				response.Body.Close())
		})
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		})
	})
	return status.New(client, f.tables), lost
}

func wantOneLost(t *testing.T, lost *atomic.Int32) {
	t.Helper()
	if lost.Load() != 1 {
		t.Fatal("no answer was lost: the test shows nothing")
	}
}

type doFunc func(*http.Request) (*http.Response, error)

// Do calls the function.
func (f doFunc) Do(request *http.Request) (*http.Response, error) { return f(request) }

var _ aws.HTTPClient = doFunc(nil)
