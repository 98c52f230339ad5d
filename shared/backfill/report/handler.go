package report

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"math"

	"delfos/shared/backfill"
	"delfos/shared/strictjson"
)

// ParseEvent reads an event of the reportbackfill function. The error is a
// *backfill.InvalidEvent.
func ParseEvent(raw []byte) (Request, error) {
	const mostBytes = 256 << 10 // a state's input
	o, err := strictjson.Parse(raw, mostBytes)
	if err != nil {
		return Request{}, backfill.NewInvalidEvent(err)
	}
	r := Request{
		BackfillID:   o.Text("backfill_id", 80),
		RedriveCount: o.Int("redrive_count", 0, math.MaxInt32, 0),
		TriedAt:      o.Int("tried_at", 0, math.MaxInt32, 0),
	}
	if r.BackfillID == "" {
		o.Refuse("backfill_id: want the execution's name")
	}
	if err := json.Unmarshal([]byte(cmp.Or(string(o.Member("partitions")), "[]")), &r.Partitions); err != nil || r.Partitions == nil {
		o.Refuse("partitions: want a list of days (%v)", err)
	}
	if err := o.Err(); err != nil {
		return Request{}, backfill.NewInvalidEvent(err)
	}
	return r, nil
}

// Handler is the reportbackfill function: an event in, the report out.
func Handler(r *Reporter) func(context.Context, json.RawMessage) (Report, error) {
	return func(ctx context.Context, raw json.RawMessage) (Report, error) {
		request, err := ParseEvent(raw)
		var report Report
		if err == nil {
			report, err = r.Report(ctx, request)
		}
		var failed *PartitionsFailed
		switch {
		case errors.As(err, &failed):
			r.Logger.WarnContext(ctx, "not all partitions are materialized", "backfill_id", request.BackfillID,
				"counts", failed.Report.Counts, "errors", failed.Report.Errors)
		case err != nil:
			r.Logger.ErrorContext(ctx, "no report", "backfill_id", request.BackfillID, "error", err)
		default:
			r.Logger.InfoContext(ctx, "reported", "backfill_id", request.BackfillID, "counts", report.Counts, "again", len(report.Again))
		}
		return report, err
	}
}
