package backfill

import (
	"context"
	"encoding/json"
	"time"

	"delfos/shared/strictjson"
)

// ParseEvent reads an event of the planbackfill function: {"request":{…},
// "backfill_id":"…"}, both optional. The error is an *InvalidRequest.
func ParseEvent(raw []byte) (request Request, backfillID string, err error) {
	o, err := strictjson.Parse(raw, 2*maxRequestBytes)
	if err != nil {
		return Request{}, "", invalidRequest(err)
	}
	asked := o.Member("request")
	backfillID = o.Text("backfill_id", maxName)
	if err := o.Err(); err != nil {
		return Request{}, "", invalidRequest(err)
	}
	if asked == nil {
		asked = json.RawMessage(`{}`)
	}
	request, err = ParseRequest(asked)
	return request, backfillID, err
}

// maxName is how long an execution's name may be (Step Functions API Reference,
// StartExecution).
const maxName = 80

// answerReserve is what the function keeps of its time to answer.
const answerReserve = time.Second

// Handler is the planbackfill function: an event in, the plan out.
func Handler(p *Planner) func(context.Context, json.RawMessage) (Plan, error) {
	return func(ctx context.Context, raw json.RawMessage) (Plan, error) {
		if deadline, ok := ctx.Deadline(); ok {
			var cancel context.CancelFunc
			ctx, cancel = context.WithDeadline(ctx, deadline.Add(-answerReserve))
			defer cancel()
		}
		request, backfillID, err := ParseEvent(raw)
		var plan Plan
		if err == nil {
			plan, err = p.Plan(ctx, request, backfillID)
		}
		if err != nil {
			p.Logger.WarnContext(ctx, "refused", "backfill_id", backfillID, "error", err)
			return Plan{}, err
		}
		p.Logger.InfoContext(ctx, "planned", "backfill_id", backfillID, "from", plan.From, "to", plan.To,
			"select", plan.Select, "partitions", len(plan.Partitions), "plan_hash", plan.Hash)
		return plan, nil
	}
}
