package aws_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// statement is one of a policy's.
type statement struct {
	owner     string // the logical id of what has the policy
	actions   []string
	resources []string
	principal any
}

func statements(owner string, document any) []statement {
	var all []statement
	for _, one := range objects(at(document, "Statement")) {
		all = append(all, statement{owner, texts(one["Action"]), texts(one["Resource"]), one["Principal"]})
	}
	return all
}

// permissions are the statements of every policy that says what may be done.
func (all templates) permissions() []statement {
	var found []statement
	for _, r := range all.of() {
		switch r.kind {
		case "AWS::IAM::Role":
			for _, policy := range objects(r.properties["Policies"]) {
				found = append(found, statements(r.id, policy["PolicyDocument"])...)
			}
		case "AWS::IAM::Policy":
			for _, role := range texts(r.properties["Roles"]) {
				found = append(found, statements(strings.Trim(role, "${}"), r.properties["PolicyDocument"])...)
			}
		case "AWS::KMS::Key":
			found = append(found, statements(r.id, r.properties["KeyPolicy"])...)
		case "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy", "AWS::EC2::VPCEndpoint":
			found = append(found, statements(r.id, r.properties["PolicyDocument"])...)
		}
	}
	return found
}

const (
	noResources = "the service has no resources to name (Service Authorization Reference)"
	ownKey      = "in a key's policy, the key itself"
	executions  = "executions have no names before they are started; they are the machine's own"
)

// reasons are why a wildcard stands where it does, by owner and what has it. A
// resource "*" goes by the action.
var reasons = withTraces(map[string]string{
	"TopicKey kms:*":               "the account's own policies say who; without it nobody could administrate the key (KMS Developer Guide, \"Default key policy\")",
	"TopicKey kms:Decrypt":         ownKey,
	"TopicKey kms:GenerateDataKey": ownKey,

	"ConsoleRole scheduler:ListSchedules": noResources,

	"ConsoleRole arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:execution:${BackfillStateMachine.Name}*":   executions,
	"ConsoleRole arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:execution:${BackfillStateMachine.Name}:*":  executions,
	"ConsoleRole arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:mapRun:${BackfillStateMachine.Name}/*":     executions,
	"ConsoleRole arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:schedule/default/${AWS::StackName}-*":   "CloudFormation makes up the ends of the schedules' names",
	"BackfillRole arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:execution:${BackfillStateMachine.Name}/*": executions,
	"DynamoDbEndpoint arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${ParentName}-*":              "the stack's tables, whose names' ends CloudFormation makes up; the roles say which of them",
	"S3Endpoint arn:${AWS::Partition}:s3:::cloudformation-custom-resource-response-*/*":                                   "CloudFormation's own buckets, one a region, and the answers in them",
})

// withTraces adds what the functions, the machine and their logs and traces have in common.
func withTraces(reasons map[string]string) map[string]string {
	for _, role := range []string{"SourceApi", "Etl", "PlanBackfill", "ReportBackfill", "TrackBackfill", "Console", "Migrate", "Backfill"} {
		for _, action := range []string{"PutTraceSegments", "PutTelemetryRecords", "GetSamplingRules", "GetSamplingTargets"} {
			reasons[role+"Role xray:"+action] = noResources
		}
	}
	for _, action := range expected["BackfillRole"] {
		if strings.HasPrefix(action, "logs:") {
			reasons["BackfillRole "+action] = noResources
		}
	}
	return reasons
}

func TestNoWildcardStandsWithoutAReason(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	for _, s := range load(t).permissions() {
		for _, action := range s.actions {
			if strings.Contains(action, "*") {
				found[s.owner+" "+action] = true
			}
			if slices.Contains(s.resources, "*") {
				found[s.owner+" "+action] = true
			}
		}
		for _, resource := range s.resources {
			if resource != "*" && strings.Contains(resource, "*") {
				found[s.owner+" "+resource] = true
			}
		}
	}
	for _, wildcard := range slices.Sorted(maps.Keys(found)) {
		if reasons[wildcard] == "" {
			t.Errorf("%s: a wildcard without a reason", wildcard)
		}
	}
	for wildcard, reason := range reasons {
		if !found[wildcard] && reason != noResources {
			t.Errorf("%s: a reason for a wildcard that is not there", wildcard)
		}
	}
}

// Every function writes its log and its traces.
var everyFunction = []string{"logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTelemetryRecords", "xray:PutTraceSegments"}

func plus(actions ...string) []string {
	all := slices.Concat(everyFunction, actions)
	slices.Sort(all)
	return all
}

// expected is what each role may do, and no more.
var expected = map[string][]string{
	"SourceApiRole":      plus("secretsmanager:GetSecretValue"),
	"EtlRole":            plus("secretsmanager:GetSecretValue", "dynamodb:UpdateItem", "dynamodb:PutItem", "dynamodb:GetItem", "sqs:SendMessage"),
	"PlanBackfillRole":   plus("secretsmanager:GetSecretValue", "dynamodb:Query", "dynamodb:UpdateItem"),
	"ReportBackfillRole": plus("dynamodb:Query", "dynamodb:GetItem", "dynamodb:UpdateItem"),
	"TrackBackfillRole":  plus("dynamodb:Query", "dynamodb:GetItem", "dynamodb:UpdateItem", "sqs:SendMessage"),
	"MigrateRole":        plus("secretsmanager:GetSecretValue"),
	"ConsoleRole": plus(
		"secretsmanager:GetSecretValue", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem", "iam:PassRole", "lambda:InvokeFunction", "logs:GetLogEvents", "scheduler:GetSchedule", "scheduler:ListSchedules", "scheduler:UpdateSchedule", "sqs:GetQueueAttributes",
		"states:DescribeExecution", "states:DescribeMapRun", "states:DescribeStateMachineForExecution", "states:GetExecutionHistory",
		"states:ListExecutions", "states:ListMapRuns", "states:RedriveExecution", "states:StartExecution", "states:StopExecution", "states:UpdateMapRun",
	),
	"SchedulerRole": {"lambda:InvokeFunction", "sqs:SendMessage", "states:StartExecution"},
	"BackfillRole": {
		"lambda:InvokeFunction",
		"logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies",
		"logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery",
		"states:DescribeExecution", "states:RedriveExecution", "states:StartExecution", "states:StopExecution",
		"xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments",
	},
}

func TestEachRoleMayDoWhatItNeedsAndNoMore(t *testing.T) {
	t.Parallel()
	all := load(t)
	got := map[string][]string{}
	for _, role := range all.some(t, "AWS::IAM::Role") {
		got[role.id] = nil
	}
	for _, s := range all.permissions() {
		if _, isRole := got[s.owner]; isRole {
			got[s.owner] = append(got[s.owner], s.actions...)
		}
	}
	for role, actions := range got {
		slices.Sort(actions)
		got[role] = slices.Compact(actions)
	}
	if diff := cmp.Diff(expected, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEachFunctionHasARoleOfItsOwnAndNoManagedPolicyButForNetworkInterfaces(t *testing.T) {
	t.Parallel()
	all := load(t)
	roles := map[string]string{}
	for _, function := range all.some(t, "AWS::Lambda::Function") {
		role := text(function.properties["Role"])
		if other := roles[role]; other != "" {
			t.Errorf("%s and %s have one role, %s", function.id, other, role)
		}
		roles[role] = function.id
	}
	const interfaces = "service-role/AWSLambdaENIManagementAccess"
	for _, role := range all.of("AWS::IAM::Role") {
		if managed := role.properties["ManagedPolicyArns"]; managed != nil && !strings.Contains(text(managed), interfaces) {
			t.Errorf("%s: %s, want nothing but %s", role.id, text(managed), interfaces)
		}
	}
}

func TestTheMapMayStartAndSteerExecutionsOfItsOwnMachineAlone(t *testing.T) {
	t.Parallel()
	got := map[string][]string{}
	for _, s := range load(t).permissions() {
		for _, action := range s.actions {
			if s.owner == "BackfillRole" && strings.HasPrefix(action, "states:") {
				got[action] = append(got[action], s.resources...)
			}
		}
	}
	const children = "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:execution:${BackfillStateMachine.Name}/*"
	want := map[string][]string{
		"states:StartExecution": {"${BackfillStateMachine}"}, "states:DescribeExecution": {children},
		"states:StopExecution": {children}, "states:RedriveExecution": {children},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
