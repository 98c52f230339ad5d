package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"delfos/shared/backfill"
)

// shownPlan is the planner's answer, and as it came.
type shownPlan struct {
	backfill.Plan

	whole json.RawMessage
}

// planWithin is beyond the planner's timeout in template.yaml.
const planWithin = 6 * time.Minute

// plan asks the planner which partitions a request runs. It starts nothing.
func (c connection) plan(ctx context.Context, request backfill.Request) (shownPlan, error) {
	payload, err := json.Marshal(map[string]any{"request": request})
	if err != nil {
		return shownPlan{}, err
	}
	limited, cancel := context.WithTimeout(ctx, planWithin)
	defer cancel()
	answer, err := c.lambda.Invoke(limited, &lambda.InvokeInput{FunctionName: &c.plannerName, Payload: payload})
	if errors.Is(ctx.Err(), context.Canceled) {
		return shownPlan{}, notStarted()
	}
	if err != nil {
		return shownPlan{}, fmt.Errorf("plan the backfill: invoke %s: %w", c.plannerName, err)
	}
	if answer.FunctionError != nil {
		return shownPlan{}, planningFailed(answer.Payload)
	}
	plan := shownPlan{whole: answer.Payload}
	if err := json.Unmarshal(answer.Payload, &plan.Plan); err != nil {
		return shownPlan{}, fmt.Errorf("plan the backfill: %s answered something else than a plan: %w", c.plannerName, err)
	}
	return plan, nil
}

func planningFailed(payload []byte) error {
	var failure functionError
	if err := json.Unmarshal(payload, &failure); err != nil {
		return fmt.Errorf("plan the backfill: the planner failed and answered %q", payload)
	}
	advice := ""
	switch failure.Type {
	case "InvalidRequest":
		return &usageError{"backfill " + requestInFlags(failure.Message)}
	case "SourceUnavailable", "StatusUnavailable":
		advice = ": try again in a moment"
	}
	return fmt.Errorf("plan the backfill: %s: %s%s", failure.Type, failure.Message, advice)
}
