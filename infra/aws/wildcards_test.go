package aws_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

const (
	noResources = "the service has no resources to name (Service Authorization Reference)"
	ownKey      = "in a key's policy, the key itself"
	unnamed     = "executions have no names before they are started; they are the machine's own"
	lambdas     = "Lambda makes the interfaces, and EC2 their ids"
)

// reasons are why a wildcard stands where it does, by owner and what has it. A
// resource "*" goes by the action.
var reasons = withCommon(map[string]string{
	"TopicKey kms:*":               "the account's own policies say who; without it nobody could administrate the key (KMS Developer Guide, \"Default key policy\")",
	"TopicKey kms:Decrypt":         ownKey,
	"TopicKey kms:GenerateDataKey": ownKey,

	"ConsoleRole scheduler:ListSchedules": noResources,

	"ConsoleRole " + executions:  unnamed,
	"ConsoleRole " + mapRuns:     unnamed,
	"ConsoleRole " + schedules:   "CloudFormation makes up the ends of the schedules' names",
	"BackfillRole " + executions: unnamed,
	"BackfillRole " + items:      unnamed,
	"DynamoDbEndpoint arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${ParentName}-*": "the stack's tables, whose names' ends CloudFormation makes up; the roles say which of them",
	"S3Endpoint arn:${AWS::Partition}:s3:::cloudformation-custom-resource-response-*/*":                      "CloudFormation's own buckets, one a region, and the answers in them",
})

// withCommon adds what the functions, the machine and their logs and traces have in common.
func withCommon(reasons map[string]string) map[string]string {
	for _, role := range []string{"SourceApi", "AuthorizeApi", "Etl", "PlanBackfill", "ReportBackfill", "TrackBackfill", "Console", "Migrate", "Backfill"} {
		for _, action := range []string{"PutTraceSegments", "PutTelemetryRecords", "GetSamplingRules", "GetSamplingTargets"} {
			reasons[role+"Role xray:"+action] = noResources
		}
	}
	for _, action := range logDelivery {
		reasons["BackfillRole "+action] = noResources
	}
	for action := range networkInterfaces() {
		reasons["NetworkInterfacesPolicy "+action] = lambdas
	}
	return reasons
}

func TestNoWildcardStandsWithoutAReason(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	for _, s := range load(t).permissions() {
		if s.effect == "Deny" {
			continue // the wider the better
		}
		for _, action := range s.actions {
			if strings.Contains(action, "*") || slices.Contains(s.resources, "*") {
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
