package statustest

import (
	"math"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"delfos/shared/status"
)

var completeTests = map[string]func(*testing.T, fixture){
	"CompleteRecordsTheDataAndEndsTheLease": func(t *testing.T, f fixture) {
		published := f.complete(t, f.claim(t, runA, start), after(3))
		f.expect(t, status.Partition{
			Data: status.DataMaterialized, Materialization: &published,
			Attempt: status.AttemptSucceeded, Generation: 1, RunID: runA, UpdatedAt: after(3),
		})
		same(t, f.claim(t, runB, after(3)).Generation, 2)
	},
	"CompleteTwiceIsCompleteOnce": func(t *testing.T, f fixture) {
		lease := f.claim(t, runA, start)
		f.complete(t, lease, after(3))
		once := f.partition(t)
		f.complete(t, lease, after(3))
		f.expect(t, once)
	},
	"CompleteHoldsAfterTheLeaseRanOutWhileNobodyTookIt": func(t *testing.T, f fixture) {
		f.complete(t, f.claim(t, runA, start), after(60))
		same(t, f.partition(t).Attempt, status.AttemptSucceeded)
	},
	"CompleteHoldsWhereTheCancellationCameTooLate": func(t *testing.T, f fixture) {
		lease := f.claim(t, runA, start)
		f.cancel(t, after(1))
		published := f.complete(t, lease, after(2))
		f.expect(t, status.Partition{
			Data: status.DataMaterialized, Materialization: &published,
			Attempt: status.AttemptSucceeded, Generation: 1, RunID: runA, UpdatedAt: after(2),
		})
	},
	"CompleteOfStaleOrWaivedDataMaterializesIt": func(t *testing.T, f fixture) {
		for run, state := range map[string]status.DataState{runA: status.DataStale, runB: status.DataWaived} {
			lease := f.claim(t, run, start)
			f.setData(t, state)
			f.complete(t, lease, start)
			p := f.partition(t)
			same(t, p.Data, status.DataMaterialized)
			same(t, p.WaivedReason, "")
		}
	},
	"CompleteAfterATakeoverRecordsTheDataAndLeavesTheAttempt": func(t *testing.T, f fixture) {
		late := f.claim(t, runA, start)
		f.claim(t, runB, after(15))
		for range 2 {
			published := f.complete(t, late, after(16))
			f.expect(t, status.Partition{
				Data: status.DataMaterialized, Materialization: &published,
				Attempt: status.AttemptRunning, Generation: 2, RunID: runB, LeaseUntil: after(30), UpdatedAt: after(16),
			})
		}
	},
	"CompleteNeverReplacesALaterMaterialization": func(t *testing.T, f fixture) {
		late := f.claim(t, runA, start)
		f.complete(t, f.claim(t, runB, after(15)), after(16))
		later := f.partition(t)
		err := f.store.Complete(deadline(t), late, materialization(late, after(17)), after(17))
		wantLost(t, err, late, status.LostTaken, runB)
		f.expect(t, later)
	},
	"CompleteTellsThatTheRecordIsGone": func(t *testing.T, f fixture) {
		lease := status.Lease{Asset: f.asset, Partition: day, RunID: runA, Generation: 1}
		err := f.store.Complete(deadline(t), lease, materialization(lease, start), start)
		wantLost(t, err, lease, status.LostMissing, "")
		f.expect(t, status.Partition{Data: status.DataMissing})
	},
	"CompleteRefusesWhatIsNotTheLeasesOwnOrNoNumber": func(t *testing.T, f fixture) {
		lease := f.claim(t, runA, start)
		held := f.partition(t)
		for name, change := range map[string]func(*status.Materialization){
			"another run":        func(m *status.Materialization) { m.RunID = runB },
			"another generation": func(m *status.Materialization) { m.Generation++ },
			"no coverage":        func(m *status.Materialization) { m.Coverage = math.NaN() },
		} {
			m := materialization(lease, start)
			change(&m)
			if err := f.store.Complete(deadline(t), lease, m, after(1)); err == nil {
				t.Errorf("%s: want an error", name)
			}
		}
		f.expect(t, held)
	},
}

// setData writes a state of data that no transition of the store leads to yet.
func (f fixture) setData(t *testing.T, state status.DataState) {
	t.Helper()
	_, err := f.client.UpdateItem(deadline(t), &dynamodb.UpdateItemInput{
		TableName: &f.tables.Partitions,
		Key: map[string]types.AttributeValue{
			"asset":     &types.AttributeValueMemberS{Value: f.asset},
			"partition": &types.AttributeValueMemberS{Value: day.String()},
		},
		UpdateExpression:         aws.String("SET #data = :state, waived_reason = :reason"),
		ExpressionAttributeNames: map[string]string{"#data": "data"},
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":state":  &types.AttributeValueMemberS{Value: string(state)},
			":reason": &types.AttributeValueMemberS{Value: "the turbine was not there"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}

var failTests = map[string]func(*testing.T, fixture){
	"FailEndsTheLeaseAndHidesNoData": func(t *testing.T, f fixture) {
		published := f.complete(t, f.claim(t, runA, start), after(1))
		failure := f.fail(t, f.claim(t, runB, after(2)), after(3))
		f.expect(t, status.Partition{
			Data: status.DataMaterialized, Materialization: &published,
			Attempt: status.AttemptFailed, Failure: &failure, Generation: 2, RunID: runB, UpdatedAt: after(3),
		})
		same(t, f.claim(t, runC, after(3)).Generation, 3)
	},
	"FailTwiceIsFailOnce": func(t *testing.T, f fixture) {
		lease := f.claim(t, runA, start)
		f.fail(t, lease, after(1))
		f.fail(t, lease, after(1))
		same(t, f.partition(t).Attempt, status.AttemptFailed)
	},
	"FailRaisesTheGenerationToTheTargets": func(t *testing.T, f fixture) {
		lease := f.claim(t, runA, start)
		for range 2 { // the second recognises the first
			if err := f.store.Fail(deadline(t), lease, status.Failure{Type: "Superseded"}, after(1), 41); err != nil {
				t.Fatal(err)
			}
		}
		same(t, f.claim(t, runB, after(2)).Generation, 42)
	},
	"FailNeverLowersTheGeneration": func(t *testing.T, f fixture) {
		f.fail(t, f.claim(t, runA, start), after(1))
		if err := f.store.Fail(deadline(t), f.claim(t, runB, after(2)), status.Failure{Type: "Superseded"}, after(3), 1); err != nil {
			t.Fatal(err)
		}
		same(t, f.partition(t).Generation, 2)
	},
	"FailHoldsAfterTheLeaseRanOutWhileNobodyTookIt": func(t *testing.T, f fixture) {
		failure := f.fail(t, f.claim(t, runA, start), after(60))
		same(t, f.partition(t).Failure, &failure)
	},
	"FailLeavesWhatIsNotItsOwn": func(t *testing.T, f fixture) {
		lost := func(lease status.Lease, reason status.LostReason, takenBy string) {
			t.Helper()
			before := f.partition(t)
			err := f.store.Fail(deadline(t), lease, status.Failure{Type: "OutOfTime"}, after(100), 0)
			wantLost(t, err, lease, reason, takenBy)
			f.expect(t, before)
		}
		first := f.claim(t, runA, start)
		second := f.claim(t, runB, after(15))
		lost(first, status.LostTaken, runB)
		f.complete(t, second, after(16))
		lost(second, status.LostEnded, "")
		third := f.claim(t, runC, after(17))
		f.cancel(t, after(18))
		lost(third, status.LostCancelled, "")
	},
	"FailCutsAMessageThatIsTooLongAndKeepsItText": func(t *testing.T, f fixture) {
		lease := f.claim(t, runA, start)
		long := status.Failure{Type: "InternalFailure", Message: strings.Repeat("°", 300_000) + "\xff"}
		if err := f.store.Fail(deadline(t), lease, long, after(1), 0); err != nil {
			t.Fatal(err)
		}
		message := f.partition(t).Failure.Message
		if len(message) > 4096 || !strings.HasSuffix(message, "°…") || strings.Trim(message, "°…") != "" {
			t.Errorf("have %d bytes that end in %q", len(message), message[max(0, len(message)-10):])
		}
	},
	"FailWantsAType": func(t *testing.T, f fixture) {
		lease := f.claim(t, runA, start)
		if err := f.store.Fail(deadline(t), lease, status.Failure{Message: "no"}, after(1), 0); err == nil {
			t.Error("want an error")
		}
		same(t, f.partition(t).Attempt, status.AttemptRunning)
	},
}
