package status

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"delfos/shared/partition"
)

// item is a record as DynamoDB holds it.
type item = map[string]types.AttributeValue

// The items' forms: times in milliseconds of the Unix epoch, days as text. What
// is zero is left out, but for what a list of runs would miss.
type (
	partitionItem struct {
		Asset           string               `dynamodbav:"asset"`
		Partition       string               `dynamodbav:"partition"`
		Data            DataState            `dynamodbav:"data,omitempty"`
		Materialization *materializationItem `dynamodbav:"materialization,omitempty"`
		WaivedReason    string               `dynamodbav:"waived_reason,omitempty"`
		Attempt         AttemptState         `dynamodbav:"attempt,omitempty"`
		Generation      int64                `dynamodbav:"generation,omitempty"`
		RunID           string               `dynamodbav:"run_id,omitempty"`
		BackfillID      string               `dynamodbav:"backfill_id,omitempty"`
		LeaseUntil      int64                `dynamodbav:"lease_until,omitempty"`
		Failure         *Failure             `dynamodbav:"failure,omitempty"`
		UpdatedAt       int64                `dynamodbav:"updated_at,omitempty"`
	}

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

func (m *materializationItem) materialization() *Materialization {
	if m == nil {
		return nil
	}
	return &Materialization{
		RunID: m.RunID, Generation: m.Generation,
		RowsRead: m.RowsRead, SamplesMissing: m.SamplesMissing, Windows: m.Windows, RowsWritten: m.RowsWritten,
		Fingerprint: m.Fingerprint, Coverage: m.Coverage,
		Duration: m.Duration.durations(), PublishedAt: fromMillis(m.PublishedAt),
	}
}

func toPartition(from item) (Partition, error) {
	var i partitionItem
	if err := attributevalue.UnmarshalMap(from, &i); err != nil {
		return Partition{}, fmt.Errorf("the record of partition %q of %q cannot be read: %w", i.Partition, i.Asset, err)
	}
	key, err := partition.ParseKey(i.Partition)
	if err != nil {
		return Partition{}, fmt.Errorf("a record of asset %q cannot be read: %w", i.Asset, err)
	}
	p := Partition{
		Asset: i.Asset, Key: key,
		Data: i.Data, Materialization: i.Materialization.materialization(), WaivedReason: i.WaivedReason,
		Attempt: i.Attempt, Generation: i.Generation, RunID: i.RunID, BackfillID: i.BackfillID,
		LeaseUntil: fromMillis(i.LeaseUntil), Failure: i.Failure, UpdatedAt: fromMillis(i.UpdatedAt),
	}
	if p.Data == "" {
		p.Data = DataMissing
	}
	return p, nil
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

func toRun(from item) (Run, error) {
	var i runItem
	if err := attributevalue.UnmarshalMap(from, &i); err != nil {
		return Run{}, fmt.Errorf("the record of run %q of %q cannot be read: %w", i.ID, i.Asset, err)
	}
	key, err := partition.ParseKey(i.Partition)
	if err != nil {
		return Run{}, fmt.Errorf("the record of run %q of %q cannot be read: %w", i.ID, i.Asset, err)
	}
	r := Run{
		ID: i.ID, Asset: i.Asset, Partition: key,
		Trigger: i.Trigger, Attempt: i.Attempt, Generation: i.Generation, BackfillID: i.BackfillID,
		Outcome: i.Outcome, StartedAt: fromMillis(i.StartedAt), FinishedAt: fromMillis(i.FinishedAt),
		Failure: i.Failure, Materialization: i.Materialization.materialization(),
		LogGroup: i.LogGroup, LogStream: i.LogStream, RequestID: i.RequestID,
	}
	if i.ExpiresAt != 0 {
		r.ExpiresAt = time.Unix(i.ExpiresAt, 0).UTC()
	}
	return r, nil
}

// assetPartition is the key of the index by_partition: "turbine-1#2026-02-20". A
// day has ten characters, so it is unambiguous whatever the asset's name holds.
func assetPartition(asset string, key partition.Key) string {
	return asset + "#" + key.String()
}
