package report_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delfos/shared/backfill"
	"delfos/shared/backfill/report"
	"delfos/shared/partition"
	"delfos/shared/status"
)

func asked(redrives, tried int, offsets ...int) report.Request {
	return report.Request{BackfillID: backfillID, Partitions: keys(offsets...), RedriveCount: redrives, TriedAt: tried}
}

// expectFailed checks that a report is a PartitionsFailed with these lists.
func expectFailed(t *testing.T, err error, want report.Report) *report.PartitionsFailed {
	t.Helper()
	failed, ok := err.(*report.PartitionsFailed) //nolint:errorlint // the type itself counts
	if !ok {
		t.Fatalf("have the error %T %v; want a *PartitionsFailed", err, err)
	}
	want.BackfillID = backfillID
	want.Counts = report.Counts{
		Materialized: len(want.Materialized), Failed: len(want.Failed), Cancelled: len(want.Cancelled), Waived: len(want.Waived),
		Planned: len(want.Materialized) + len(want.Failed) + len(want.Cancelled) + len(want.Waived),
	}
	if diff := cmp.Diff(want, failed.Report, days); diff != "" {
		t.Fatalf("want (-) but have (+):\n%s", diff)
	}
	return failed
}

func TestWhenAllIsMaterializedTheReportSaysSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(t, 0, backfillID)
	w.publish(t, 1, "") // another got there first
	have, err := report.Handler(w.Reporter)(t.Context(), []byte(`{"backfill_id":"february","partitions":["2026-02-21","2026-02-20"],"redrive_count":0,"tried_at":0}`))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(have)
	const want = `{"backfill_id":"february","counts":{"planned":2,"materialized":2,"failed":0,"cancelled":0},` +
		`"materialized":["2026-02-21","2026-02-20"],"failed":[],"cancelled":[],"again":[]}`
	if diff := cmp.Diff(want, string(text)); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

func TestAPersonReadsWhatFailedAndWhatToDo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(t, 0, backfillID)
	w.fail(t, 1, backfillID, "EmptyPartition")
	w.fail(t, 2, backfillID, "SourceRejected")
	w.fail(t, 3, backfillID, "SourceRejected")
	w.cancel(t, 4, backfillID)
	_, err := w.Report(t.Context(), asked(0, 0, 0, 1, 2, 3, 4))
	failed := expectFailed(t, err, report.Report{
		Materialized: keys(0), Failed: keys(1, 2, 3), Cancelled: keys(4),
		Errors: map[string]int{"EmptyPartition": 1, "SourceRejected": 2},
	})
	sentence, rest, _ := strings.Cut(failed.Error(), "\n")
	const want = "3 of 5 partitions failed: 2026-02-21 EmptyPartition, 2026-02-22 to 2026-02-23 SourceRejected; 1 cancelled: 2026-02-24. " +
		"The others are materialized. Of 2026-02-21: it is a test's EmptyPartition. " +
		"Mend the cause, then redrive this execution (`delfos retry february`): it runs just these."
	if diff := cmp.Diff(want, sentence); diff != "" {
		t.Error(diff)
	}
	const wantJSON = `{"backfill_id":"february","counts":{"planned":5,"materialized":1,"failed":3,"cancelled":1},` +
		`"errors":{"EmptyPartition":1,"SourceRejected":2},"materialized":["2026-02-20"],` +
		`"failed":["2026-02-21","2026-02-22","2026-02-23"],"cancelled":["2026-02-24"],"again":[]}`
	if diff := cmp.Diff(wantJSON, rest); diff != "" {
		t.Error(diff)
	}
}

func TestPartitionsWhoseRunsDidNotSayHowTheyEnded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(t, 0, backfillID) // it dies
	w.now = w.now.Add(20 * time.Second)
	live := w.run(t, 1, backfillID)
	other := w.run(t, 2, "")
	w.fail(t, 3, backfillID, "SourceUnavailable")
	w.run(t, 3, "") // another's, after ours failed
	w.fail(t, 5, "march", "EmptyPartition")
	w.run(t, 6, backfillID) // it dies, and then another takes the day and dies, too
	w.now = w.now.Add(time.Minute)
	w.run(t, 6, "march")
	w.now = w.now.Add(time.Minute)
	renewed, err := w.status.Renew(t.Context(), live, live.Until.Add(-1), w.now.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.status.Renew(t.Context(), other, other.Until.Add(-1), w.now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	_, err = w.Report(t.Context(), asked(0, 0, 0, 1, 2, 3, 4, 5, 6))
	failed := expectFailed(t, err, report.Report{
		Failed: keys(0, 1, 2, 3, 4, 5, 6),
		Errors: map[string]int{"LeaseExpired": 2, "StillRunning": 1, "PartitionBusy": 1, "SourceUnavailable": 1, "NotRun": 2},
	})
	const want = "7 of 7 partitions failed: 2026-02-20 LeaseExpired, 2026-02-21 StillRunning, 2026-02-22 PartitionBusy, " +
		"2026-02-23 SourceUnavailable, 2026-02-24 to 2026-02-25 NotRun, 2026-02-26 LeaseExpired. Of 2026-02-20: lost:"
	if !strings.HasPrefix(failed.Error(), want) {
		t.Errorf("have %q\nwant %q", failed.Error(), want)
	}

	// The run that was still at it has published by the time of the redrive.
	m := status.Materialization{RunID: live.RunID, Generation: live.Generation, PublishedAt: w.now}
	if err := w.status.Complete(t.Context(), renewed, m, w.now); err != nil {
		t.Fatal(err)
	}
	have, err := w.Report(t.Context(), asked(1, 0, 1, 4))
	if diff := cmp.Diff(report.Days(keys(4)), have.Again, days); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

func TestARunIsFoundHoweverManyOthersCameSince(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fail(t, 0, backfillID, "SourceUnavailable")
	for range status.DefaultPage + 1 {
		w.fail(t, 0, "march", "EmptyPartition")
	}
	_, err := w.Report(t.Context(), asked(0, 0, 0))
	expectFailed(t, err, report.Report{Failed: keys(0), Errors: map[string]int{"SourceUnavailable": 1}})
}

func TestAWaivedDayIsNoFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(t, 0, backfillID)
	w.fail(t, 1, backfillID, "EmptyPartition")
	if _, err := w.status.Waive(t.Context(), "turbine-1", first.AddDays(1), "no wind", w.now); err != nil {
		t.Fatal(err)
	}
	have, err := w.Report(t.Context(), asked(0, 0, 0, 1))
	if err != nil || have.Counts != (report.Counts{Planned: 2, Materialized: 1, Waived: 1}) {
		t.Errorf("%+v, %v", have, err)
	}
}

func TestARedriveRunsAgainWhatFailedOrWasCancelledUntilNothingDoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(t, 3, backfillID)
	w.fail(t, 2, backfillID, "EmptyPartition")
	w.cancel(t, 1, backfillID)
	all := []int{3, 2, 1, 0} // newest first; 0 never ran
	_, err := w.Report(t.Context(), asked(0, 0, all...))
	expectFailed(t, err, report.Report{
		Materialized: keys(3), Failed: keys(2, 0), Cancelled: keys(1), Errors: map[string]int{"EmptyPartition": 1, "NotRun": 1},
	})
	w.change(t, status.BackfillFailed, 0)

	again, err := w.Report(t.Context(), asked(1, 0, all...))
	want := report.Report{
		BackfillID: backfillID, Counts: report.Counts{Planned: 4, Materialized: 1, Failed: 2, Cancelled: 1},
		Errors: map[string]int{"EmptyPartition": 1, "NotRun": 1}, Again: keys(2, 1, 0),
	}
	if diff := cmp.Diff(want, again, days); err != nil || diff != "" {
		t.Fatal(err, diff)
	}
	if b, err := w.status.Backfill(t.Context(), "turbine-1", backfillID); err != nil || b.Stopped() || b.Redrives != 1 {
		t.Errorf("the backfill is %+v, %v; want it running, so that its runs go on", b, err)
	}

	w.publish(t, 2, backfillID)
	w.publish(t, 0, "april") // another backfill's
	w.fail(t, 1, backfillID, "SourceRejected")
	_, err = w.Report(t.Context(), asked(1, 1, all...))
	expectFailed(t, err, report.Report{Materialized: keys(3, 2, 0), Failed: keys(1), Errors: map[string]int{"SourceRejected": 1}})

	w.publish(t, 1, backfillID)
	have, err := w.Report(t.Context(), asked(2, 1, all...))
	if err != nil || len(have.Again) != 0 || have.Counts.Materialized != 4 {
		t.Errorf("%+v, %v", have, err)
	}
}

func TestAnAnswerToARedriveNamesEachPartitionOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	have, err := w.Report(t.Context(), report.Request{
		BackfillID: backfillID, Partitions: partition.Days(first, first.AddDays(7999)), RedriveCount: 1,
	})
	if err != nil || len(have.Again) != 8000 || have.Counts.Failed != 8000 {
		t.Fatalf("%d again, %+v, %v", len(have.Again), have.Counts, err)
	}
	if text, err := json.Marshal(have); err != nil || len(text) > 8000*len(`"2026-02-20",`)+1000 {
		t.Errorf("%d bytes, %v; want the partitions to be named once", len(text), err)
	}
}

func TestABackfillWithoutPartitionsOrRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if have, err := w.Report(t.Context(), asked(0, 0)); err != nil || have.Counts != (report.Counts{}) {
		t.Errorf("no partitions: %+v, %v", have, err)
	}
	_, err := w.Report(t.Context(), report.Request{BackfillID: "unheard-of", Partitions: keys(0)})
	if internal, ok := err.(*backfill.InternalFailure); !ok || !strings.Contains(internal.Error(), "unheard-of") { //nolint:errorlint // the type itself counts
		t.Errorf("no record: %T %v", err, err)
	}
}

func TestAGarbledEventIsRefusedByMember(t *testing.T) {
	t.Parallel()
	for text, rule := range map[string]string{
		`{}`: "backfill_id: want the execution's name",
		`{"backfill_id":"b","partitions":["2026-02-30"]}`: "partitions: want a list of days",
		`{"backfill_id":"b","partitions":null}`:           "partitions: want a list of days",
		`{"backfill_id":"b","tried_at":-1}`:               "tried_at: it is -1",
		`{"backfill_id":"b","redrives":1}`:                `"redrives": there is no such member`,
		`[]`:                                              "want a JSON object",
	} {
		_, err := report.ParseEvent([]byte(text))
		if invalid, ok := errors.AsType[*backfill.InvalidEvent](err); !ok || !strings.Contains(invalid.Error(), rule) {
			t.Errorf("ParseEvent(%s) = %v, want an InvalidEvent that says %q", text, err, rule)
		}
	}
}

func FuzzParseEvent(f *testing.F) {
	for _, seed := range []string{
		`{"backfill_id":"b","partitions":["2026-02-20"],"redrive_count":1,"tried_at":0}`, `{"backfill_id":"b","partitions":[[]]}`, `{`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, event []byte) {
		request, err := report.ParseEvent(event)
		if _, ok := err.(*backfill.InvalidEvent); err != nil && !ok { //nolint:errorlint // the type itself counts
			t.Fatalf("%q: error of type %T", event, err)
		}
		if err == nil && (request.BackfillID == "" || request.RedriveCount < 0) {
			t.Fatalf("%q is %+v", event, request)
		}
		for _, key := range request.Partitions {
			if err == nil && key.IsZero() {
				t.Fatalf("%q holds a day that is none", event)
			}
		}
	})
}

func TestTheFunctionsOwnEventIsOne(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../functions/reportbackfill/events/report.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := report.ParseEvent(text); err != nil {
		t.Error(err)
	}
}
