package status

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"delfos/shared/partition"
)

// item is a record as DynamoDB holds it: times in milliseconds of the Unix epoch, days as
// text.
type item = map[string]types.AttributeValue

func toMillis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func (m Materialization) attribute() types.AttributeValue {
	ms := m.Duration.milliseconds()
	return nested(item{
		"run_id": text(m.RunID), "generation": number(m.Generation),
		"rows_read": number(m.RowsRead), "samples_missing": number(m.SamplesMissing),
		"windows": number(m.Windows), "rows_written": number(m.RowsWritten),
		"fingerprint": text(m.Fingerprint), "coverage": decimal(m.Coverage), "published_at": instant(m.PublishedAt),
		"duration_ms": nested(item{
			"extract": decimal(ms.Extract), "aggregate": decimal(ms.Aggregate), "load": decimal(ms.Load), "total": decimal(ms.Total),
		}),
	})
}

func (f Failure) attribute() types.AttributeValue {
	return nested(item{"type": text(f.Type), "message": text(f.Message)})
}

func (p BackfillPlan) attribute() types.AttributeValue {
	return nested(item{
		"from": text(p.From.String()), "to": text(p.To.String()),
		"partitions": number(p.Partitions), "plan_hash": text(p.Hash),
	})
}

func (c BackfillCounts) attribute() types.AttributeValue {
	return nested(item{
		"materialized": number(c.Materialized), "failed": number(c.Failed),
		"cancelled": number(c.Cancelled), "waived": number(c.Waived),
	})
}

// startedRunItem is a run's item at its start. What is zero is left out, but for what a
// list of runs would miss.
func startedRunItem(r Run) item {
	i := item{
		"asset": text(r.Asset), "run_id": text(r.ID), "asset_partition": text(assetPartition(r.Asset, r.Partition)),
		"partition": text(r.Partition.String()), "trigger": text(r.Trigger), "attempt": number(r.Attempt),
		"outcome": text(r.Outcome), "started_at": instant(r.StartedAt),
	}
	for name, value := range map[string]string{
		"backfill_id": r.BackfillID, "log_group": r.LogGroup, "log_stream": r.LogStream, "request_id": r.RequestID,
	} {
		if value != "" {
			i[name] = text(value)
		}
	}
	if r.Generation != 0 {
		i["generation"] = number(r.Generation)
	}
	if !r.ExpiresAt.IsZero() {
		i["expires_at"] = number(r.ExpiresAt.Unix())
	}
	return i
}

// assetPartition is the key of the index by_partition: "turbine-1#2026-02-20". A
// day has ten characters, so it is unambiguous whatever the asset's name holds.
func assetPartition(asset string, key partition.Key) string {
	return asset + "#" + key.String()
}
