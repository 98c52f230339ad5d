package template_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"delfos/infra/local/template"
)

func TestWhatTheLocalStackDoesNotServeIsRefusedWithItsLine(t *testing.T) {
	t.Parallel()
	const line = "template.yaml:9: "
	for property, want := range map[string]string{
		`Layers: [a]`:                                                line + "F.Layers is not supported by the local stack",
		`Runtime: python3.13`:                                        line + "F.Runtime is python3.13; the local stack serves provided.al2023",
		`PackageType: Image`:                                         line + "F.PackageType is Image; the local stack serves Zip",
		`Timeout: 901`:                                               line + `F.Timeout is "901", want a whole number from 1 to 900`,
		`Timeout: soon`:                                              line + `F.Timeout is "soon", want a whole number from 1 to 900`,
		`MemorySize: 64`:                                             line + `F.MemorySize is "64", want a whole number from 128 to 10240`,
		`Environment: {Variables: [a]}`:                              line + "F.Environment.Variables is a mapping",
		`Environment: {Variables: {A: [a]}}`:                         line + "F.Environment.Variables.A is text",
		`Environment: {Secrets: {A: a}}`:                             line + "F.Environment.Secrets is not supported by the local stack",
		`LoggingConfig: {LogFormat: Text}`:                           line + "F.LoggingConfig.LogFormat is Text; the local stack serves JSON",
		`Events: {E: {Type: SQS}}`:                                   line + "F.Events.E: the event type SQS is not supported by the local stack",
		`Policies: [!Ref Nobody]`:                                    line + "there is no parameter or resource Nobody",
		`Policies: [!GetAtt [Nobody, Arn]]`:                          line + "there is no parameter or resource Nobody",
		`Timeout: 3` + "\n      Timeout: 4":                          "template.yaml:10: the key \"Timeout\" is here twice",
		`Tags: {<<: {a: b}}`:                                         line + "a key is plain text",
		`Tags: &a {b: c}` + "\n      Role: *a":                       "template.yaml:10: YAML aliases are not supported: write the value out",
		`EventInvokeConfig: {MaximumEventAgeInSeconds: 30}`:          line + `F.EventInvokeConfig.MaximumEventAgeInSeconds is "30", want a whole number from 60 to 21600`,
		`Events: {E: {Type: HttpApi, Properties: {ApiId: nowhere}}}`: line + "ApiId is not !Ref of an AWS::Serverless::HttpApi of this template",
		`Events: {E: {Type: HttpApi, Properties: {Path: /}}}`:        line + "F.Events.E.Properties.ApiId is missing\n" + line + "F.Events.E.Properties.Method is missing",
	} {
		t.Run(property, func(t *testing.T) {
			t.Parallel()
			_, err := template.Parse("template.yaml", []byte(functionOf(property)), template.Environment{})
			wantError(t, err, want)
		})
	}
}

func TestWhatIsNoTemplateIsRefused(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"":                                    "template.yaml:1: the template is empty",
		"a: [":                                "template.yaml:1: not YAML: line 1: did not find expected node content",
		"- a":                                 "template.yaml:1: a template is a mapping with Resources",
		"a: 1\n---\nb: 2":                     "template.yaml:2: a template is one YAML document, and here are more",
		strings.Repeat("#", 1<<20+1):          "template.yaml:1: the template is larger than 1 MiB, CloudFormation's limit",
		"Resources: {}":                       "template.yaml:1: Transform is missing: want AWS::Serverless-2016-10-31",
		header:                                "template.yaml:1: Resources is missing",
		header + "\nResources: {}\nHooks: {}": "template.yaml:3: the section Hooks is not supported",
		header + "\nResources: {}\nRules: {R: {Assertions: [{Assert: !Equals [a, b], AssertDescription: a is b}]}}":                                       "template.yaml:3: the rule R: a is b",
		header + "\nResources: {}\nRules: {R: {RuleCondition: !Equals [a, a], Assertions: [{Assert: !Not [!Equals [a, a]]}]}}":                            "template.yaml:3: the rule R: an assertion does not hold",
		header + "\nResources: {}\nRules: {R: {Assertions: [{Assert: {Fn::Contains: [[a], b]}}]}}":                                                        "template.yaml:3: Fn::Contains is no condition\ntemplate.yaml:3: the rule R: an assertion does not hold",
		header + "\nResources: {}\nRules: {R: {Assertions: []}}":                                                                                          "template.yaml:3: Rules.R.Assertions is a list of at least one",
		header + "\nResources: {}\nRules: {R: {Assertions: [{}]}}":                                                                                        "template.yaml:3: an assertion of Rules.R has no Assert",
		header + "\nResources: {}\nRules: {R: {Conditions: [], Assertions: [{Assert: !Equals [a, a]}]}}":                                                  "template.yaml:3: Rules.R.Conditions is not supported",
		header + "\nResources: {Q: {Type: AWS::Scheduler::ScheduleGroup}}":                                                                                "template.yaml:2: Q: the type AWS::Scheduler::ScheduleGroup is not supported by the local stack",
		header + "\nResources: {Q: {Properties: {}}}":                                                                                                     "template.yaml:2: Q has no Type",
		header + "\nResources: {A-B: {Type: AWS::IAM::Role}}":                                                                                             `template.yaml:2: the logical id "A-B" is not letters and digits alone`,
		header + "\nResources: {R: {Type: AWS::IAM::Role, CreationPolicy: {}}}":                                                                           "template.yaml:2: R.CreationPolicy is not supported",
		header + "\nResources: {}\nGlobals: {Api: {}}":                                                                                                    "template.yaml:3: Globals.Api is not supported by the local stack",
		header + "\nResources: {}\nGlobals: {Function: {Policies: []}}":                                                                                   "template.yaml:3: Globals.Function.Policies is not supported by the local stack",
		header + "\nResources: {S: {Type: AWS::SecretsManager::Secret}}":                                                                                  "template.yaml:2: S has either SecretString or GenerateSecretString",
		header + "\nResources: {A: {Type: AWS::Serverless::HttpApi, Properties: {CorsConfiguration: true}}}":                                              "template.yaml:2: A.CorsConfiguration is not supported by the local stack",
		header + "\nResources: {T: {Type: AWS::DynamoDB::Table, Properties: {BillingMode: PROVISIONED, KeySchema: [{AttributeName: a, KeyType: HASH}]}}}": "template.yaml:2: T.BillingMode is PROVISIONED; the local stack serves PAY_PER_REQUEST",
		header + "\nResources: {T: {Type: AWS::DynamoDB::Table, Properties: {StreamSpecification: {}, KeySchema: [{AttributeName: a, KeyType: LIST}]}}}":  "template.yaml:2: T.KeySchema[0].KeyType is LIST; the local stack serves HASH, RANGE\ntemplate.yaml:2: T.StreamSpecification is not supported by the local stack",
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			_, err := template.Parse("template.yaml", []byte(source), template.Environment{})
			wantError(t, err, want)
		})
	}
}

func TestParametersKeepToTheirRules(t *testing.T) {
	t.Parallel()
	const source = header + `
Parameters:
  Zone: {Type: String, Default: UTC, AllowedPattern: "[A-Z]+", ConstraintDescription: capitals}
  Size: {Type: Number, Default: 1, MinValue: 1, MaxValue: 9}
  Mode: {Type: String, Default: a, AllowedValues: [a, b]}
  Name: {Type: String, Default: abc, MinLength: 2, MaxLength: 4}
  Nets: {Type: "List<AWS::EC2::Subnet::Id>", Default: "", AllowedPattern: "(subnet-[0-9]+)?"}
Resources: {}
`
	for name, test := range map[string]struct{ value, want string }{
		"Zone": {"utc1", `template.yaml:3: the parameter Zone is "utc1"; want: capitals`},
		"Size": {"10", `template.yaml:4: the parameter Size is "10"; want at most 9`},
		"Mode": {"c", `template.yaml:5: the parameter Mode is "c"; want one of a, b`},
		"Name": {"abcde", `template.yaml:6: the parameter Name is "abcde"; want at most 4 characters`},
		"Nets": {"subnet-1,eth0", `template.yaml:7: the parameter Nets is "eth0"; it does not match AllowedPattern`},
		"Else": {"x", `template.yaml:3: the parameter Else was given, and the template has none of that name`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := template.Parse("template.yaml", []byte(source), template.Environment{Parameters: map[string]string{name: test.value}})
			wantError(t, err, test.want)
		})
	}
	t.Run("a parameter without a value", func(t *testing.T) {
		t.Parallel()
		_, err := template.Parse("template.yaml", []byte(header+"\nParameters: {P: {Type: String}}\nResources: {}"), template.Environment{})
		wantError(t, err, "template.yaml:2: the parameter P has no default, and none was given")
	})
}

func TestAllProblemsComeAtOnceEachWithItsLine(t *testing.T) {
	t.Parallel()
	_, err := template.Parse("stack/template.yaml", []byte(functionOf("Timeout: 0\n      Layers: []")+"  Q: {Type: AWS::S3::Bucket}"), template.Environment{})
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("got %v, want joined errors", err)
	}
	lines := []int{9, 10, 11}
	if got := joined.Unwrap(); len(got) != len(lines) {
		t.Fatalf("got %d errors, want %d:\n%v", len(got), len(lines), err)
	}
	for i, one := range joined.Unwrap() {
		var problem *template.Error
		if !errors.As(one, &problem) || problem.Line != lines[i] || problem.File != "stack/template.yaml" {
			t.Errorf("error %d is %v, want line %d", i, one, lines[i])
		}
	}
}

func FuzzParseNeverPanics(f *testing.F) {
	f.Add([]byte(functionOf(`Timeout: 3`)))
	f.Add([]byte(surroundings + `!Sub ["${a}${b}", {a: !If [Yes, !GetAtt F.Arn, x], b: !Select [0, !Split [",", "a,b"]]}]`))
	f.Add([]byte(header + "\nResources: {T: {Type: AWS::DynamoDB::Table, Condition: !Condition x, Properties: {TableName: !Ref T}}}"))
	f.Add([]byte(header + "\nGlobals: {Function: {Environment: !If [a]}}\nConditions: {a: {Fn::And: [!Condition a, !Equals [a, !Ref AWS::NoValue]]}}"))
	f.Add([]byte("Parameters: {P: {Type: List<Number>, Default: 1, AllowedPattern: '('}}"))
	f.Add([]byte("--- &a\n? [b]\n: *a\n"))
	for _, file := range []string{"testdata/orchestration.yaml", systemTemplate} {
		source, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(source)
	}
	f.Add([]byte(machineOf(`DefinitionSubstitutions: {A: "${B}${B}", B: "${A}"}, Definition: {a: !Ref M, b: "${A}"}`)))
	f.Add([]byte(functionOf("Events: {E: !If [a, {Type: ScheduleV2}, {Type: EventBridgeRule, Properties: {Pattern: {a: [.inf]}}}]}")))
	f.Fuzz(func(t *testing.T, source []byte) {
		parsed, err := template.Parse("testdata/template.yaml", source, template.Environment{})
		if (parsed == nil) == (err == nil) {
			t.Errorf("got %v and %v, want one of them", parsed, err)
		}
	})
}
