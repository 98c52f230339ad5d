package pipeline

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"delfos/shared/partition"
)

// planned reads which partitions an execution set out to run, from its history: the
// first state that has ended with a plan. It does not change once it is made, whatever
// the redrives. Until then there is none.
func (p *Pipeline) planned(ctx context.Context, arn string) ([]partition.Key, error) {
	if known, ok := p.plans.get(arn); ok {
		return known, nil
	}
	input := &sfn.GetExecutionHistoryInput{ExecutionArn: &arn, MaxResults: 10, IncludeExecutionData: aws.Bool(true)}
	for {
		answer, err := p.sfn.GetExecutionHistory(ctx, input)
		if err != nil {
			return nil, explain(theMachine, err)
		}
		for _, event := range answer.Events {
			if plan := plannedBy(event); plan != nil {
				p.plans.put(arn, plan)
				return plan, nil
			}
		}
		if input.NextToken = answer.NextToken; input.NextToken == nil {
			return nil, nil
		}
	}
}

// plannedBy is the plan that a state ended with; nil where it ended with none.
func plannedBy(event types.HistoryEvent) []partition.Key {
	if event.StateExitedEventDetails == nil {
		return nil
	}
	var output struct{ Partitions []partition.Key }
	if json.Unmarshal([]byte(aws.ToString(event.StateExitedEventDetails.Output)), &output) != nil {
		return nil
	}
	return output.Partitions
}
