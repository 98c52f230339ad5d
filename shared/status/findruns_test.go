package status_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"pgregory.net/rapid"

	"delfos/infra/local/dynamodb/dynamodbtest"
	"delfos/shared/partition"
	"delfos/shared/status"
	"delfos/shared/status/statustest"
)

// What FindRuns finds, page by page, is what a filter over all runs finds.
func TestFindRunsFindsWhatAFilterOverAllRunsDoes(t *testing.T) {
	t.Parallel()
	const asset = "turbine-1"
	store := statustest.NewStore(t, dynamodbtest.Client(t))
	began := time.Date(2026, 2, 27, 1, 0, 0, 0, time.UTC)
	var all []status.Run // newest first
	for n := range 60 {
		run := status.Run{
			Asset: asset, Partition: partition.MustParseKey(fmt.Sprintf("2026-02-%02d", 1+n%7)), Attempt: 1,
			Trigger:   []status.Trigger{status.TriggerManual, status.TriggerSchedule, status.TriggerBackfill}[n%3],
			StartedAt: began.Add(time.Duration(n/2) * time.Second), Outcome: status.OutcomeRunning,
		}
		run.ID = ulid.MustNew(ulid.Timestamp(run.StartedAt), ulid.DefaultEntropy()).String()
		if run.Trigger == status.TriggerBackfill {
			run.BackfillID = "fill"
		}
		if err := store.StartRun(t.Context(), run); err != nil {
			t.Fatal(err)
		}
		if n%4 != 0 {
			run.Outcome = []status.Outcome{status.OutcomeSucceeded, status.OutcomeFailed}[n%2]
			end := status.Ending{Outcome: run.Outcome, At: run.StartedAt.Add(time.Second), Failure: &status.Failure{Type: "T"}}
			if err := store.FinishRun(t.Context(), asset, run.ID, end); err != nil {
				t.Fatal(err)
			}
		}
		all = append([]status.Run{run}, all...)
	}
	rapid.Check(t, func(r *rapid.T) {
		q := status.RunQuery{
			BackfillID: rapid.SampledFrom([]string{"", "fill", "none"}).Draw(r, "backfill"),
			Trigger:    rapid.SampledFrom([]status.Trigger{"", status.TriggerManual, status.TriggerBackfill}).Draw(r, "trigger"),
			Outcome:    rapid.SampledFrom([]status.Outcome{"", status.OutcomeFailed, status.OutcomeRunning}).Draw(r, "outcome"),
		}
		if rapid.Bool().Draw(r, "of a day") {
			q.Partition = partition.MustParseKey("2026-02-03")
		}
		if after := rapid.IntRange(-1, 40).Draw(r, "since"); after >= 0 {
			q.Since = began.Add(time.Duration(after) * time.Second)
		}
		var want []string
		for _, run := range all {
			if takes(q, run) {
				want = append(want, run.ID)
			}
		}
		have := findAll(t, r, store, q, rapid.IntRange(1, 70).Draw(r, "limit"))
		if fmt.Sprint(have) != fmt.Sprint(want) {
			r.Fatalf("%+v: found\n%v, want\n%v", q, have, want)
		}
	})
}

func takes(q status.RunQuery, run status.Run) bool {
	return (q.Partition.IsZero() || q.Partition == run.Partition) &&
		(q.BackfillID == "" || q.BackfillID == run.BackfillID) &&
		(q.Trigger == "" || q.Trigger == run.Trigger) &&
		(q.Outcome == "" || q.Outcome == run.Outcome || run.Outcome == status.OutcomeRunning) &&
		!run.StartedAt.Before(q.Since)
}

func findAll(t *testing.T, r *rapid.T, store *status.Store, q status.RunQuery, limit int) []string {
	t.Helper()
	var ids []string
	page := status.Page{Limit: limit}
	for {
		found, err := store.FindRuns(t.Context(), "turbine-1", q, page)
		if err != nil {
			r.Fatal(err)
		}
		if len(found.Runs) > limit {
			r.Fatalf("a page of %d has %d", limit, len(found.Runs))
		}
		for _, run := range found.Runs {
			ids = append(ids, run.ID)
		}
		if page.Before = found.Next; page.Before == "" {
			return ids
		}
	}
}

func TestFindRunsRefusesAPageThatIsNone(t *testing.T) {
	t.Parallel()
	store := statustest.NewStore(t, dynamodbtest.Client(t))
	for asset, page := range map[string]status.Page{"": {}, "turbine-1": {Limit: 1001}} {
		if _, err := store.FindRuns(t.Context(), asset, status.RunQuery{}, page); err == nil {
			t.Errorf("%q, %+v: want an error", asset, page)
		}
	}
}
