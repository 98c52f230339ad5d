package status

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"delfos/shared/partition"
)

// item is a record as DynamoDB holds it.
type item = map[string]types.AttributeValue

// The forms of what is encoded whole: times in milliseconds of the Unix epoch, days as text. What
// is zero is left out, but for what a list of runs would miss.
type (
	materializationItem struct {
		RunID          string       `dynamodbav:"run_id"`
		Generation     int64        `dynamodbav:"generation"`
		RowsRead       int64        `dynamodbav:"rows_read"`
		SamplesMissing int64        `dynamodbav:"samples_missing"`
		Windows        int64        `dynamodbav:"windows"`
		RowsWritten    int64        `dynamodbav:"rows_written"`
		Fingerprint    string       `dynamodbav:"fingerprint"`
		Coverage       float64      `dynamodbav:"coverage"`
		Duration       milliseconds `dynamodbav:"duration_ms"`
		PublishedAt    int64        `dynamodbav:"published_at"`
	}

	runItem struct {
		Asset           string               `dynamodbav:"asset"`
		ID              string               `dynamodbav:"run_id"`
		AssetPartition  string               `dynamodbav:"asset_partition"`
		Partition       string               `dynamodbav:"partition"`
		Trigger         Trigger              `dynamodbav:"trigger"`
		Attempt         int                  `dynamodbav:"attempt"`
		Generation      int64                `dynamodbav:"generation,omitempty"`
		BackfillID      string               `dynamodbav:"backfill_id,omitempty"`
		Outcome         Outcome              `dynamodbav:"outcome"`
		StartedAt       int64                `dynamodbav:"started_at"`
		FinishedAt      int64                `dynamodbav:"finished_at,omitempty"`
		Failure         *Failure             `dynamodbav:"failure,omitempty"`
		Materialization *materializationItem `dynamodbav:"materialization,omitempty"`
		LogGroup        string               `dynamodbav:"log_group,omitempty"`
		LogStream       string               `dynamodbav:"log_stream,omitempty"`
		RequestID       string               `dynamodbav:"request_id,omitempty"`
		ExpiresAt       int64                `dynamodbav:"expires_at,omitempty"` // in seconds
	}
)

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

func toMaterializationItem(m Materialization) materializationItem {
	return materializationItem{
		RunID: m.RunID, Generation: m.Generation,
		RowsRead: m.RowsRead, SamplesMissing: m.SamplesMissing, Windows: m.Windows, RowsWritten: m.RowsWritten,
		Fingerprint: m.Fingerprint, Coverage: m.Coverage,
		Duration: m.Duration.milliseconds(), PublishedAt: toMillis(m.PublishedAt),
	}
}

func startedRunItem(r Run) runItem {
	i := runItem{
		Asset: r.Asset, ID: r.ID, AssetPartition: assetPartition(r.Asset, r.Partition), Partition: r.Partition.String(),
		Trigger: r.Trigger, Attempt: r.Attempt, Generation: r.Generation, BackfillID: r.BackfillID,
		Outcome: r.Outcome, StartedAt: toMillis(r.StartedAt),
		LogGroup: r.LogGroup, LogStream: r.LogStream, RequestID: r.RequestID,
	}
	if !r.ExpiresAt.IsZero() {
		i.ExpiresAt = r.ExpiresAt.Unix()
	}
	return i
}

// assetPartition is the key of the index by_partition: "turbine-1#2026-02-20". A
// day has ten characters, so it is unambiguous whatever the asset's name holds.
func assetPartition(asset string, key partition.Key) string {
	return asset + "#" + key.String()
}
