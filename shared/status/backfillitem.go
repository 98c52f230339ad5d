package status

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"delfos/shared/partition"
)

// The forms of a backfill's item.
type (
	backfillItem struct {
		Asset        string            `dynamodbav:"asset"`
		ID           string            `dynamodbav:"backfill_id"`
		StartKey     string            `dynamodbav:"start_key"`
		ExecutionARN string            `dynamodbav:"execution_arn,omitempty"`
		State        BackfillState     `dynamodbav:"state"`
		Redrives     int               `dynamodbav:"redrives"`
		Request      string            `dynamodbav:"request,omitempty"`
		StartedAt    int64             `dynamodbav:"started_at"`
		EndedAt      int64             `dynamodbav:"ended_at,omitempty"`
		Failure      *Failure          `dynamodbav:"failure,omitempty"`
		Plan         *backfillPlanItem `dynamodbav:"plan,omitempty"`
		Counts       *BackfillCounts   `dynamodbav:"counts,omitempty"`
		UpdatedAt    int64             `dynamodbav:"updated_at"`
	}

	backfillPlanItem struct {
		From       string `dynamodbav:"from"`
		To         string `dynamodbav:"to"`
		Partitions int    `dynamodbav:"partitions"`
		Hash       string `dynamodbav:"plan_hash"`
	}
)

func toBackfill(from item) (Backfill, error) {
	var i backfillItem
	if err := attributevalue.UnmarshalMap(from, &i); err != nil {
		return Backfill{}, fmt.Errorf("the record of backfill %q of %q cannot be read: %w", i.ID, i.Asset, err)
	}
	plan, err := i.Plan.plan()
	if err != nil {
		return Backfill{}, fmt.Errorf("the plan of backfill %q of %q cannot be read: %w", i.ID, i.Asset, err)
	}
	b := Backfill{
		Asset: i.Asset, ID: i.ID, ExecutionARN: i.ExecutionARN, State: i.State, Redrives: i.Redrives,
		StartedAt: fromMillis(i.StartedAt), EndedAt: fromMillis(i.EndedAt),
		Failure: i.Failure, Plan: plan, Counts: i.Counts, UpdatedAt: fromMillis(i.UpdatedAt),
	}
	if i.Request != "" {
		b.Request = json.RawMessage(i.Request)
	}
	return b, nil
}

func toBackfillPlanItem(p BackfillPlan) backfillPlanItem {
	return backfillPlanItem{From: p.From.String(), To: p.To.String(), Partitions: p.Partitions, Hash: p.Hash}
}

func (p *backfillPlanItem) plan() (*BackfillPlan, error) {
	if p == nil {
		return nil, nil
	}
	from, fromErr := partition.ParseKey(p.From)
	to, toErr := partition.ParseKey(p.To)
	if err := errors.Join(fromErr, toErr); err != nil {
		return nil, err
	}
	return &BackfillPlan{From: from, To: to, Partitions: p.Partitions, Hash: p.Hash}, nil
}
