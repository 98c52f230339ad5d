package status

import (
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"delfos/shared/partition"
)

// record reads an item attribute by attribute. Lists of thousands of items are read
// for a page that somebody waits for, and the SDK's way, by reflection, takes several
// times as long. What is missing is zero; the first attribute of a wrong type is err.
type record struct {
	of  item
	err *error
}

func newRecord(of item) record { return record{of, new(error)} }

func (r record) wrong(name, want string) {
	if *r.err == nil {
		*r.err = fmt.Errorf("attribute %s: want %s, not %T", name, want, r.of[name])
	}
}

func (r record) text(name string) string {
	switch value := r.of[name].(type) {
	case nil:
		return ""
	case *types.AttributeValueMemberS:
		return value.Value
	default:
		r.wrong(name, "a string")
		return ""
	}
}

// digits is a number as text; empty where it is missing.
func (r record) digits(name string) string {
	switch value := r.of[name].(type) {
	case nil:
		return ""
	case *types.AttributeValueMemberN:
		return value.Value
	default:
		r.wrong(name, "a number")
		return ""
	}
}

func (r record) integer(name string) int64 {
	digits := r.digits(name)
	if digits == "" {
		return 0
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		r.wrong(name, "a whole number")
	}
	return n
}

func (r record) number(name string) float64 {
	digits := r.digits(name)
	if digits == "" {
		return 0
	}
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		r.wrong(name, "a number")
	}
	return n
}

func (r record) time(name string) time.Time { return fromMillis(r.integer(name)) }

func (r record) day(name string) partition.Key {
	key, err := partition.ParseKey(r.text(name))
	if err != nil {
		r.wrong(name, "a day")
	}
	return key
}

// record is a record within the record; false where it is missing.
func (r record) record(name string) (record, bool) {
	switch value := r.of[name].(type) {
	case nil, *types.AttributeValueMemberNULL:
		return record{}, false
	case *types.AttributeValueMemberM:
		return record{value.Value, r.err}, true
	default:
		r.wrong(name, "a map")
		return record{}, false
	}
}

func (r record) failure() *Failure {
	f, ok := r.record("failure")
	if !ok {
		return nil
	}
	return &Failure{Type: f.text("type"), Message: f.text("message")}
}

func (r record) materialization() *Materialization {
	m, ok := r.record("materialization")
	if !ok {
		return nil
	}
	found := &Materialization{
		RunID: m.text("run_id"), Generation: m.integer("generation"),
		RowsRead: m.integer("rows_read"), SamplesMissing: m.integer("samples_missing"),
		Windows: m.integer("windows"), RowsWritten: m.integer("rows_written"),
		Fingerprint: m.text("fingerprint"), Coverage: m.number("coverage"), PublishedAt: m.time("published_at"),
	}
	if d, ok := m.record("duration_ms"); ok {
		found.Duration = milliseconds{d.number("extract"), d.number("aggregate"), d.number("load"), d.number("total")}.durations()
	}
	return found
}

func toPartition(from item) (Partition, error) {
	r := newRecord(from)
	p := Partition{
		Asset: r.text("asset"), Key: r.day("partition"),
		Data: DataState(r.text("data")), Materialization: r.materialization(), WaivedReason: r.text("waived_reason"),
		Attempt: AttemptState(r.text("attempt")), Generation: r.integer("generation"), RunID: r.text("run_id"), BackfillID: r.text("backfill_id"),
		LeaseUntil: r.time("lease_until"), Failure: r.failure(), UpdatedAt: r.time("updated_at"),
	}
	if *r.err != nil {
		return Partition{}, fmt.Errorf("the record of partition %q of %q cannot be read: %w", r.text("partition"), p.Asset, *r.err)
	}
	if p.Data == "" {
		p.Data = DataMissing
	}
	return p, nil
}

func toRun(from item) (Run, error) {
	r := newRecord(from)
	run := Run{
		ID: r.text("run_id"), Asset: r.text("asset"), Partition: r.day("partition"),
		Trigger: Trigger(r.text("trigger")), Attempt: int(r.integer("attempt")), Generation: r.integer("generation"), BackfillID: r.text("backfill_id"),
		Outcome: Outcome(r.text("outcome")), StartedAt: r.time("started_at"), FinishedAt: r.time("finished_at"),
		Failure: r.failure(), Materialization: r.materialization(),
		LogGroup: r.text("log_group"), LogStream: r.text("log_stream"), RequestID: r.text("request_id"),
	}
	if seconds := r.integer("expires_at"); seconds != 0 {
		run.ExpiresAt = time.Unix(seconds, 0).UTC()
	}
	if *r.err != nil {
		return Run{}, fmt.Errorf("the record of run %q of %q cannot be read: %w", run.ID, run.Asset, *r.err)
	}
	return run, nil
}
