package command

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"delfos/shared/backfill"
	"delfos/shared/partition"
)

// plannersRefusal is of a request by the real planner, as Lambda answers it.
func plannersRefusal(t *testing.T, request backfill.Request) []byte {
	t.Helper()
	calendar, err := partition.NewCalendar("UTC", partition.MustParseKey("2010-02-20"))
	if err != nil {
		t.Fatal(err)
	}
	planner := backfill.Planner{Asset: "turbine-1", Calendar: calendar, Now: func() time.Time { return testTime.AddDate(20, 0, 0) }}
	_, err = planner.Plan(t.Context(), request, "")
	if _, refused := errors.AsType[*backfill.InvalidRequest](err); !refused {
		t.Fatalf("the planner does not refuse %+v: %v", request, err)
	}
	payload, err := json.Marshal(functionError{"InvalidRequest", err.Error()})
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

func TestARangeThatThePlannerRefusesIsWrongUsageOfTheFlags(t *testing.T) {
	t.Parallel()
	day := partition.MustParseKey
	for _, test := range []struct {
		request backfill.Request
		want    string
	}{
		{backfill.Request{From: day("2010-02-19")}, "backfill --from 2010-02-19: it is before the first partition, 2010-02-20"},
		{backfill.Request{To: day("2010-02-19")}, "backfill --to 2010-02-19: it is before the first partition, 2010-02-20"},
		{backfill.Request{From: day("2050-01-01")}, "backfill --from 2050-01-01: it is after the last day that has ended, 2046-11-24 (time zone UTC)"},
		{backfill.Request{To: day("2050-01-01")}, "backfill --to 2050-01-01: it is after the last day that has ended, 2046-11-24 (time zone UTC)"},
		{backfill.Request{}, "backfill --from 2010-02-20 --to 2046-11-24: want at most 8000 days; give --from and --to, or --last-days"},
	} {
		err := planningFailed(plannersRefusal(t, test.request))
		if _, usage := errors.AsType[*usageError](err); !usage || err.Error() != test.want {
			t.Errorf("%+v: %v; want %s as wrong usage", test.request, err, test.want)
		}
	}
}

func TestAnEmptyDayIsRunAgainWithAFlag(t *testing.T) {
	t.Parallel()
	answer := lambda.InvokeOutput{Payload: []byte(`{"errorType":"EmptyPartition","errorMessage":"if the day really is empty, run it with \"allow_empty\": true"}`)}
	err := failedRun(Terminal{}, false, partition.MustParseKey("2026-02-20"), &answer)
	coded, ok := errors.AsType[*exitError](err)
	if !ok || !strings.HasSuffix(coded.cause.Error(), "run it with --allow-empty") {
		t.Errorf("%v", err)
	}
	ended := execution{Error: partitionsFailed, Cause: `Of 2026-02-21: run it with "allow_empty": true`}
	if text := whyItEnded(ended); text != "PartitionsFailed: Of 2026-02-21: run it with --allow-empty" {
		t.Error(text)
	}
}

func TestWhatFailedByItsPlanIsNotRetried(t *testing.T) {
	t.Parallel()
	refused := execution{Status: types.ExecutionStatusFailed, Error: "PlanChanged", redrivable: types.ExecutionRedriveStatusRedrivable}
	if reason := whyNoRetry(refused, common{}); !strings.Contains(reason, "start a new one with `delfos backfill`") {
		t.Errorf("%q", reason)
	}
	failed := execution{Status: types.ExecutionStatusFailed, Error: partitionsFailed, redrivable: types.ExecutionRedriveStatusRedrivable}
	if reason := whyNoRetry(failed, common{}); reason != "" {
		t.Errorf("%q", reason)
	}
}

func TestHowABackfillEndedIsSaidInASentence(t *testing.T) {
	t.Parallel()
	for ended, want := range map[types.ExecutionStatus]string{
		types.ExecutionStatusAborted: "was cancelled", types.ExecutionStatusSucceeded: "succeeded",
		types.ExecutionStatusFailed: "failed", types.ExecutionStatusTimedOut: "timed out",
	} {
		if got := howItEnded(ended); got != want {
			t.Errorf("%s: it %s; want %s", ended, got, want)
		}
	}
}
