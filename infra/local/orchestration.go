package local

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"delfos/infra/local/eventbridge"
	"delfos/infra/local/sqs"
	"delfos/infra/local/stepfunctions"
)

// openQueues opens SQS with the template's queues.
func (s *Stack) openQueues() error {
	var err error
	s.queues, err = sqs.Open(sqs.Options{
		Dir: s.state.queues(), Region: Region, AccountID: AccountID, BaseURL: s.awsURL(), Now: s.options.Now,
	})
	if err != nil {
		return fmt.Errorf("open SQS: %w", err)
	}
	s.onClose("SQS", func(context.Context) error { return s.queues.Close() })
	for _, queue := range s.template.Queues {
		err := s.queues.Declare(queue.Name, map[string]string{
			"MessageRetentionPeriod": strconv.Itoa(int(queue.Retention.Seconds())),
			"VisibilityTimeout":      strconv.Itoa(int(queue.Visibility.Seconds())),
		})
		if err != nil {
			return fmt.Errorf("declare queue %s: %w", queue.LogicalID, err)
		}
	}
	return nil
}

// openOrchestration opens what invokes functions by itself: rules on events, state
// machines, schedules. Executions that a stack left running end here as aborted, and
// their events reach the functions as soon as the AWS endpoint serves these.
func (s *Stack) openOrchestration(context.Context) error {
	return s.step("Orchestration", func() (string, error) {
		for _, open := range []func() error{s.openEvents, s.openStateMachines, s.openSchedules} {
			if err := open(); err != nil {
				return "", err
			}
		}
		return "EventBridge, Step Functions, Scheduler", nil
	})
}

func (s *Stack) openEvents() error {
	var err error
	s.events, err = eventbridge.Open(eventbridge.Options{
		Dir: s.state.events(), Region: Region, AccountID: AccountID, Lambda: s.lambda, Now: s.options.Now,
	})
	if err != nil {
		return fmt.Errorf("open EventBridge: %w", err)
	}
	s.onClose("EventBridge", func(context.Context) error { return s.events.Close() })
	rules := make([]eventbridge.Rule, 0, len(s.template.Rules))
	for _, rule := range s.template.Rules {
		declared := eventbridge.Rule{
			Name: rule.Name, Description: rule.Description, Pattern: string(rule.Pattern), State: eventbridge.Enabled,
		}
		if !rule.Enabled {
			declared.State = eventbridge.Disabled
		}
		for _, target := range rule.Targets {
			declared.Targets = append(declared.Targets, eventbridge.Target{ID: target.ID, ARN: target.ARN})
		}
		rules = append(rules, declared)
	}
	return s.events.Declare(rules...)
}

func (s *Stack) openStateMachines() error {
	var err error
	s.machines, err = stepfunctions.Open(stepfunctions.Options{
		Dir: s.state.machines(), Region: Region, AccountID: AccountID, Lambda: s.lambda,
		OnStatusChange: s.publishStatusChange, Now: s.options.Now,
	})
	if err != nil {
		return fmt.Errorf("open Step Functions: %w", err)
	}
	s.onClose("Step Functions", s.machines.Close)
	for _, machine := range s.template.StateMachines {
		if _, err := s.machines.PutStateMachine(machine.Name, []byte(machine.Definition), machine.RoleARN); err != nil {
			return fmt.Errorf("create state machine %s: %w", machine.LogicalID, err)
		}
	}
	return nil
}

// deliverWithin bounds the wait for Lambda to write an event down.
const deliverWithin = 30 * time.Second

// publishStatusChange puts on the bus what Step Functions puts there on AWS
// (Developer Guide, "Automating Step Functions event delivery with EventBridge").
// Step Functions takes a change for told when this returns, so that it waits until
// Lambda keeps the event: a stack that is killed in between tells it again.
func (s *Stack) publishStatusChange(change stepfunctions.StatusChange) {
	detail, err := json.Marshal(change.Detail())
	if err == nil {
		ctx, cancel := context.WithTimeout(context.Background(), deliverWithin)
		defer cancel()
		_, err = s.events.Deliver(ctx, eventbridge.Event{
			Source: "aws.states", DetailType: "Step Functions Execution Status Change",
			Time: s.options.Now(), Resources: []string{change.ExecutionARN}, Detail: detail,
		})
	}
	if err != nil {
		s.fail(fmt.Errorf("tell of the status of %s: %w", change.ExecutionARN, err))
	}
}
