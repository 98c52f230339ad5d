package template_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/template"
)

func TestParametersAreAsTheyWereGivenOrByDefault(t *testing.T) {
	t.Parallel()
	source := functionOf("") + `
Description: What it is.
Parameters:
  Text: {Type: String, Default: word}
  Given: {Type: Number, Default: 1}
  List: {Type: CommaDelimitedList, Default: "a, b,c"}
  Hidden: {Type: String, Default: secret, NoEcho: true}
`
	parsed := parse(t, source, template.Environment{Parameters: map[string]string{"Given": "7"}})
	want := []template.Parameter{
		{Name: "Text", Value: "word"}, {Name: "Given", Value: "7"}, {Name: "List", Value: "a,b,c"}, {Name: "Hidden", Value: "secret", NoEcho: true},
	}
	if diff := cmp.Diff(want, parsed.Parameters); diff != "" || parsed.Description != "What it is." {
		t.Errorf("%q (-want +got):\n%s", parsed.Description, diff)
	}
}

func TestResourcesAreWhatTheLocalStackHas(t *testing.T) {
	t.Parallel()
	source := functionOf(`FunctionName: f
      LoggingConfig: {LogGroup: !Ref Logs}
      Events:
        Tick: {Type: ScheduleV2, Properties: {OmitName: true, ScheduleExpression: rate(1 day)}}
        Rest: {Type: HttpApi, Properties: {ApiId: !Ref Api}}`) + `
  G: {Type: AWS::Serverless::Function, Condition: Never, Metadata: {BuildMethod: go1.x}, Properties: {CodeUri: g/, Handler: bootstrap}}
  Api: {Type: AWS::Serverless::HttpApi}
  Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /logs/f}}
  Unwritten: {Type: AWS::Logs::LogGroup}
  Letters: {Type: AWS::SQS::Queue}
  Token: {Type: AWS::SecretsManager::Secret, Properties: {SecretString: s}}
  Role: {Type: AWS::IAM::Role}
  Nested: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: nested.yaml}}
Conditions: {Never: !Equals [a, b]}
`
	const queueURL = "http://127.0.0.1:4566/000000000000/delfos-Letters"
	got := parse(t, source, template.Environment{Attributes: map[string]string{"Letters.QueueUrl": queueURL}}).Resources
	want := []template.Resource{
		{LogicalID: "Api", PhysicalID: "api", Type: "AWS::ApiGatewayV2::Api"},
		{LogicalID: "F", PhysicalID: "f", Type: "AWS::Lambda::Function"},
		{LogicalID: "FTick", PhysicalID: "delfos-FTick", Type: "AWS::Scheduler::Schedule"},
		{LogicalID: "Letters", PhysicalID: queueURL, Type: "AWS::SQS::Queue"},
		{LogicalID: "Logs", PhysicalID: "/logs/f", Type: "AWS::Logs::LogGroup"},
		{LogicalID: "Token", PhysicalID: "arn:aws:secretsmanager:us-east-1:000000000000:secret:delfos-Token-AAAAAA", Type: "AWS::SecretsManager::Secret"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
