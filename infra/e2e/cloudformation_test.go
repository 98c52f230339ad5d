package e2e

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"delfos/infra/local"
)

// awsCLI is the AWS CLI as it is used on a stack of this machine.
type awsCLI struct{ program, endpoint, home string }

func newAWSCLI(t *testing.T, stack local.Descriptor) awsCLI {
	t.Helper()
	program, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("THE STACK'S CLOUDFORMATION IS NOT CHECKED: there is no aws on the PATH; install the AWS CLI, of version 1 or 2, to run this test")
	}
	return awsCLI{program, stack.AWSEndpointURL, t.TempDir()}
}

// run gives what the CLI prints, or its error.
func (c awsCLI) run(t *testing.T, arguments ...string) (string, error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), c.program, append([]string{"--endpoint-url", c.endpoint, "--output", "json"}, arguments...)...)
	command.Env = []string{
		"PATH=/usr/bin:/bin", "HOME=" + c.home, "AWS_ACCESS_KEY_ID=any", "AWS_SECRET_ACCESS_KEY=any",
		"AWS_DEFAULT_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true", "AWS_MAX_ATTEMPTS=1", "AWS_PAGER=",
	}
	var output, trouble bytes.Buffer
	command.Stdout, command.Stderr = &output, &trouble
	if err := command.Run(); err != nil {
		return strings.TrimSpace(trouble.String()), err
	}
	return output.String(), nil
}

// answers decodes what a command prints, which must succeed.
func (c awsCLI) answers(t *testing.T, into any, arguments ...string) {
	t.Helper()
	output, err := c.run(t, arguments...)
	if err == nil {
		err = json.Unmarshal([]byte(output), into)
	}
	if err != nil {
		t.Fatalf("aws %s: %v: %s", strings.Join(arguments, " "), err, output)
	}
}

func TestTheStackIsFoundByItsName(t *testing.T) {
	t.Parallel()
	_, stack := sharedStack(t)
	aws := newAWSCLI(t, stack)
	var described struct {
		Stacks []struct {
			StackStatus string
			Parameters  []struct{ ParameterKey, ParameterValue string }
			Outputs     []struct{ OutputKey, OutputValue string }
		}
	}
	aws.answers(t, &described, "cloudformation", "describe-stacks", "--stack-name", "delfos")
	if len(described.Stacks) != 1 || described.Stacks[0].StackStatus != "CREATE_COMPLETE" {
		t.Fatalf("describe-stacks shows %+v", described)
	}
	outputs := map[string]string{}
	for _, output := range described.Stacks[0].Outputs {
		outputs[output.OutputKey] = output.OutputValue
	}
	got := map[string]string{}
	want := map[string]string{
		"SourceApiUrl": stack.APIURL, "ConsoleUrl": stack.ConsoleURL, "EtlFunctionName": stack.Functions["EtlFunction"],
		"PartitionsTableName": stack.PartitionsTable, "RunsTableName": stack.RunsTable, "BackfillsTableName": stack.BackfillsTable,
		"BackfillStateMachineArn": stack.StateMachineARN, "SourceDatabaseSecretArn": "", // the stack makes no databases
	}
	for name := range want {
		got[name] = outputs[name]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
	for _, parameter := range described.Stacks[0].Parameters {
		if parameter.ParameterKey == "Variables" && parameter.ParameterValue != "wind_speed,power" {
			t.Errorf("parameter %+v", parameter)
		}
	}

	var secret struct{ SecretString string }
	aws.answers(t, &secret, "secretsmanager", "get-secret-value", "--secret-id", outputs["ApiTokenSecretArn"])
	if secret.SecretString != stack.APIToken {
		t.Error("ApiTokenSecretArn is not the secret with the API's token")
	}
	for _, call := range [][]string{{"describe-stacks", "--stack-name", "none"}, {"delete-stack", "--stack-name", "delfos"}} {
		output, err := aws.run(t, append([]string{"cloudformation"}, call...)...)
		if err == nil || !strings.Contains(output, "Stack with id none does not exist") && !strings.Contains(output, "does not implement DeleteStack") {
			t.Errorf("aws cloudformation %s: %v, %s", strings.Join(call, " "), err, output)
		}
	}
}

// asking is how a service is asked for a resource by its physical id; a log group is
// there from its first line on.
var asking = map[string][]string{
	"AWS::ApiGatewayV2::Api":           {"apigatewayv2", "get-api", "--api-id"},
	"AWS::DynamoDB::Table":             {"dynamodb", "describe-table", "--table-name"},
	"AWS::Events::Rule":                {"events", "describe-rule", "--name"},
	"AWS::Lambda::Function":            {"lambda", "get-function", "--function-name"},
	"AWS::Logs::LogGroup":              nil,
	"AWS::SQS::Queue":                  {"sqs", "get-queue-attributes", "--attribute-names", "QueueArn", "--queue-url"},
	"AWS::Scheduler::Schedule":         {"scheduler", "get-schedule", "--name"},
	"AWS::SecretsManager::Secret":      {"secretsmanager", "describe-secret", "--secret-id"},
	"AWS::StepFunctions::StateMachine": {"stepfunctions", "describe-state-machine", "--state-machine-arn"},
}

func TestTheStacksResourcesAreKnownToTheirServices(t *testing.T) {
	t.Parallel()
	_, stack := sharedStack(t)
	aws := newAWSCLI(t, stack)
	var listed struct {
		StackResourceSummaries []struct {
			PhysicalID string `json:"PhysicalResourceId"`
			Type       string `json:"ResourceType"`
		}
	}
	aws.answers(t, &listed, "cloudformation", "list-stack-resources", "--stack-name", "delfos")
	asked := map[string]bool{}
	for _, resource := range listed.StackResourceSummaries {
		ask, known := asking[resource.Type]
		if !known {
			t.Errorf("nobody knows %+v", resource)
		}
		if asked[resource.Type] || ask == nil {
			continue
		}
		asked[resource.Type] = true
		if output, err := aws.run(t, append(ask, resource.PhysicalID)...); err != nil {
			t.Errorf("%+v is not known to its service: %s", resource, output)
		}
	}
	if len(asked) != len(asking)-1 {
		t.Errorf("the stack has resources of %d types, want %d: %v", len(asked), len(asking)-1, asked)
	}
}
