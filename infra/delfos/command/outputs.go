package command

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"
)

// describe reads a stack that is there.
func (w where) describe(ctx context.Context, client *cloudformation.Client, region string) (types.Stack, error) {
	answer, err := client.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &w.stack})
	// CloudFormation has no type for it (API Reference, DescribeStacks: "If the stack
	// doesn't exist, a ValidationError is returned").
	if refused, ok := errors.AsType[smithy.APIError](err); ok && strings.Contains(refused.ErrorMessage(), "does not exist") {
		return types.Stack{}, w.noStack(region)
	}
	if err != nil {
		return types.Stack{}, fmt.Errorf("find stack %s in %s: %w", w.stack, region, err)
	}
	if len(answer.Stacks) == 0 {
		return types.Stack{}, w.noStack(region)
	}
	return answer.Stacks[0], nil
}

func (w where) noStack(region string) error {
	return fmt.Errorf("there is no stack %s in %s: check its name, the region (--region) and the account (--profile), or deploy it with `sam deploy --stack-name %s`",
		w.stack, region, w.stack)
}

// partsOf finds the parts of a stack. One that is being changed, or was left half-way, is
// used as far as it goes, with a warning: it is then that somebody has to look at it, and
// may have to stop what it does.
func (w where) partsOf(stack types.Stack, warn func(error)) (resources, error) {
	unsound := explainState(w.stack, stack.StackStatus)
	parts, err := readOutputs(w.stack, stack.Outputs)
	if unsound == nil {
		return parts, err
	}
	if err != nil {
		return parts, unsound
	}
	warn(unsound)
	return parts, nil
}

// explainState says of a stack that is not whole what to do.
func explainState(name string, state types.StackStatus) error {
	text := string(state)
	const cleaningUp = "_COMPLETE_CLEANUP_IN_PROGRESS" // what it was updated from is removed
	switch {
	case state == types.StackStatusRollbackComplete || state == types.StackStatusReviewInProgress || state == types.StackStatusDeleteComplete:
		return fmt.Errorf("stack %s has nothing in it (%s): deploy it again with `sam deploy --stack-name %s`", name, text, name)
	case strings.HasSuffix(text, "_COMPLETE") || strings.HasSuffix(text, cleaningUp):
		return nil
	case strings.HasSuffix(text, "_IN_PROGRESS"):
		return fmt.Errorf("stack %s is being changed (%s): try again when that has ended", name, text)
	default:
		return fmt.Errorf("stack %s is not whole (%s): `aws cloudformation describe-stack-events --stack-name %s` says why; mend that, and deploy it again", name, text, name)
	}
}

// readOutputs finds the parts of a stack by the outputs of template.yaml.
func readOutputs(name string, outputs []types.Output) (resources, error) {
	values := map[string]string{}
	for _, output := range outputs {
		values[aws.ToString(output.OutputKey)] = aws.ToString(output.OutputValue)
	}
	var parts resources
	var missing []string
	for _, wanted := range []struct {
		key   string
		value *string
	}{
		{"SourceApiUrl", &parts.apiURL},
		{"ConsoleUrl", &parts.consoleURL},
		{"EtlFunctionName", &parts.etlName},
		{"PlanBackfillFunctionName", &parts.plannerName},
		{"BackfillStateMachineArn", &parts.machineARN},
		{"PartitionsTableName", &parts.tables.Partitions},
		{"RunsTableName", &parts.tables.Runs},
		{"BackfillsTableName", &parts.tables.Backfills},
	} {
		if *wanted.value = values[wanted.key]; *wanted.value == "" {
			missing = append(missing, wanted.key)
		}
	}
	if len(missing) > 0 {
		return parts, fmt.Errorf("stack %s has no output %s: it is another stack, or of another version than this command: deploy this version's template.yaml with `sam deploy --stack-name %s`",
			name, strings.Join(missing, ", "), name)
	}
	return parts, nil
}
