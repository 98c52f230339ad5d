package pipeline

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// operation is one operation of an AWS service: a method of the SDK's client.
//
// A Pipeline holds the operations that it uses, and no client. The console's templates
// look methods up by name, for which the linker keeps every exported method of all that a
// value in an interface leads to (reflect, "Value.MethodByName"), and a client has one for
// each operation of its service: six of them made the console's function 7 MB larger.
type operation[Input, Output, Options any] func(context.Context, *Input, ...func(*Options)) (*Output, error)

// services are the operations of AWS that are used, but for DynamoDB's.
type services struct {
	lambda    lambdaOperations
	logs      logsOperations
	scheduler schedulerOperations
	sfn       sfnOperations
	sqs       sqsOperations
}

type (
	lambdaOperations struct {
		Invoke operation[lambda.InvokeInput, lambda.InvokeOutput, lambda.Options]
	}
	logsOperations struct {
		GetLogEvents operation[cloudwatchlogs.GetLogEventsInput, cloudwatchlogs.GetLogEventsOutput, cloudwatchlogs.Options]
	}
	schedulerOperations struct {
		GetSchedule    operation[scheduler.GetScheduleInput, scheduler.GetScheduleOutput, scheduler.Options]
		ListSchedules  operation[scheduler.ListSchedulesInput, scheduler.ListSchedulesOutput, scheduler.Options]
		UpdateSchedule operation[scheduler.UpdateScheduleInput, scheduler.UpdateScheduleOutput, scheduler.Options]
	}
	sfnOperations struct {
		DescribeExecution                operation[sfn.DescribeExecutionInput, sfn.DescribeExecutionOutput, sfn.Options]
		DescribeMapRun                   operation[sfn.DescribeMapRunInput, sfn.DescribeMapRunOutput, sfn.Options]
		DescribeStateMachineForExecution operation[sfn.DescribeStateMachineForExecutionInput, sfn.DescribeStateMachineForExecutionOutput, sfn.Options]
		GetExecutionHistory              operation[sfn.GetExecutionHistoryInput, sfn.GetExecutionHistoryOutput, sfn.Options]
		ListExecutions                   operation[sfn.ListExecutionsInput, sfn.ListExecutionsOutput, sfn.Options]
		ListMapRuns                      operation[sfn.ListMapRunsInput, sfn.ListMapRunsOutput, sfn.Options]
		RedriveExecution                 operation[sfn.RedriveExecutionInput, sfn.RedriveExecutionOutput, sfn.Options]
		StartExecution                   operation[sfn.StartExecutionInput, sfn.StartExecutionOutput, sfn.Options]
		StopExecution                    operation[sfn.StopExecutionInput, sfn.StopExecutionOutput, sfn.Options]
		UpdateMapRun                     operation[sfn.UpdateMapRunInput, sfn.UpdateMapRunOutput, sfn.Options]
	}
	sqsOperations struct {
		GetQueueAttributes operation[sqs.GetQueueAttributesInput, sqs.GetQueueAttributesOutput, sqs.Options]
	}
)

func newServices(config aws.Config) services {
	// A second try of an invocation would be a second run.
	once := func(o *lambda.Options) { o.RetryMaxAttempts = 1 }
	schedules, machine := scheduler.NewFromConfig(config), sfn.NewFromConfig(config)
	return services{
		lambda: lambdaOperations{lambda.NewFromConfig(config, once).Invoke},
		logs:   logsOperations{cloudwatchlogs.NewFromConfig(config).GetLogEvents},
		scheduler: schedulerOperations{
			GetSchedule:    schedules.GetSchedule,
			ListSchedules:  schedules.ListSchedules,
			UpdateSchedule: schedules.UpdateSchedule,
		},
		sfn: sfnOperations{
			DescribeExecution:                machine.DescribeExecution,
			DescribeMapRun:                   machine.DescribeMapRun,
			DescribeStateMachineForExecution: machine.DescribeStateMachineForExecution,
			GetExecutionHistory:              machine.GetExecutionHistory,
			ListExecutions:                   machine.ListExecutions,
			ListMapRuns:                      machine.ListMapRuns,
			RedriveExecution:                 machine.RedriveExecution,
			StartExecution:                   machine.StartExecution,
			StopExecution:                    machine.StopExecution,
			UpdateMapRun:                     machine.UpdateMapRun,
		},
		sqs: sqsOperations{sqs.NewFromConfig(config).GetQueueAttributes},
	}
}
