package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"delfos/shared/backfill"
)

// Plan is what a request would run, and why; nothing was started.
type Plan struct {
	backfill.Plan

	Request backfill.Request // with the plan's hash: Launch starts just this
	JSON    json.RawMessage  // the planner's answer
}

// ParseRequest reads a request for a backfill as JSON. The error is an *InvalidError
// of field "request".
func ParseRequest(text []byte) (backfill.Request, error) {
	request, err := backfill.ParseRequest(text)
	if err != nil {
		return request, &InvalidError{"request", err.Error()}
	}
	return request, nil
}

// normal gives a request its defaults, and checks it.
func normal(request backfill.Request) (backfill.Request, error) {
	text, err := json.Marshal(request)
	if err != nil {
		return request, &InvalidError{"request", err.Error()}
	}
	return ParseRequest(text)
}

// Plan asks the planner which partitions a request runs. Days that it finds stale it
// records as such. The error is an *InvalidError of field "request" where the request
// cannot be planned, a *ConflictError where it has the hash of another plan, and an
// *UnavailableError where the planner, the source or the status does not answer in
// time.
//
// IAM: lambda:InvokeFunction on the planbackfill function.
func (p *Pipeline) Plan(ctx context.Context, request backfill.Request) (Plan, error) {
	request, err := normal(request)
	if err != nil {
		return Plan{}, err
	}
	payload, err := json.Marshal(map[string]any{"request": request})
	if err != nil {
		return Plan{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, p.options.Patience)
	defer cancel()
	answer, err := p.invoke(ctx, p.options.Planner, payload)
	if err != nil {
		return Plan{}, explainPlan(err)
	}
	plan := Plan{Request: request, JSON: answer.payload}
	if err := json.Unmarshal(answer.payload, &plan.Plan); err != nil {
		return Plan{}, &RefusedError{"the planner", fmt.Errorf("it answered something else than a plan: %w", err)}
	}
	plan.Request.PlanHash = plan.Hash
	return plan, nil
}

// explainPlan says of the planner's errors what to do about them.
func explainPlan(err error) error {
	if errors.Is(err, errNoAnswer) {
		return &UnavailableError{"the planner", fmt.Errorf("%w: what it has found out by now it need not ask again; or take fewer days", err)}
	}
	failure, own := errors.AsType[*functionError](err)
	if !own {
		return err
	}
	switch failure.Type {
	case "InvalidRequest":
		return &InvalidError{"request", failure.Message}
	case "PlanChanged":
		return planChanged(failure)
	case "SourceUnavailable", "StatusUnavailable", "Sandbox.Timedout":
		return &UnavailableError{"the planner", failure}
	default:
		return &RefusedError{"the planner", failure}
	}
}

func planChanged(cause error) error {
	return &ConflictError{"the plan is not the one that was shown: the partitions have changed since", "look at the plan again, and launch that", cause}
}
