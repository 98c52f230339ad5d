package track_test

import (
	"encoding/json"
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delfos/shared/backfill"
	"delfos/shared/backfill/track"
	"delfos/shared/status"
)

const name = "trying-out"

// arn is the execution's.
const arn = "arn:aws:states:us-east-1:123456789012:execution:delfos-BackfillStateMachine:" + name

var (
	began = time.Date(2026, time.March, 2, 10, 0, 0, 0, time.UTC)
	ended = began.Add(5 * time.Second)
)

// event is the function's own event file, with its detail changed: members of
// changes, a JSON object, take the place of those that are there.
func event(t testing.TB, changes string) []byte {
	t.Helper()
	text, err := os.ReadFile("../../../functions/trackbackfill/events/aborted.json")
	if err != nil {
		t.Fatal(err)
	}
	var e, replace map[string]any
	if err := json.Unmarshal(text, &e); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(changes), &replace); err != nil {
		t.Fatal(err)
	}
	maps.Copy(e["detail"].(map[string]any), replace)
	text, err = json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestAnEventIsAChangeOfABackfill(t *testing.T) {
	t.Parallel()
	change := func(state status.BackfillState, redrives int, endedAt time.Time, failure *status.Failure) track.Change {
		return track.Change{
			ID: name, ExecutionARN: arn, State: state, Redrives: redrives, Input: json.RawMessage(`{}`),
			StartedAt: began, EndedAt: endedAt, Failure: failure,
		}
	}
	for changes, want := range map[string]track.Change{
		`{}`: change("cancelled", 0, ended, &status.Failure{Type: "ABORTED", Message: "not wanted any more"}),
		`{"status":"RUNNING","stopDate":null,"cause":null}`:                  change("running", 0, time.Time{}, nil),
		`{"status":"RUNNING","stopDate":null,"cause":null,"redriveCount":2}`: change("running", 2, time.Time{}, nil),
		`{"status":"SUCCEEDED","output":"{}","cause":null}`:                  change("succeeded", 0, ended, nil),
		`{"status":"TIMED_OUT","error":"States.Timeout","cause":null}`:       change("failed", 0, ended, &status.Failure{Type: "States.Timeout"}),
		`{"status":"FAILED","error":"PlanChanged","cause":"{\"errorMessage\":\"the plan is not\",\"errorType\":\"PlanChanged\"}"}`: change(
			"failed", 0, ended, &status.Failure{Type: "PlanChanged", Message: "the plan is not"}),
	} {
		have, err := track.ParseEvent(event(t, changes))
		if diff := cmp.Diff(want, have); err != nil || diff != "" {
			t.Errorf("%s: %v, want (-) but have (+):\n%s", changes, err, diff)
		}
	}
}

func TestAnInputThatTheEventLeavesOutIsNone(t *testing.T) {
	t.Parallel()
	for _, changes := range []string{`{"input":null}`, `{"input":"{\"cut"}`} {
		have, err := track.ParseEvent(event(t, changes))
		if err != nil || have.Input != nil {
			t.Errorf("%s: %s, %v", changes, have.Input, err)
		}
	}
}

func TestAPartitionsExecutionIsNoBackfill(t *testing.T) {
	t.Parallel()
	for _, executionStatus := range []string{"ABORTED", "PENDING_REDRIVE"} {
		have, err := track.ParseEvent(event(t, `{"stateMachineArn":"arn:aws:states:us-east-1:123456789012:stateMachine:delfos-BackfillStateMachine/Partitions",
			"status":"`+executionStatus+`"}`))
		if err != nil || !have.Child {
			t.Errorf("%s: %+v, %v", executionStatus, have, err)
		}
	}
}

func TestAnEventThatIsNoneIsRefusedByField(t *testing.T) {
	t.Parallel()
	for text, rule := range map[string]string{
		``:   "unexpected end",
		`[]`: "array",
		`{}`: `source "", detail-type ""`,
		`{"source":"aws.events","detail-type":"Scheduled Event"}`: `want "aws.states"`,
		string(event(t, `{"name":""}`)):                           `detail.name ""`,
		string(event(t, `{"status":"PENDING_REDRIVE"}`)):          `detail.status "PENDING_REDRIVE"`,
		string(event(t, `{"startDate":null}`)):                    "detail.startDate 0",
		string(event(t, `{"startDate":253402300800000}`)):         "detail.startDate",
		string(event(t, `{"stopDate":null}`)):                     "detail.stopDate",
		string(event(t, `{"stopDate":-1}`)):                       "detail.stopDate -1",
		string(event(t, `{"redriveCount":-1}`)):                   "detail.redriveCount -1",
	} {
		_, err := track.ParseEvent([]byte(text))
		invalid, ok := err.(*backfill.InvalidEvent) //nolint:errorlint // the type itself counts
		if !ok || !strings.Contains(invalid.Error(), rule) {
			t.Errorf("ParseEvent(%.80s) = %T %v, want an *InvalidEvent that says %q", text, err, err, rule)
		}
	}
}

func FuzzParseEvent(f *testing.F) {
	for _, changes := range []string{`{}`, `{"status":"RUNNING","stopDate":null}`, `{"status":"FAILED","cause":"{\"errorMessage\":\"x\\n{}\"}"}`, `{"redriveCount":1e9}`} {
		f.Add(event(f, changes))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		change, err := track.ParseEvent(text)
		if err != nil {
			if _, ok := err.(*backfill.InvalidEvent); !ok { //nolint:errorlint // the type itself counts
				t.Fatalf("%q: error of type %T", text, err)
			}
			return
		}
		running := change.State == status.BackfillRunning
		if change.ID == "" || change.StartedAt.IsZero() || !change.Child && (running != change.EndedAt.IsZero() || change.State == "") {
			t.Fatalf("%q is %+v", text, change)
		}
	})
}
