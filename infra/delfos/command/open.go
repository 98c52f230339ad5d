package command

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsretry "github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"delfos/infra/local/scheduler"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
)

// open makes the pipeline that the etl function's configuration tells of.
func (c connection) open(ctx context.Context, terminal Terminal) (*pipeline.Pipeline, error) {
	variables, err := c.etlEnvironment(ctx)
	if err != nil {
		return nil, err
	}
	first, err := partition.ParseKey(variables["FIRST_PARTITION"])
	if err != nil {
		return nil, fmt.Errorf("function %s, FIRST_PARTITION: %w", c.etlName, err)
	}
	calendar, err := partition.NewCalendar(variables["PARTITION_TIME_ZONE"], first)
	if err != nil {
		return nil, fmt.Errorf("function %s, PARTITION_TIME_ZONE: %w", c.etlName, err)
	}
	options := pipeline.Options{
		Config: c.config, Asset: variables["ASSET"], Calendar: calendar,
		Etl: c.etlName, Planner: c.plannerName, StateMachineARN: c.machineARN, Tables: c.tables, Now: terminal.Now,
	}
	if !c.isDeployed() {
		options.TickLogGroup = scheduler.TickLogGroup
	}
	return pipeline.NewWithoutData(options), nil
}

// etlEnvironment is what the etl function is told of the partitions.
func (c connection) etlEnvironment(ctx context.Context) (map[string]string, error) {
	configuration, err := c.lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &c.etlName},
		func(o *lambda.Options) { o.RetryMaxAttempts = awsretry.DefaultMaxAttempts }) // to read again runs nothing twice
	if err != nil {
		return nil, fmt.Errorf("read the configuration of function %s: %w", c.etlName, err)
	}
	environment := configuration.Environment
	if environment == nil {
		return nil, nil
	}
	if environment.Error != nil {
		return nil, fmt.Errorf("read the environment of function %s: %s: %s",
			c.etlName, aws.ToString(environment.Error.ErrorCode), aws.ToString(environment.Error.Message))
	}
	return environment.Variables, nil
}
