package aws_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// holds compares what stands at a path of properties with what is promised.
func (r resource) holds(t *testing.T, want any, path ...string) {
	t.Helper()
	if diff := cmp.Diff(fmt.Sprint(want), text(at(r.properties, path...))); diff != "" {
		t.Errorf("%s: %s.%s (-want +got):\n%s", r.file, r.id, strings.Join(path, "."), diff)
	}
}

// leaves tells what becomes of a resource that is deleted or replaced.
func (r resource) leaves(t *testing.T, deleted, replaced string) {
	t.Helper()
	if r.whole["DeletionPolicy"] != deleted || r.whole["UpdateReplacePolicy"] != replaced {
		t.Errorf("%s: deleted %v, replaced %v; want %s, %s", r.id, r.whole["DeletionPolicy"], r.whole["UpdateReplacePolicy"], deleted, replaced)
	}
}

func TestTablesAreEncryptedRestorableToAnySecondAndOutliveTheStackUnlessItWasNeverThere(t *testing.T) {
	t.Parallel()
	for _, table := range load(t).some(t, "AWS::DynamoDB::Table") {
		table.holds(t, true, "SSESpecification", "SSEEnabled")
		table.holds(t, true, "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled")
		table.holds(t, "PAY_PER_REQUEST", "BillingMode")
		table.leaves(t, "RetainExceptOnCreate", "Retain")
	}
}

func TestQueuesAndTheTopicAreEncryptedAndDeadLettersKeptForTwoWeeks(t *testing.T) {
	t.Parallel()
	all := load(t)
	for _, queue := range all.some(t, "AWS::SQS::Queue") {
		queue.holds(t, true, "SqsManagedSseEnabled")
		queue.holds(t, 1209600, "MessageRetentionPeriod")
	}
	for _, topic := range all.some(t, "AWS::SNS::Topic") {
		topic.holds(t, "${TopicKey}", "KmsMasterKeyId")
	}
	for _, key := range all.some(t, "AWS::KMS::Key") {
		key.holds(t, true, "EnableKeyRotation")
		key.holds(t, 7, "PendingWindowInDays")
	}
}

// CloudWatch encrypts every log group by itself (CloudWatch Logs User Guide, "Encrypt
// log data"): what is ours to say is how long it is kept.
func TestEveryLogIsKeptAsLongAsTheParameterSaysAndNoneIsMadeBesides(t *testing.T) {
	t.Parallel()
	all := load(t)
	groups := map[string]string{}
	for _, group := range all.some(t, "AWS::Logs::LogGroup") {
		group.holds(t, "${LogRetentionDays}", "RetentionInDays")
		groups["${"+group.id+"}"] = text(group.properties["LogGroupName"])
	}
	for _, function := range all.some(t, "AWS::Lambda::Function") {
		if got, want := groups[text(at(function.properties, "LoggingConfig", "LogGroup"))], "/aws/lambda/${AWS::StackName}-"+function.id; got != want {
			t.Errorf("%s logs to %q, want %q", function.id, got, want)
		}
		function.holds(t, "JSON", "LoggingConfig", "LogFormat")
		function.holds(t, "Active", "TracingConfig", "Mode")
	}
	for _, machine := range all.some(t, "AWS::StepFunctions::StateMachine") {
		machine.holds(t, true, "TracingConfiguration", "Enabled")
		if !strings.Contains(text(machine.properties["LoggingConfiguration"]), "BackfillLogGroup") {
			t.Errorf("%s does not log to BackfillLogGroup", machine.id)
		}
	}
}

func TestEveryAPIIsThrottledAndKeepsAnAccessLogWithoutQueriesAndTokens(t *testing.T) {
	t.Parallel()
	all := load(t)
	stages := all.some(t, "AWS::ApiGatewayV2::Stage")
	if apis := all.some(t, "AWS::ApiGatewayV2::Api"); len(apis) != len(stages) {
		t.Errorf("%d APIs with %d stages", len(apis), len(stages))
	}
	for _, stage := range stages {
		stage.holds(t, "${ApiRequestsPerSecond}", "DefaultRouteSettings", "ThrottlingRateLimit")
		stage.holds(t, "${ApiRequestsPerSecond}", "DefaultRouteSettings", "ThrottlingBurstLimit")
		stage.holds(t, "${"+strings.TrimSuffix(stage.id, "ApiGatewayDefaultStage")+"AccessLogGroup.Arn}", "AccessLogSettings", "DestinationArn")
		// Why an authorizer has failed is no part of a request.
		format := strings.ReplaceAll(text(at(stage.properties, "AccessLogSettings", "Format")), `"authorizer_error": "$context.authorizer.error"`, "")
		for _, never := range []string{"queryString", "header", "authorizer"} {
			if strings.Contains(format, never) {
				t.Errorf("%s logs %s", stage.id, never)
			}
		}
	}
}

func TestTheSourceAPIIsReachedByIPv6(t *testing.T) {
	t.Parallel()
	for _, api := range load(t).some(t, "AWS::ApiGatewayV2::Api") {
		if dual := strings.Contains(text(api.properties["Body"]), `"ipAddressType":"dualstack"`); dual != (api.id == "SourceApi") {
			t.Errorf("%s is dual-stack: %t", api.id, dual)
		}
	}
}

func TestDatabasesPauseAreEncryptedAndLeaveASnapshot(t *testing.T) {
	t.Parallel()
	all := load(t)
	for _, cluster := range all.some(t, "AWS::RDS::DBCluster") {
		cluster.holds(t, true, "StorageEncrypted")
		cluster.holds(t, 0, "ServerlessV2ScalingConfiguration", "MinCapacity")
		cluster.holds(t, "${PauseSeconds}", "ServerlessV2ScalingConfiguration", "SecondsUntilAutoPause")
		cluster.holds(t, "${BackupDays}", "BackupRetentionPeriod")
		cluster.holds(t, "${DeletionProtection}", "DeletionProtection")
		cluster.holds(t, "{{resolve:secretsmanager:${Secret}:SecretString:password}}", "MasterUserPassword")
		cluster.leaves(t, "Snapshot", "Snapshot")
	}
	for _, parameters := range all.some(t, "AWS::RDS::DBClusterParameterGroup") {
		parameters.holds(t, "Connections without TLS are refused.", "Description") // another would replace it
		parameters.holds(t, "1", "Parameters", "rds.force_ssl")
	}
	for _, instance := range all.some(t, "AWS::RDS::DBInstance") {
		instance.holds(t, false, "PubliclyAccessible")
	}
}

func TestTheNetworkHasNoWayInAndNoNATGateway(t *testing.T) {
	t.Parallel()
	all := load(t)
	for _, gateway := range all.of("AWS::EC2::NatGateway", "AWS::EC2::InternetGateway", "AWS::EC2::EIP") {
		t.Errorf("%s: %s", gateway.id, gateway.kind)
	}
	for _, group := range all.some(t, "AWS::EC2::SecurityGroup") {
		for _, rule := range objects(group.properties["SecurityGroupIngress"]) {
			if text(rule["SourceSecurityGroupId"]) != "${FunctionsSecurityGroup}" {
				t.Errorf("%s lets in %s", group.id, text(rule))
			}
		}
	}
	for _, subnet := range all.some(t, "AWS::EC2::Subnet") {
		subnet.holds(t, true, "AssignIpv6AddressOnCreation")
		subnet.holds(t, "null", "MapPublicIpOnLaunch")
	}
}

func TestNestedStacksAreGivenWhatTheyAskForAndGiveWhatIsAskedOfThem(t *testing.T) {
	t.Parallel()
	all := load(t)
	outputs := map[string]object{}
	for _, stack := range all.some(t, "AWS::CloudFormation::Stack") {
		nested := all[stack.properties["TemplateURL"].(string)]
		outputs[stack.id], _ = nested["Outputs"].(object)
		given, _ := stack.properties["Parameters"].(object)
		parameters := nested["Parameters"].(object)
		for name, parameter := range parameters {
			if given[name] == nil && at(parameter, "Default") == nil {
				t.Errorf("%s is not given %s", stack.id, name)
			}
		}
		for name := range given {
			if parameters[name] == nil {
				t.Errorf("%s is given %s, and has no such parameter", stack.id, name)
			}
		}
	}
	walk(all[system], func(id, attribute string) {
		name, ok := strings.CutPrefix(attribute, "Outputs.")
		if ok && outputs[id][name] == nil {
			t.Errorf("%s has no output %s", id, name)
		}
	})
}

// walk visits every Fn::GetAtt.
func walk(value any, visit func(id, attribute string)) {
	switch value := value.(type) {
	case object:
		if path, ok := value["Fn::GetAtt"].([]any); ok {
			visit(fmt.Sprint(path[0]), fmt.Sprint(path[1]))
		}
		for _, key := range slices.Sorted(maps.Keys(value)) {
			walk(value[key], visit)
		}
	case []any:
		for _, item := range value {
			walk(item, visit)
		}
	}
}

func TestNoOutputAndNoEnvironmentHasASecretInIt(t *testing.T) {
	t.Parallel()
	all := load(t)
	for _, file := range files {
		if outputs := text(all[file]["Outputs"]); strings.Contains(outputs, "resolve:") {
			t.Errorf("%s: an output resolves a secret", file)
		}
	}
	for _, function := range all.some(t, "AWS::Lambda::Function") {
		if strings.Contains(text(function.properties["Environment"]), "resolve:") {
			t.Errorf("%s: its environment resolves a secret", function.id)
		}
	}
}
