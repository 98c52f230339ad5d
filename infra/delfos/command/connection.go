package command

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"delfos/infra/local"
	"delfos/shared/awsconfig"
	"delfos/shared/partition"
	"delfos/shared/status"
)

// Logical ids in template.yaml.
const (
	etlFunction     = "EtlFunction"
	plannerFunction = "PlanBackfillFunction"
)

// connection is the pipeline as the AWS APIs show it.
type connection struct {
	etlName     string
	plannerName string
	machineARN  string // of the backfills' state machine

	lambda    *lambda.Client
	logs      *cloudwatchlogs.Client
	sfn       stepFunctions
	scheduler schedules
	status    *status.Store
}

// connect finds the running stack of a data directory.
func connect(dataDir string) (connection, error) {
	stack, err := local.ReadDescriptor(dataDir)
	if err != nil {
		return connection{}, fmt.Errorf("%w on %s: start it with `delfos up`", err, dataDir)
	}
	return connectTo(stack), nil
}

func connectTo(stack local.Descriptor) connection {
	cfg := aws.Config{
		Region:       stack.Region,
		BaseEndpoint: aws.String(stack.AWSEndpointURL),
		HTTPClient:   awsconfig.HTTPClient(),
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
	}
	return connection{
		etlName:     stack.Functions[etlFunction],
		plannerName: stack.Functions[plannerFunction],
		machineARN:  stack.StateMachineARN,

		// A second try of an invocation would be a second run.
		lambda:    lambda.NewFromConfig(cfg, func(o *lambda.Options) { o.RetryMaxAttempts = 1 }),
		logs:      cloudwatchlogs.NewFromConfig(cfg),
		sfn:       sfn.NewFromConfig(cfg),
		scheduler: scheduler.NewFromConfig(cfg),
		status: status.New(dynamodb.NewFromConfig(cfg), status.Tables{
			Partitions: stack.PartitionsTable, Runs: stack.RunsTable, Backfills: stack.BackfillsTable,
		}),
	}
}

// pipeline is what the etl function's configuration says of the partitions.
type pipeline struct {
	asset    string
	calendar partition.Calendar
	timeout  time.Duration // of one run
}

func (c connection) pipeline(ctx context.Context) (pipeline, error) {
	configuration, err := c.lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &c.etlName})
	if err != nil {
		return pipeline{}, fmt.Errorf("read the configuration of function %s: %w", c.etlName, err)
	}
	var variables map[string]string
	if configuration.Environment != nil {
		variables = configuration.Environment.Variables
	}
	first, err := partition.ParseKey(variables["FIRST_PARTITION"])
	if err != nil {
		return pipeline{}, fmt.Errorf("function %s, FIRST_PARTITION: %w", c.etlName, err)
	}
	calendar, err := partition.NewCalendar(variables["PARTITION_TIME_ZONE"], first)
	if err != nil {
		return pipeline{}, fmt.Errorf("function %s, PARTITION_TIME_ZONE: %w", c.etlName, err)
	}
	timeout := time.Duration(aws.ToInt32(configuration.Timeout)) * time.Second
	return pipeline{asset: variables["ASSET"], calendar: calendar, timeout: timeout}, nil
}
