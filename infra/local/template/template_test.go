package template_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/template"
)

var update = flag.Bool("update", false, "write the golden files anew")

const (
	systemTemplate = "../../../template.yaml"
	sourceSecret   = "arn:aws:secretsmanager:us-east-1:000000000000:secret:source-AAAAAA"
	targetSecret   = "arn:aws:secretsmanager:us-east-1:000000000000:secret:target-AAAAAA"
)

// systemEnvironment is what the local stack gives to the system's own template.
func systemEnvironment() template.Environment {
	return template.Environment{
		Parameters: map[string]string{
			"SourceSecretArn": sourceSecret, "TargetSecretArn": targetSecret,
			"SourceReaderSecretArn": sourceSecret + "r", "TargetWriterSecretArn": targetSecret + "w", "TargetReaderSecretArn": targetSecret + "r",
		},
		Attributes: map[string]string{
			"SourceApi.ApiEndpoint":    "http://127.0.0.1:8000",
			"ConsoleApi.ApiEndpoint":   "http://127.0.0.1:3000",
			"DeadLetterQueue.QueueUrl": "http://127.0.0.1:4566/000000000000/dead-letters",
		},
	}
}

func TestTheSystemsTemplateGivesItsFunctionsRoutesTablesAndSecrets(t *testing.T) {
	t.Parallel()
	loaded, err := template.Load(systemTemplate, systemEnvironment())
	if err != nil {
		t.Fatal(err)
	}
	wantGolden(t, "system.golden.json", loaded)
}

func wantGolden(t *testing.T, name string, loaded *template.Template) {
	t.Helper()
	got := readable(t, loaded)
	golden := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(golden, append(got, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)+"\n"); diff != "" {
		t.Errorf("it differs from %s (-want +got; -update if it is meant):\n%s", golden, diff)
	}
}

// readable is JSON without the many fields of CreateTableInput that are not set
// and that come and go with the SDK's versions, and with definitions as they read.
func readable(t *testing.T, loaded *template.Template) []byte {
	t.Helper()
	text, err := json.Marshal(loaded)
	if err != nil {
		t.Fatal(err)
	}
	var document map[string]any
	if err = json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	dropUnset(document["Tables"])
	for _, machine := range list(document["StateMachines"]) {
		var definition any
		if err = json.Unmarshal([]byte(machine["Definition"].(string)), &definition); err != nil {
			t.Fatal(err)
		}
		machine["Definition"] = definition
	}
	if text, err = json.MarshalIndent(document, "", "  "); err != nil {
		t.Fatal(err)
	}
	return text
}

func list(value any) []map[string]any {
	var all []map[string]any
	items, _ := value.([]any)
	for _, item := range items {
		all = append(all, item.(map[string]any))
	}
	return all
}

func dropUnset(value any) {
	switch value := value.(type) {
	case map[string]any:
		for key, inner := range value {
			if inner == nil || inner == "" {
				delete(value, key)
			}
			dropUnset(inner)
		}
	case []any:
		for _, inner := range value {
			dropUnset(inner)
		}
	}
}

func TestTheSystemsTemplateRunsInAVpcWhenSubnetsAreGiven(t *testing.T) {
	t.Parallel()
	environment := systemEnvironment()
	environment.Parameters["SubnetIds"] = "subnet-0a,subnet-0b"
	environment.Parameters["SecurityGroupIds"] = "sg-0c"
	if _, err := template.Load(systemTemplate, environment); err != nil {
		t.Error(err)
	}
}

func TestTheSystemsTemplateWantsTheSecretsOfExistingDatabases(t *testing.T) {
	t.Parallel()
	environment := systemEnvironment()
	delete(environment.Parameters, "TargetSecretArn")
	_, err := template.Load(systemTemplate, environment)
	if err == nil || !strings.Contains(err.Error(), "TargetSecretArn is needed where CreateDatabases is false") {
		t.Errorf("got %v", err)
	}
}

func TestAStackThatMakesItsDatabasesIsForAWSAlone(t *testing.T) {
	t.Parallel()
	environment := systemEnvironment()
	environment.Parameters["CreateDatabases"] = "true"
	_, err := template.Load(systemTemplate, environment)
	if err == nil || !strings.Contains(err.Error(), "SourceDatabase (AWS::CloudFormation::Stack) has no attribute Outputs.SecretArn that the local stack knows") {
		t.Errorf("got %v", err)
	}
}

func TestAStackThatMigratesHasItsFunction(t *testing.T) {
	t.Parallel()
	environment := systemEnvironment()
	environment.Parameters["MigrateDatabases"] = "true"
	loaded, err := template.Load(systemTemplate, environment)
	if err != nil {
		t.Fatal(err)
	}
	for _, function := range loaded.Functions {
		if function.LogicalID == "MigrateFunction" && function.Environment["SOURCE_SECRET_ARN"] == sourceSecret && function.Environment["SOURCE_READER_SECRET_ARN"] == "" {
			return
		}
	}
	t.Error("there is no MigrateFunction with the secret of the source's owner, and roles of others are not its to make")
}

func TestLoadNamesTheFileThatIsNotThere(t *testing.T) {
	t.Parallel()
	if _, err := template.Load(filepath.Join(t.TempDir(), "template.yaml"), template.Environment{}); err == nil {
		t.Error("a missing file was loaded")
	}
}

// functionOf is a template with one function that has the property.
func functionOf(property string) string {
	return header + `
Resources:
  F:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: go1.x}
    Properties:
      CodeUri: f/
      Handler: bootstrap
      ` + property + "\n"
}

const header = "Transform: AWS::Serverless-2016-10-31"

func parse(t *testing.T, source string, environment template.Environment) *template.Template {
	t.Helper()
	parsed, err := template.Parse("template.yaml", []byte(source), environment)
	if err != nil {
		t.Fatalf("%v\nin:\n%s", err, source)
	}
	return parsed
}

func TestAFunctionWithoutPropertiesHasLambdasDefaults(t *testing.T) {
	t.Parallel()
	got := parse(t, functionOf(""), template.Environment{}).Functions
	want := []template.Function{{
		LogicalID: "F", Name: "delfos-F", ARN: "arn:aws:lambda:us-east-1:000000000000:function:delfos-F",
		CodeURI: "f", Handler: "bootstrap", Runtime: "provided.al2023", Architecture: "x86_64",
		Timeout: 3e9, MemoryMB: 128, AsyncRetries: 2, MaxEventAge: 6 * time.Hour, Environment: map[string]string{}, LogGroup: "/aws/lambda/delfos-F",
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestGlobalsMergeAsInSam(t *testing.T) {
	t.Parallel()
	source := functionOf(`Timeout: 20
      Environment: {Variables: {BOTH: local, LOCAL: l}}
      Architectures: [arm64]`) + `
  G:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: go1.x}
    Properties: {CodeUri: g, Handler: bootstrap}
Globals:
  Function:
    Timeout: 10
    MemorySize: 256
    Architectures: [x86_64]
    LoggingConfig: {LogFormat: JSON, LogGroup: shared}
    Environment: {Variables: {BOTH: global, GLOBAL: g}}
`
	functions := parse(t, source, template.Environment{}).Functions
	type merged struct {
		Seconds, Memory        int
		Architecture, LogGroup string
		Environment            map[string]string
	}
	var got []merged
	for _, f := range functions {
		got = append(got, merged{int(f.Timeout.Seconds()), f.MemoryMB, f.Architecture, f.LogGroup, f.Environment})
	}
	want := []merged{
		{20, 256, "arm64", "shared", map[string]string{"BOTH": "local", "LOCAL": "l", "GLOBAL": "g"}},
		{10, 256, "x86_64", "shared", map[string]string{"BOTH": "global", "GLOBAL": "g"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRoutesBelongToTheApiThatTheirEventNames(t *testing.T) {
	t.Parallel()
	source := functionOf(`Events:
        Data: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: "/data/{day}", Method: get, TimeoutInMillis: 5000}}
        Rest: {Type: HttpApi, Properties: {ApiId: !Ref Api}}`) + `
  Api: {Type: AWS::Serverless::HttpApi}
  Other: {Type: AWS::Serverless::HttpApi, Properties: {Name: other}}
`
	got := parse(t, source, template.Environment{}).HTTPAPIs
	want := []template.HTTPAPI{
		{LogicalID: "Api", ID: "api", Name: "delfos", Routes: []template.Route{
			{Key: "GET /data/{day}", Function: "delfos-F", Timeout: 5e9},
			{Key: "$default", Function: "delfos-F", Timeout: 30e9},
		}},
		{LogicalID: "Other", ID: "other", Name: "other"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestResourcesWhoseConditionDoesNotHoldAreNotThere(t *testing.T) {
	t.Parallel()
	source := functionOf("") + `    Condition: Wanted
  R: {Type: AWS::IAM::Role}
Conditions: {Wanted: !Equals [!Ref AWS::Region, eu-west-1]}
Outputs: {Name: {Condition: Wanted, Value: !Ref F}}
`
	here := parse(t, source, template.Environment{Region: "eu-west-1"})
	if len(here.Functions) != 1 || len(here.Outputs) != 1 {
		t.Errorf("with the condition: %d functions, %d outputs; want 1 and 1", len(here.Functions), len(here.Outputs))
	}
	elsewhere := parse(t, source, template.Environment{})
	if len(elsewhere.Functions) != 0 || len(elsewhere.Outputs) != 0 {
		t.Errorf("without the condition: %d functions, %d outputs; want none", len(elsewhere.Functions), len(elsewhere.Outputs))
	}
}
