package statustest

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"delfos/shared/status"
)

// itemTests pin what other readers of the tables see: the aws command, an
// export, the table's time to live, and an older or newer version of the store.
var itemTests = map[string]func(*testing.T, fixture){
	"APartitionsItemIsAsDocumented": func(t *testing.T, f fixture) {
		f.complete(t, f.claim(t, runA, start), after(3))
		f.fail(t, f.claim(t, runB, after(4)), after(5))
		f.expectItem(t, f.tables.Partitions, "partition", day.String(), `{
			"asset": "ASSET", "partition": "2026-02-20", "data": "materialized",
			"attempt": "failed", "generation": 2, "run_id": "01KJB000000000000000000000", "updated_at": 1772154005000,
			"failure": {"type": "SourceUnavailable", "message": "the source API answers 503"},
			"materialization": `+materializationItem+`}`)
	},
	"AClaimedPartitionsItemIsAsDocumented": func(t *testing.T, f fixture) {
		f.claim(t, runA, start)
		f.expectItem(t, f.tables.Partitions, "partition", day.String(), `{
			"asset": "ASSET", "partition": "2026-02-20", "attempt": "running", "generation": 1,
			"run_id": "01KJA000000000000000000000", "lease_until": 1772154015000, "updated_at": 1772154000000}`)
	},
	"ABackfillsItemIsAsDocumented": func(t *testing.T, f fixture) {
		f.plan(t)
		f.change(t, f.began())
		f.change(t, f.ended(status.BackfillFailed, 1))
		f.expectItem(t, f.tables.Backfills, "backfill_id", backfillID, `{
			"asset": "ASSET", "backfill_id": "february", "start_key": "2026-02-27T01:00:00.000Z#february",
			"execution_arn": "arn:execution:february", "state": "failed", "redrives": 1, "request": "{\"select\":\"missing\"}",
			"started_at": 1772154000000, "ended_at": 1772154018000, "updated_at": 1772154019000,
			"failure": {"type": "PartitionsFailed", "message": "at redrive 1"},
			"plan": {"from": "2026-02-20", "to": "2026-03-01", "partitions": 3,
				"plan_hash": "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f"}}`)
	},
	"ARunsItemIsAsDocumented": func(t *testing.T, f fixture) {
		f.startRun(t, f.run(runA))
		m := materialization(status.Lease{RunID: runA, Generation: 1}, after(3))
		f.finishRun(t, status.Ending{Outcome: status.OutcomeSucceeded, At: after(4), Generation: 1, Materialization: &m})
		f.expectItem(t, f.tables.Runs, "run_id", runA, `{
			"asset": "ASSET", "run_id": "01KJA000000000000000000000",
			"asset_partition": "ASSET#2026-02-20", "partition": "2026-02-20",
			"trigger": "backfill", "attempt": 2, "backfill_id": "february", "generation": 1, "outcome": "succeeded",
			"started_at": 1772154000000, "finished_at": 1772154004000, "expires_at": 1803690000,
			"log_group": "/aws/lambda/delfos-EtlFunction", "log_stream": "2026/02/27/[$LATEST]0123", "request_id": "5f3c",
			"materialization": `+materializationItem+`}`)
	},
}

const materializationItem = `{
	"run_id": "01KJA000000000000000000000", "generation": 1, "rows_read": 1437, "samples_missing": 3, "windows": 144,
	"rows_written": 1152, "fingerprint": "sha256:01KJA000000000000000000000", "coverage": 0.9979166666666667,
	"duration_ms": {"extract": 12.345, "aggregate": 0.678, "load": 9, "total": 22.023}, "published_at": 1772154003000}`

// expectItem compares an item, as DynamoDB holds it, with one in JSON, in which
// ASSET stands for the fixture's asset.
func (f fixture) expectItem(t *testing.T, table, order, value, want string) {
	t.Helper()
	answer, err := f.client.GetItem(deadline(t), &dynamodb.GetItemInput{
		TableName: &table,
		Key: map[string]types.AttributeValue{
			"asset": &types.AttributeValueMemberS{Value: f.asset},
			order:   &types.AttributeValueMemberS{Value: value},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	var have, wanted map[string]any
	if err := attributevalue.UnmarshalMap(answer.Item, &have); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(strings.ReplaceAll(want, "ASSET", f.asset)), &wanted); err != nil {
		t.Fatal(err)
	}
	same(t, have, wanted)
}
