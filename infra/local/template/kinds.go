package template

const logGroupType = "AWS::Logs::LogGroup"

// kind is a resource type that the template may have.
type kind struct {
	// build adds what the local stack serves; nil for what only AWS needs.
	build func(*builder, *resource)
	// deployed is the type of what SAM makes of it, where the local stack has it; the
	// physical id is Ref's value, as it is of all types here (CloudFormation Template
	// Reference, "Return values").
	deployed string
	// reference is Ref's value; where it is nil, Ref is the attribute running.
	reference  func(*resolver, *resource) string
	attributes attributes
	// running is the attribute that only the running stack knows.
	running string
}

// attributes compute what Fn::GetAtt gives.
type attributes map[string]func(*resolver, *resource) string

// knownKinds are all types known. Those without a build have no counterpart on
// one machine by nature: who may do what, how long logs are kept, who is told.
func knownKinds() map[string]kind {
	return map[string]kind{
		"AWS::Serverless::Function": {
			build: (*builder).function, deployed: "AWS::Lambda::Function", reference: named("FunctionName"),
			attributes: attributes{"Arn": functionARN},
		},
		"AWS::Serverless::HttpApi": {
			build: (*builder).httpAPI, deployed: "AWS::ApiGatewayV2::Api", reference: apiID, running: "ApiEndpoint",
		},
		"AWS::Serverless::StateMachine": {
			build: (*builder).stateMachine, deployed: "AWS::StepFunctions::StateMachine", reference: stateMachineARN,
			attributes: attributes{"Arn": stateMachineARN, "Name": named("Name")},
		},
		"AWS::Scheduler::Schedule": {
			build: (*builder).schedule, deployed: "AWS::Scheduler::Schedule", reference: named("Name"),
			attributes: attributes{"Arn": scheduleARN},
		},
		"AWS::Events::Rule": {
			build: (*builder).rule, deployed: "AWS::Events::Rule", reference: named("Name"),
			attributes: attributes{"Arn": ruleARN},
		},
		"AWS::SQS::Queue": {
			build: (*builder).queue, deployed: "AWS::SQS::Queue", running: "QueueUrl",
			attributes: attributes{"Arn": queueARN, "QueueName": named("QueueName")},
		},
		"AWS::DynamoDB::Table": {
			build: (*builder).table, deployed: "AWS::DynamoDB::Table", reference: named("TableName"),
			attributes: attributes{"Arn": tableARN},
		},
		"AWS::SecretsManager::Secret": {
			build: (*builder).secret, deployed: "AWS::SecretsManager::Secret", reference: secretARN,
			attributes: attributes{"Id": secretARN},
		},
		"AWS::Lambda::EventInvokeConfig": {
			build: (*builder).eventInvokeConfig, reference: named(""),
		},

		// The network and the databases that a stack can make, who is told of what, and
		// the migration of the schema: the local stack has its own databases, and migrates
		// them itself.
		"AWS::CloudFormation::Stack": {reference: named("")},
		"Custom::Schema":             {reference: named("")},

		"AWS::CloudWatch::Alarm":     {reference: named("AlarmName")},
		"AWS::CloudWatch::Dashboard": {reference: named("DashboardName")},
		"AWS::IAM::ManagedPolicy":    {reference: named("ManagedPolicyName")},
		"AWS::IAM::Policy":           {reference: named("PolicyName")},
		"AWS::IAM::Role":             {reference: named("RoleName"), attributes: attributes{"Arn": roleARN}},
		"AWS::Lambda::Permission":    {reference: named("")},
		logGroupType:                 {reference: named("LogGroupName"), attributes: attributes{"Arn": logGroupARN}},
		"AWS::Logs::MetricFilter":    {reference: named("FilterName")},
		"AWS::Logs::ResourcePolicy":  {reference: named("PolicyName")},
		"AWS::SNS::Topic":            {reference: topicARN, attributes: attributes{"TopicArn": topicARN, "TopicName": named("TopicName")}},
		"AWS::SNS::TopicPolicy":      {reference: named("")},
		"AWS::SQS::QueuePolicy":      {reference: named("")},
	}
}

func named(property string) func(*resolver, *resource) string {
	return func(r *resolver, resource *resource) string { return r.nameOf(resource, property) }
}
