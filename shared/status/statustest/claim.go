package statustest

import (
	"strings"
	"testing"
	"time"

	"delfos/shared/status"
)

var claimTests = map[string]func(*testing.T, fixture){
	"ClaimOfADayWithoutARecordGivesTheFirstGeneration": func(t *testing.T, f fixture) {
		lease, previous, err := f.store.Claim(deadline(t), f.asks(runA, start))
		if err != nil {
			t.Fatal(err)
		}
		same(t, lease, status.Lease{Asset: f.asset, Partition: day, RunID: runA, Generation: 1, Until: start.Add(leaseTime)})
		same(t, previous, status.Partition{Asset: f.asset, Key: day, Data: status.DataMissing})
		f.expect(t, status.Partition{
			Data: status.DataMissing, Attempt: status.AttemptRunning, Generation: 1,
			RunID: runA, LeaseUntil: start.Add(leaseTime), UpdatedAt: start,
		})
	},
	"ClaimRefusesWhileTheLeaseIsLive": func(t *testing.T, f fixture) {
		f.claim(t, runA, start)
		held := f.partition(t)
		_, _, err := f.store.Claim(deadline(t), f.asks(runB, start.Add(leaseTime-time.Millisecond)))
		wantError(t, err, &status.BusyError{Asset: f.asset, Partition: day, Owner: runA, Until: start.Add(leaseTime)})
		f.expect(t, held)
	},
	"ClaimTakesOverALeaseThatRanOutAndTellsWhoHadIt": func(t *testing.T, f fixture) {
		f.claim(t, runA, start)
		dead := f.partition(t)
		lease, previous, err := f.store.Claim(deadline(t), f.asks(runB, start.Add(leaseTime)))
		if err != nil {
			t.Fatal(err)
		}
		same(t, lease.Generation, 2)
		same(t, previous, dead)
		same(t, f.partition(t).RunID, runB)
	},
	"ClaimLeavesTheDataAndForgetsTheFailureBefore": func(t *testing.T, f fixture) {
		published := f.complete(t, f.claim(t, runA, start), after(1))
		f.fail(t, f.claim(t, runB, after(2)), after(3))
		failed := f.partition(t)
		_, previous, err := f.store.Claim(deadline(t), f.asks(runC, after(4)))
		if err != nil {
			t.Fatal(err)
		}
		same(t, previous, failed)
		f.expect(t, status.Partition{
			Data: status.DataMaterialized, Materialization: &published,
			Attempt: status.AttemptRunning, Generation: 3, RunID: runC, LeaseUntil: after(4).Add(leaseTime), UpdatedAt: after(4),
		})
	},
	"AClaimTellsWhichBackfillAskedForIt": func(t *testing.T, f fixture) {
		asks := f.asks(runA, start)
		asks.BackfillID = backfillID
		lease, _, err := f.store.Claim(deadline(t), asks)
		if err != nil {
			t.Fatal(err)
		}
		claimed := status.Partition{
			Data: status.DataMissing, Attempt: status.AttemptRunning, Generation: 1,
			RunID: runA, BackfillID: backfillID, LeaseUntil: start.Add(leaseTime), UpdatedAt: start,
		}
		f.expect(t, claimed)
		f.fail(t, lease, after(1))
		same(t, f.partition(t).BackfillID, backfillID)
		f.claim(t, runB, after(2))
		same(t, f.partition(t).BackfillID, "")
	},
	"ARunClaimsOnce": func(t *testing.T, f fixture) {
		lease := f.claim(t, runA, start)
		_, _, err := f.store.Claim(deadline(t), f.asks(runA, start.Add(leaseTime)))
		wantLost(t, err, lease, status.LostExpired, "")
		f.fail(t, lease, after(16))
		_, _, err = f.store.Claim(deadline(t), f.asks(runA, after(17)))
		wantLost(t, err, lease, status.LostEnded, "")
	},
	"ClaimIsOfOneAssetAlone": func(t *testing.T, f fixture) {
		f.claim(t, runA, start)
		other := f.asks(runB, start)
		other.Asset += "-other"
		lease, _, err := f.store.Claim(deadline(t), other)
		if err != nil {
			t.Fatal(err)
		}
		same(t, lease.Generation, 1)
	},
	"AClaimThatMakesNoSenseIsRefusedByFieldAndWritesNothing": func(t *testing.T, f fixture) {
		for field, change := range map[string]func(*status.Claim){
			"asset":       func(c *status.Claim) { c.Asset = "" },
			"partition":   func(c *status.Claim) { c.Partition = status.Partition{}.Key },
			"run id":      func(c *status.Claim) { c.RunID = "" },
			"lease until": func(c *status.Claim) { c.LeaseUntil = c.Now },
		} {
			claim := f.asks(runA, start)
			change(&claim)
			if _, _, err := f.store.Claim(deadline(t), claim); err == nil || !strings.Contains(err.Error(), field+":") && !strings.Contains(err.Error(), field+" 2026") {
				t.Errorf("%s: have the error %v; want one that names the field", field, err)
			}
		}
		f.expect(t, status.Partition{Data: status.DataMissing})
	},
}

var renewTests = map[string]func(*testing.T, fixture){
	"RenewMovesTheEndOfALiveLease": func(t *testing.T, f fixture) {
		lease := f.claim(t, runA, start)
		renewed, err := f.store.Renew(deadline(t), lease, after(14), after(29))
		if err != nil {
			t.Fatal(err)
		}
		same(t, renewed, status.Lease{Asset: f.asset, Partition: day, RunID: runA, Generation: 1, Until: after(29)})
		_, _, err = f.store.Claim(deadline(t), f.asks(runB, after(20)))
		wantError(t, err, &status.BusyError{Asset: f.asset, Partition: day, Owner: runA, Until: after(29)})
	},
	"RenewRefusesALeaseThatRanOutThoughNobodyTookIt": func(t *testing.T, f fixture) {
		lease := f.claim(t, runA, start)
		_, err := f.store.Renew(deadline(t), lease, lease.Until, after(60))
		wantLost(t, err, lease, status.LostExpired, "")
	},
	"RenewNamesTheRunThatTookTheLease": func(t *testing.T, f fixture) {
		lease := f.claim(t, runA, start)
		f.claim(t, runB, after(15))
		_, err := f.store.Renew(deadline(t), lease, after(16), after(60))
		wantLost(t, err, lease, status.LostTaken, runB)
	},
	"RenewTellsThatTheRunWasCancelled": func(t *testing.T, f fixture) {
		lease := f.claim(t, runA, start)
		f.cancel(t, after(1))
		_, err := f.store.Renew(deadline(t), lease, after(2), after(60))
		wantLost(t, err, lease, status.LostCancelled, "")
	},
	"RenewTellsThatTheRunHasEnded": func(t *testing.T, f fixture) {
		lease := f.claim(t, runA, start)
		f.complete(t, lease, after(1))
		_, err := f.store.Renew(deadline(t), lease, after(2), after(60))
		wantLost(t, err, lease, status.LostEnded, "")
	},
	"RenewTellsThatTheRecordIsGone": func(t *testing.T, f fixture) {
		lease := status.Lease{Asset: f.asset, Partition: day, RunID: runA, Generation: 1, Until: after(15)}
		_, err := f.store.Renew(deadline(t), lease, after(1), after(30))
		wantLost(t, err, lease, status.LostMissing, "")
	},
	"RenewToAnEndThatHasPassedIsRefused": func(t *testing.T, f fixture) {
		lease := f.claim(t, runA, start)
		if _, err := f.store.Renew(deadline(t), lease, after(1), after(1)); err == nil {
			t.Error("want an error")
		}
		same(t, f.partition(t).LeaseUntil, lease.Until)
	},
}
