package status

import (
	"encoding/json"
	"fmt"
)

func toBackfill(from item) (Backfill, error) {
	r := newRecord(from)
	b := Backfill{
		Asset: r.text("asset"), ID: r.text("backfill_id"), ExecutionARN: r.text("execution_arn"),
		State: BackfillState(r.text("state")), Redrives: int(r.integer("redrives")),
		StartedAt: r.time("started_at"), EndedAt: r.time("ended_at"),
		Failure: r.failure(), Plan: r.plan(), Counts: r.counts(), UpdatedAt: r.time("updated_at"),
	}
	if request := r.text("request"); request != "" {
		b.Request = json.RawMessage(request)
	}
	if *r.err != nil {
		return Backfill{}, fmt.Errorf("the record of backfill %q of %q cannot be read: %w", b.ID, b.Asset, *r.err)
	}
	return b, nil
}

func (r record) plan() *BackfillPlan {
	p, ok := r.record("plan")
	if !ok {
		return nil
	}
	return &BackfillPlan{From: p.day("from"), To: p.day("to"), Partitions: int(p.integer("partitions")), Hash: p.text("plan_hash")}
}

func (r record) counts() *BackfillCounts {
	c, ok := r.record("counts")
	if !ok {
		return nil
	}
	return &BackfillCounts{
		Materialized: int(c.integer("materialized")), Failed: int(c.integer("failed")),
		Cancelled: int(c.integer("cancelled")), Waived: int(c.integer("waived")),
	}
}
