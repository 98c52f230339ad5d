package aws_test

import "slices"

// The databases' secrets, by who logs in with them.
const (
	sourceOwner  = "if CreatesDatabases then ${SourceDatabase.Outputs.SecretArn} else ${SourceSecretArn}"
	targetOwner  = "if CreatesDatabases then ${TargetDatabase.Outputs.SecretArn} else ${TargetSecretArn}"
	sourceReader = "if CreatesDatabases then ${SourceDatabase.Outputs.ReaderSecretArn} else if GivenSourceReader then ${SourceReaderSecretArn} else ${SourceSecretArn}"
	targetWriter = "if CreatesDatabases then ${TargetDatabase.Outputs.WriterSecretArn} else if GivenTargetWriter then ${TargetWriterSecretArn} else ${TargetSecretArn}"
	targetReader = "if CreatesDatabases then ${TargetDatabase.Outputs.ReaderSecretArn} else if GivenTargetReader then ${TargetReaderSecretArn} else ${TargetSecretArn}"
)

const (
	schedules = "arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:schedule/default/${AWS::StackName}-*"

	ofStates   = "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:"
	executions = ofStates + "execution:${BackfillStateMachine.Name}:*"
	items      = ofStates + "execution:${BackfillStateMachine.Name}/*" // executions, too, of a Map
	mapRuns    = ofStates + "mapRun:${BackfillStateMachine.Name}/*"
)

// tables are the tables of the status, and their indexes.
const (
	partitions, runs, backfills = "${PartitionsTable.Arn}", "${RunsTable.Arn}", "${BackfillsTable.Arn}"
	runsByPartition             = "${RunsTable.Arn}/index/by_partition"
	backfillsByStart            = "${BackfillsTable.Arn}/index/by_start"
)

// function is what a function's role may do: what is its own, its log and its traces.
func function(name string, own grants) grants {
	for _, action := range []string{"logs:CreateLogStream", "logs:PutLogEvents"} {
		own[action] = append(own[action], "${"+name+"LogGroup.Arn}")
	}
	for _, action := range []string{"xray:PutTelemetryRecords", "xray:PutTraceSegments"} {
		own[action] = append(own[action], "*")
	}
	return own
}

// expected is what each role may do, and to what, and no more.
func expected() map[string]grants {
	all := map[string]grants{
		"SourceApiRole":    function("SourceApi", grants{"secretsmanager:GetSecretValue": {sourceReader, "${ApiToken}"}}),
		"AuthorizeApiRole": function("AuthorizeApi", grants{"secretsmanager:GetSecretValue": {"${ApiToken}"}}),
		"EtlRole": function("Etl", grants{
			"secretsmanager:GetSecretValue": {targetWriter, "${ApiToken}"},
			"dynamodb:UpdateItem":           {partitions, runs},
			"dynamodb:PutItem":              {runs},
			"dynamodb:GetItem":              {backfills},
			"sqs:SendMessage":               {"${DeadLetterQueue.Arn}"},
		}),
		"PlanBackfillRole": function("PlanBackfill", grants{
			"secretsmanager:GetSecretValue": {"${ApiToken}"},
			"dynamodb:Query":                {partitions},
			"dynamodb:UpdateItem":           {partitions, backfills},
		}),
		"ReportBackfillRole": function("ReportBackfill", grants{
			"dynamodb:Query":      {partitions, runsByPartition},
			"dynamodb:GetItem":    {backfills},
			"dynamodb:UpdateItem": {backfills},
		}),
		"TrackBackfillRole": function("TrackBackfill", grants{
			"dynamodb:Query":      {partitions},
			"dynamodb:GetItem":    {backfills},
			"dynamodb:UpdateItem": {partitions, backfills},
			"sqs:SendMessage":     {"${DeadLetterQueue.Arn}"},
		}),
		"MigrateRole": function("Migrate", grants{"secretsmanager:GetSecretValue": {
			sourceOwner, targetOwner,
			"if CreatesDatabases then ${SourceDatabase.Outputs.ReaderSecretArn} else ${AWS::NoValue}",
			"if CreatesDatabases then ${TargetDatabase.Outputs.WriterSecretArn} else ${AWS::NoValue}",
			"if CreatesDatabases then ${TargetDatabase.Outputs.ReaderSecretArn} else ${AWS::NoValue}",
		}}),
		"ConsoleRole": function("Console", consoleGrants()),
		"SchedulerRole": {
			"lambda:InvokeFunction": {"${EtlFunction.Arn}"},
			"states:StartExecution": {"${BackfillStateMachine}"},
			"sqs:SendMessage":       {"${DeadLetterQueue.Arn}"},
		},
		"BackfillRole":            backfillGrants(),
		"NetworkInterfacesPolicy": networkInterfaces(),
	}
	for _, given := range all {
		given.sort()
	}
	return all
}

// consoleGrants are the grants of a console that steers.
func consoleGrants() grants {
	own := grants{
		"secretsmanager:GetSecretValue": {targetReader, "${ApiToken}", "${ConsoleToken}"},
		"dynamodb:GetItem":              {partitions, runs, runsByPartition, backfills, backfillsByStart},
		"dynamodb:UpdateItem":           {partitions},
		"iam:PassRole":                  {"${SchedulerRole.Arn}"},
		"lambda:InvokeFunction":         {"${PlanBackfillFunction.Arn}", "${EtlFunction.Arn}"},
		"logs:GetLogEvents":             {"${EtlLogGroup.Arn}"},
		"scheduler:GetSchedule":         {schedules},
		"scheduler:ListSchedules":       {"*"},
		"scheduler:UpdateSchedule":      {schedules},
		"sqs:GetQueueAttributes":        {"${DeadLetterQueue.Arn}"},

		"states:ListExecutions":                   {"${BackfillStateMachine}"},
		"states:StartExecution":                   {"${BackfillStateMachine}"},
		"states:DescribeExecution":                {executions},
		"states:DescribeStateMachineForExecution": {executions},
		"states:GetExecutionHistory":              {executions},
		"states:ListMapRuns":                      {executions},
		"states:StopExecution":                    {executions},
		"states:RedriveExecution":                 {executions},
		"states:DescribeMapRun":                   {mapRuns},
		"states:UpdateMapRun":                     {mapRuns},
	}
	own["dynamodb:Query"] = slices.Clone(own["dynamodb:GetItem"])
	return own
}

// backfillGrants has for the Map what AWS documents (Step Functions Developer Guide,
// "IAM policies for using Distributed Map states").
func backfillGrants() grants {
	own := grants{
		"lambda:InvokeFunction":    {"${PlanBackfillFunction.Arn}", "${EtlFunction.Arn}", "${ReportBackfillFunction.Arn}"},
		"states:StartExecution":    {"${BackfillStateMachine}"},
		"states:DescribeExecution": {executions, items},
		"states:StopExecution":     {executions, items},
		"states:RedriveExecution":  {items},
	}
	for _, action := range slices.Concat(logDelivery, []string{
		"xray:PutTelemetryRecords", "xray:PutTraceSegments", "xray:GetSamplingRules", "xray:GetSamplingTargets",
	}) {
		own[action] = []string{"*"}
	}
	return own
}

// logDelivery is what a state machine's log takes (Step Functions Developer Guide,
// "Using CloudWatch Logs to log execution history").
var logDelivery = []string{
	"logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies",
	"logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery",
}

// networkInterfaces are what a function in a VPC takes (Lambda Developer Guide, "Giving
// Lambda functions access to resources in an Amazon VPC").
func networkInterfaces() grants {
	own := grants{}
	for _, action := range []string{
		"CreateNetworkInterface", "DescribeNetworkInterfaces", "DescribeSubnets", "DeleteNetworkInterface",
		"AssignPrivateIpAddresses", "UnassignPrivateIpAddresses",
	} {
		own["ec2:"+action] = []string{"*"}
	}
	return own
}
