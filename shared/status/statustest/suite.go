package statustest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"delfos/shared/partition"
	"delfos/shared/status"
)

// Suite checks that a store on the given DynamoDB keeps every promise. newStore
// gives a client and the names of tables that exist already (CreateTables); it is
// called once a test, and may give the same tables each time.
func Suite(t *testing.T, newStore func(t *testing.T) (*dynamodb.Client, status.Tables)) {
	t.Helper()
	for _, tests := range []map[string]func(*testing.T, fixture){
		claimTests, renewTests, completeTests, failTests, cancelTests, staleTests, waiveTests, readTests, runTests,
		backfillTests, itemTests, faultTests, concurrencyTests,
	} {
		for name, test := range tests {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				client, tables := newStore(t)
				test(t, newFixture(t, client, tables))
			})
		}
	}
}

// fixture is a store with an asset that no other test uses.
type fixture struct {
	client *dynamodb.Client
	tables status.Tables
	store  *status.Store
	asset  string
}

var assets atomic.Int64

func newFixture(t *testing.T, client *dynamodb.Client, tables status.Tables) fixture {
	t.Helper()
	return fixture{
		client: client, tables: tables, store: status.New(client, tables),
		asset: fmt.Sprintf("%s-%d", t.Name(), assets.Add(1)),
	}
}

// The days, instants and runs of the tests.
var (
	day   = partition.MustParseKey("2026-02-20")
	start = time.Date(2026, time.February, 27, 1, 0, 0, 0, time.UTC)
)

const (
	leaseTime = 15 * time.Second
	runA      = "01KJA000000000000000000000"
	runB      = "01KJB000000000000000000000"
	runC      = "01KJC000000000000000000000"
)

// after is the instant so many seconds after the start.
func after(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }

func deadline(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func (f fixture) asks(run string, now time.Time) status.Claim {
	return status.Claim{Asset: f.asset, Partition: day, RunID: run, Now: now, LeaseUntil: now.Add(leaseTime)}
}

func (f fixture) claim(t *testing.T, run string, now time.Time) status.Lease {
	t.Helper()
	lease, _, err := f.store.Claim(deadline(t), f.asks(run, now))
	if err != nil {
		t.Fatalf("claim: %v", err)
	}
	return lease
}

func (f fixture) complete(t *testing.T, lease status.Lease, now time.Time) status.Materialization {
	t.Helper()
	m := materialization(lease, now)
	if err := f.store.Complete(deadline(t), lease, m, now); err != nil {
		t.Fatalf("complete: %v", err)
	}
	return m
}

func (f fixture) fail(t *testing.T, lease status.Lease, now time.Time) status.Failure {
	t.Helper()
	failure := status.Failure{Type: "SourceUnavailable", Message: "the source API answers 503"}
	if err := f.store.Fail(deadline(t), lease, failure, now, 0); err != nil {
		t.Fatalf("fail: %v", err)
	}
	return failure
}

func (f fixture) cancel(t *testing.T, now time.Time) {
	t.Helper()
	if _, err := f.store.Cancel(deadline(t), f.asset, day, "not now", now); err != nil {
		t.Fatalf("cancel: %v", err)
	}
}

func (f fixture) partition(t *testing.T) status.Partition {
	t.Helper()
	p, err := f.store.Partition(deadline(t), f.asset, day)
	if err != nil {
		t.Fatalf("read the partition: %v", err)
	}
	return p
}

// expect compares the partition's record with what it should be.
func (f fixture) expect(t *testing.T, want status.Partition) {
	t.Helper()
	want.Asset, want.Key = f.asset, day
	same(t, f.partition(t), want)
}

func materialization(lease status.Lease, at time.Time) status.Materialization {
	return status.Materialization{
		RunID: lease.RunID, Generation: lease.Generation,
		RowsRead: 1437, SamplesMissing: 3, Windows: 144, RowsWritten: 1152,
		Fingerprint: fmt.Sprintf("sha256:%s", lease.RunID), Coverage: 1437.0 / 1440,
		Duration: status.Durations{
			Extract: 12_345 * time.Microsecond, Aggregate: 678 * time.Microsecond,
			Load: 9 * time.Millisecond, Total: 22_023 * time.Microsecond,
		},
		PublishedAt: at,
	}
}

// days compares days with ==, as they are meant to be.
var days = cmpopts.EquateComparable(partition.Key{})

func same[T any](t *testing.T, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got, days); diff != "" {
		t.Errorf("want (-) but have (+):\n%s", diff)
	}
}

// wantLost checks that an error is the *LeaseLostError of a lease.
func wantLost(t *testing.T, err error, lease status.Lease, reason status.LostReason, takenBy string) {
	t.Helper()
	wantError(t, err, &status.LeaseLostError{
		Asset: lease.Asset, Partition: lease.Partition, RunID: lease.RunID, Reason: reason, TakenBy: takenBy,
	})
}

// wantError checks that an error is one of want's type with want's content.
func wantError[E error](t *testing.T, err error, want E) {
	t.Helper()
	var got E
	if !errors.As(err, &got) {
		t.Fatalf("have the error %v; want a %T: %v", err, want, want)
	}
	same(t, got, want)
}
