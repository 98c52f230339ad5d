package local

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsscheduler "github.com/aws/aws-sdk-go-v2/service/scheduler"
	schedulertypes "github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"delfos/infra/local/template"
)

// config is that of a client of the local AWS endpoint.
func (s *Stack) config() aws.Config {
	return aws.Config{
		Region: Region, BaseEndpoint: aws.String(s.awsURL()),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	}
}

// deploy brings state machines and schedules to what the template says, through the
// endpoint, as CloudFormation would.
func (s *Stack) deploy(ctx context.Context) error {
	return s.step("State machines and schedules", func() (string, error) {
		machines := sfn.NewFromConfig(s.config())
		for _, machine := range s.template.StateMachines {
			if err := deployStateMachine(ctx, machines, machine); err != nil {
				return "", fmt.Errorf("deploy state machine %s: %w", machine.LogicalID, err)
			}
		}
		schedules := awsscheduler.NewFromConfig(s.config())
		for _, schedule := range s.template.Schedules {
			if err := s.deploySchedule(ctx, schedules, schedule); err != nil {
				return "", fmt.Errorf("deploy schedule %s: %w", schedule.LogicalID, err)
			}
		}
		return fmt.Sprintf("%d and %d", len(s.template.StateMachines), len(s.template.Schedules)), nil
	})
}

func deployStateMachine(ctx context.Context, client *sfn.Client, machine template.StateMachine) error {
	there, err := client.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: &machine.ARN})
	if _, missing := errors.AsType[*sfntypes.StateMachineDoesNotExist](err); missing {
		_, err = client.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{
			Name: &machine.Name, Definition: &machine.Definition, RoleArn: &machine.RoleARN,
		})
		return err
	}
	if err != nil || *there.Definition == machine.Definition {
		return err
	}
	_, err = client.UpdateStateMachine(ctx, &sfn.UpdateStateMachineInput{
		StateMachineArn: &machine.ARN, Definition: &machine.Definition, RoleArn: &machine.RoleARN,
	})
	return err
}

// deploySchedule leaves a schedule alone whose description in the template is as it
// was: it may have been turned off since, and that holds.
func (s *Stack) deploySchedule(ctx context.Context, client *awsscheduler.Client, schedule template.Schedule) error {
	wanted, err := digest(schedule)
	if err != nil {
		return err
	}
	_, err = client.GetSchedule(ctx, &awsscheduler.GetScheduleInput{Name: &schedule.Name})
	_, missing := errors.AsType[*schedulertypes.ResourceNotFoundException](err)
	switch {
	case missing:
		_, err = client.CreateSchedule(ctx, createSchedule(schedule))
	case err == nil && s.choices.Schedules[schedule.Name] != wanted:
		update := awsscheduler.UpdateScheduleInput(*createSchedule(schedule))
		_, err = client.UpdateSchedule(ctx, &update)
	}
	if err != nil {
		return err
	}
	if s.choices.Schedules == nil {
		s.choices.Schedules = map[string]string{}
	}
	s.choices.Schedules[schedule.Name] = wanted
	return nil
}

func digest(schedule template.Schedule) (string, error) {
	text, err := json.Marshal(schedule)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), err
}

func createSchedule(schedule template.Schedule) *awsscheduler.CreateScheduleInput {
	target := &schedulertypes.Target{
		Arn: &schedule.TargetARN, RoleArn: aws.String("arn:aws:iam::" + AccountID + ":role/" + StackName + "-SchedulerRole"),
		RetryPolicy: &schedulertypes.RetryPolicy{
			MaximumEventAgeInSeconds: aws.Int32(int32(schedule.Retry.MaximumAge.Seconds())),
			MaximumRetryAttempts:     aws.Int32(int32(schedule.Retry.Retries)),
		},
	}
	if schedule.Input != "" {
		target.Input = &schedule.Input
	}
	if schedule.DeadLetterARN != "" {
		target.DeadLetterConfig = &schedulertypes.DeadLetterConfig{Arn: &schedule.DeadLetterARN}
	}
	create := &awsscheduler.CreateScheduleInput{
		Name: &schedule.Name, ScheduleExpression: &schedule.Expression, ScheduleExpressionTimezone: &schedule.TimeZone,
		Target: target, State: schedulertypes.ScheduleStateEnabled,
		FlexibleTimeWindow: &schedulertypes.FlexibleTimeWindow{Mode: schedulertypes.FlexibleTimeWindowModeOff},
	}
	if schedule.Description != "" {
		create.Description = &schedule.Description
	}
	if !schedule.Enabled {
		create.State = schedulertypes.ScheduleStateDisabled
	}
	if schedule.FlexibleMinutes > 0 {
		create.FlexibleTimeWindow = &schedulertypes.FlexibleTimeWindow{
			Mode: schedulertypes.FlexibleTimeWindowModeFlexible, MaximumWindowInMinutes: aws.Int32(int32(schedule.FlexibleMinutes)),
		}
	}
	if !schedule.StartDate.IsZero() {
		create.StartDate = &schedule.StartDate
	}
	if !schedule.EndDate.IsZero() {
		create.EndDate = &schedule.EndDate
	}
	return create
}
