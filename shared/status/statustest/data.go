package statustest

import (
	"strings"
	"testing"

	"delfos/shared/status"
)

var staleTests = map[string]func(*testing.T, fixture){
	"MarkStaleOfTheLastMaterializationLeavesItAndTheAttempt": func(t *testing.T, f fixture) {
		published := f.complete(t, f.claim(t, runA, start), after(1))
		failure := f.fail(t, f.claim(t, runB, after(2)), after(3))
		for range 2 { // the second recognises the first
			f.markStale(t, published.Generation, true)
			f.expect(t, status.Partition{
				Data: status.DataStale, Materialization: &published,
				Attempt: status.AttemptFailed, Failure: &failure, Generation: 2, RunID: runB, UpdatedAt: after(9),
			})
		}
	},
	"MarkStaleOfAnEarlierMaterializationChangesNothing": func(t *testing.T, f fixture) {
		earlier := f.complete(t, f.claim(t, runA, start), after(1))
		f.complete(t, f.claim(t, runB, after(2)), after(3))
		later := f.partition(t)
		f.markStale(t, earlier.Generation, false)
		f.expect(t, later)
	},
	"MarkStaleOfADayWithoutDataChangesNothing": func(t *testing.T, f fixture) {
		f.markStale(t, 1, false)
		f.expect(t, status.Partition{Data: status.DataMissing})
		f.fail(t, f.claim(t, runA, start), after(1))
		failed := f.partition(t)
		f.markStale(t, 1, false)
		f.expect(t, failed)
	},
	"StaleDataStaysStaleUntilItIsPublishedAgain": func(t *testing.T, f fixture) {
		published := f.complete(t, f.claim(t, runA, start), after(1))
		f.markStale(t, published.Generation, true)
		f.fail(t, f.claim(t, runB, after(10)), after(11))
		same(t, f.partition(t).Data, status.DataStale)
		f.complete(t, f.claim(t, runC, after(12)), after(13))
		same(t, f.partition(t).Data, status.DataMaterialized)
	},
}

func (f fixture) markStale(t *testing.T, generation int64, want bool) {
	t.Helper()
	stale, err := f.store.MarkStale(deadline(t), f.asset, day, generation, after(9))
	if err != nil {
		t.Fatal(err)
	}
	same(t, stale, want)
}

var waiveTests = map[string]func(*testing.T, fixture){
	"WaiveADayWithoutDataAndTakeItBack": func(t *testing.T, f fixture) {
		failure := f.fail(t, f.claim(t, runA, start), after(1))
		record := status.Partition{
			Data: status.DataWaived, WaivedReason: "the turbine was not there",
			Attempt: status.AttemptFailed, Failure: &failure, Generation: 1, RunID: runA, UpdatedAt: after(2),
		}
		for range 2 { // the second changes nothing
			p, err := f.store.Waive(deadline(t), f.asset, day, "the turbine was not there", after(2))
			if err != nil {
				t.Fatal(err)
			}
			f.expect(t, record)
			f.expect(t, p)
		}
		record.Data, record.WaivedReason, record.UpdatedAt = status.DataMissing, "", after(3)
		for range 2 {
			p, err := f.store.Unwaive(deadline(t), f.asset, day, after(3))
			if err != nil {
				t.Fatal(err)
			}
			f.expect(t, record)
			f.expect(t, p)
		}
	},
	"ADayWithoutARecordCanBeWaived": func(t *testing.T, f fixture) {
		if _, err := f.store.Waive(deadline(t), f.asset, day, "before the first wind", start); err != nil {
			t.Fatal(err)
		}
		f.expect(t, status.Partition{Data: status.DataWaived, WaivedReason: "before the first wind", UpdatedAt: start})
	},
	"ADayWithDataIsNeitherWaivedNorUnwaived": func(t *testing.T, f fixture) {
		published := f.complete(t, f.claim(t, runA, start), after(1))
		for _, state := range []status.DataState{status.DataMaterialized, status.DataStale} {
			held := f.partition(t)
			_, err := f.store.Waive(deadline(t), f.asset, day, "no", after(2))
			wantError(t, err, &status.HasDataError{Asset: f.asset, Partition: day, Data: state})
			_, err = f.store.Unwaive(deadline(t), f.asset, day, after(2))
			wantError(t, err, &status.HasDataError{Asset: f.asset, Partition: day, Data: state})
			f.expect(t, held)
			f.markStale(t, published.Generation, true)
		}
	},
	"ARunInFlightPublishesADayThatWasWaivedMeanwhile": func(t *testing.T, f fixture) {
		lease := f.claim(t, runA, start)
		if _, err := f.store.Waive(deadline(t), f.asset, day, "no wind", after(1)); err != nil {
			t.Fatal(err)
		}
		published := f.complete(t, lease, after(2))
		f.expect(t, status.Partition{
			Data: status.DataMaterialized, Materialization: &published,
			Attempt: status.AttemptSucceeded, Generation: 1, RunID: runA, UpdatedAt: after(2),
		})
	},
	"AReasonIsThereAndShort": func(t *testing.T, f fixture) {
		for _, reason := range []string{"", strings.Repeat("é", 257), "\xff"} {
			_, err := f.store.Waive(deadline(t), f.asset, day, reason, start)
			if err == nil || !strings.Contains(err.Error(), "reason:") {
				t.Errorf("%q: have the error %v; want one that names the field", reason, err)
			}
		}
		if _, err := f.store.Waive(deadline(t), f.asset, day, strings.Repeat("é", 256), start); err != nil {
			t.Error(err)
		}
	},
}
