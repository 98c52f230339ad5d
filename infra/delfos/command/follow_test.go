package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/dynamodb/dynamodbtest"
	"delfos/shared/partition"
	"delfos/shared/status"
	"delfos/shared/status/statustest"
)

var testTime = time.Date(2026, 11, 25, 19, 55, 0, 0, time.UTC)

// look is how a backfill stands at one look.
type look struct {
	status types.ExecutionStatus
	counts types.MapRunItemCounts
	err    error
}

// fakeMachine answers each DescribeExecution with the next look, the last for good.
// What it is not asked for in a test is nil, and would panic.
type fakeMachine struct {
	stepFunctions

	looks []look
	at    int
	end   sfn.DescribeExecutionOutput // what the last look says besides its status
}

func (m *fakeMachine) DescribeExecution(_ context.Context, in *sfn.DescribeExecutionInput, _ ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error) {
	m.at = min(m.at+1, len(m.looks))
	now := m.looks[m.at-1]
	if now.err != nil {
		return nil, now.err
	}
	answer := sfn.DescribeExecutionOutput{}
	if m.at == len(m.looks) {
		answer = m.end
	}
	answer.Name, answer.ExecutionArn, answer.Status = aws.String("b"), in.ExecutionArn, now.status
	answer.StartDate, answer.StopDate = aws.Time(testTime), aws.Time(testTime.Add(90*time.Second))
	return &answer, nil
}

func (m *fakeMachine) ListMapRuns(context.Context, *sfn.ListMapRunsInput, ...func(*sfn.Options)) (*sfn.ListMapRunsOutput, error) {
	if m.looks[max(m.at, 1)-1].counts.Total == 0 {
		return &sfn.ListMapRunsOutput{}, nil
	}
	return &sfn.ListMapRunsOutput{MapRuns: []types.MapRunListItem{{MapRunArn: aws.String("map")}}}, nil
}

func (m *fakeMachine) DescribeMapRun(context.Context, *sfn.DescribeMapRunInput, ...func(*sfn.Options)) (*sfn.DescribeMapRunOutput, error) {
	counts := m.looks[max(m.at, 1)-1].counts
	return &sfn.DescribeMapRunOutput{Status: types.MapRunStatusRunning, StartDate: aws.Time(testTime), ItemCounts: &counts}, nil
}

// testFollower watches a fake with a clock that its waits move.
func testFollower(m *fakeMachine, live bool) (f follower, stdout, stderr *bytes.Buffer) {
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	now := testTime
	terminal := Terminal{
		Stdout: stdout, Stderr: stderr, Live: live,
		Now:   func() time.Time { return now },
		Width: func() int { return 80 },
		Wait: func(ctx context.Context, d time.Duration) error {
			now = now.Add(d)
			return ctx.Err()
		},
	}
	return follower{
		conn: connection{sfn: m, resources: resources{machineARN: "arn:aws:states:us-east-1:000000000000:stateMachine:delfos-backfill"}}, terminal: terminal,
		common: common{where: where{dataDir: defaultDataDir}}, name: "b", asset: "turbine-1",
		from: partition.MustParseKey("2026-02-20"), to: partition.MustParseKey("2026-03-01"),
	}, stdout, stderr
}

// going is n looks at a backfill that does not move.
func going(n int, counts types.MapRunItemCounts) []look {
	looks := make([]look, n)
	for i := range looks {
		looks[i] = look{status: types.ExecutionStatusRunning, counts: counts}
	}
	return looks
}

func TestABackfillIsFollowedInLinesNowAndThenToItsEnd(t *testing.T) {
	t.Parallel()
	m := &fakeMachine{end: sfn.DescribeExecutionOutput{Output: aws.String(`{"counts":{"planned":10,"materialized":10}}`)}}
	for done := range int64(10) {
		m.looks = append(m.looks, going(4, types.MapRunItemCounts{Total: 10, Succeeded: done, Running: 1, Pending: 9 - done})...)
	}
	m.looks = append(m.looks, look{status: types.ExecutionStatusSucceeded})
	f, stdout, stderr := testFollower(m, false)
	if err := f.toTheEnd(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if want := "Backfill b succeeded after 1m30s: 10 of 10 materialized\n"; stdout.String() != want {
		t.Errorf("stdout %q, want %q", stdout, want)
	}
	var before time.Time
	for line := range strings.Lines(stderr.String()) {
		at, err := time.Parse("15:04:05Z", strings.Fields(line)[0])
		if err != nil || !before.IsZero() && at.Sub(before) < plainEvery-time.Second || !strings.Contains(line, "materialized") {
			t.Errorf("line %q, %v after the one before", line, at.Sub(before))
		}
		before = at
	}
}

func TestCtrlCStopsTheWatchingAndNotTheBackfill(t *testing.T) {
	t.Parallel()
	f, _, _ := testFollower(&fakeMachine{looks: going(1, types.MapRunItemCounts{Total: 2, Running: 2})}, true)
	ctx, interrupt := context.WithCancel(t.Context())
	f.terminal.Wait = func(context.Context, time.Duration) error {
		interrupt()
		return ctx.Err()
	}
	err := f.toTheEnd(ctx, nil)
	var coded *exitError
	if !errors.As(err, &coded) || coded.code != exitInterrupted {
		t.Fatalf("%v; want exit code %d", err, exitInterrupted)
	}
	for _, next := range []string{"goes on", "`delfos backfills b --watch`", "`delfos cancel b`"} {
		if !strings.Contains(coded.cause.Error(), next) {
			t.Errorf("%q does not say %q", coded.cause, next)
		}
	}
}

func TestAFollowerThatSeesNothingAnyMoreSaysThatTheBackfillGoesOn(t *testing.T) {
	t.Parallel()
	down := look{err: errors.New("connection refused")}
	m := &fakeMachine{looks: append(going(1, types.MapRunItemCounts{}), down, down,
		look{status: types.ExecutionStatusRunning}, down, down, down)}
	f, _, _ := testFollower(m, false)
	err := f.toTheEnd(t.Context(), nil)
	if err == nil || !strings.Contains(err.Error(), "lost sight") || !strings.Contains(err.Error(), "refused") || m.at != len(m.looks) {
		t.Errorf("after %d looks: %v", m.at, err)
	}
}

func TestABackfillThatEndsBadlyIsExitCodeOneAndSaysWhatToDo(t *testing.T) {
	t.Parallel()
	redrivable := types.ExecutionRedriveStatusRedrivable
	for name, test := range map[string]struct {
		last look
		end  sfn.DescribeExecutionOutput
		want string
	}{
		"cancelled": {
			look{status: types.ExecutionStatusAborted, counts: types.MapRunItemCounts{Total: 3, Succeeded: 1, Aborted: 2}},
			sfn.DescribeExecutionOutput{Error: aws.String("Cancelled"), Cause: aws.String("cancelled by ann"), RedriveStatus: redrivable},
			"Backfill b was cancelled after 1m30s: 2 of 3 materialized, 1 cancelled\n" + // by the records

				"  Cancelled: cancelled by ann\nRun again just what is not materialized: `delfos retry b`\n",
		},
		"refused": {
			look{status: types.ExecutionStatusFailed},
			sfn.DescribeExecutionOutput{
				Error: aws.String("PlanChanged"), RedriveStatus: redrivable,
				Cause: aws.String(`{"errorMessage":"the plan is not the one that was shown","errorType":"PlanChanged"}`),
			},
			"Backfill b failed after 1m30s: 0 of 0 materialized\n  PlanChanged: the plan is not the one that was shown\n" +
				"Nothing was run, and a retry would hand in the same request: look at the plan again with `delfos backfill --dry-run`, and start another with `delfos backfill`\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, stdout, _ := testFollower(&fakeMachine{looks: []look{test.last}, end: test.end}, false)
			f.conn.status = halfDone(t)
			err := f.toTheEnd(t.Context(), nil)
			var coded *exitError
			if !errors.As(err, &coded) || coded.code != exitFailed {
				t.Errorf("%v; want exit code %d", err, exitFailed)
			}
			if diff := cmp.Diff(test.want, stdout.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// halfDone records two days that the backfill published, and one that was cancelled.
func halfDone(t *testing.T) *status.Store {
	t.Helper()
	store := statustest.NewStore(t, dynamodbtest.Client(t))
	for i, key := range keys("2026-02-20", 3) {
		lease, _, err := store.Claim(t.Context(), status.Claim{
			Asset: "turbine-1", Partition: key, RunID: fmt.Sprintf("run-%d", i), BackfillID: "b", Now: testTime, LeaseUntil: testTime.Add(time.Hour),
		})
		if err == nil && i < 2 {
			err = store.Complete(t.Context(), lease, status.Materialization{RunID: lease.RunID, Generation: lease.Generation, PublishedAt: testTime}, testTime)
		} else if err == nil {
			_, err = store.Cancel(t.Context(), "turbine-1", key, "enough", testTime)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return store
}

func TestRetriesAddUpToOneOutcome(t *testing.T) {
	t.Parallel()
	first := mapRun{Counts: itemCounts{Total: 10, Materialized: 7, Failed: 2, Cancelled: 1}}
	again := mapRun{Counts: itemCounts{Total: 3, Materialized: 2, Failed: 1}}
	if got := countsText(overall([]mapRun{first, again})); got != "9 of 10 materialized, 1 failed" {
		t.Error(got)
	}
}

func TestThePassOfAnEarlierStartIsNotTheCurrentOne(t *testing.T) {
	t.Parallel()
	ended := mapRun{Status: types.MapRunStatusSucceeded, lastStart: testTime}
	running := mapRun{Status: types.MapRunStatusRunning, lastStart: testTime}
	redriven := testTime.Add(time.Minute)
	for _, test := range []struct {
		pass  mapRun
		start time.Time
		want  bool
	}{{ended, testTime, true}, {ended, redriven, false}, {running, redriven, true}} {
		if got := isOfLastStart(test.pass, test.start); got != test.want {
			t.Errorf("a %s pass of %v, started at %v: %t", test.pass.Status, test.pass.lastStart, test.start, got)
		}
	}
}
