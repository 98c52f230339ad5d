package template_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/template"
)

// surroundings are what the expressions below refer to.
const surroundings = header + `
Parameters:
  Text: {Type: String, Default: word}
  Day: {Type: String, Default: 2026-02-20}
  Count: {Type: Number, Default: 7}
  List: {Type: CommaDelimitedList, Default: "a, b,c"}
Mappings:
  Sizes:
    us-east-1: {small: 1, names: [x, y]}
Conditions:
  Yes: !Equals [!Ref Text, word]
  No: !Not [Condition: Yes]
  Both: !And [!Condition Yes, {"Fn::Not": [!Condition No]}]
  Either: !Or [!Condition No, !Equals [a, b]]
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties: {KeySchema: [{AttributeName: id, KeyType: HASH}], AttributeDefinitions: [{AttributeName: id, AttributeType: S}]}
  Secret: {Type: AWS::SecretsManager::Secret, Properties: {SecretString: s}}
  Api: {Type: AWS::Serverless::HttpApi}
  Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !Sub "/${Text}"}}
  Role: {Type: AWS::IAM::Role}
  F:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: go1.x}
    Properties: {CodeUri: f, Handler: bootstrap, FunctionName: !Sub "${AWS::StackName}-f"}
Outputs:
  Result:
    Value: `

func TestIntrinsicFunctionsResolveAsOnAws(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]string{
		`plain`:               "plain",
		`2026-02-20`:          "2026-02-20",
		`1.50`:                "1.50",
		`!Ref Text`:           "word",
		`{Ref: Text}`:         "word",
		`!Ref Day`:            "2026-02-20",
		`!Ref Count`:          "7",
		`!Ref AWS::Region`:    "us-east-1",
		`!Ref AWS::AccountId`: "000000000000",
		`!Ref AWS::StackName`: "delfos",
		`!Sub "${AWS::Partition} ${AWS::URLSuffix}"`: "aws amazonaws.com",
		`!Ref Table`:                  "delfos-Table",
		`!GetAtt Table.Arn`:           "arn:aws:dynamodb:us-east-1:000000000000:table/delfos-Table",
		`!Ref F`:                      "delfos-f",
		`!GetAtt [F, Arn]`:            "arn:aws:lambda:us-east-1:000000000000:function:delfos-f",
		`{"Fn::GetAtt": F.Arn}`:       "arn:aws:lambda:us-east-1:000000000000:function:delfos-f",
		`!Ref Secret`:                 "arn:aws:secretsmanager:us-east-1:000000000000:secret:delfos-Secret-AAAAAA",
		`!Ref Api`:                    "api",
		`!GetAtt Api.ApiEndpoint`:     "http://127.0.0.1:1",
		`!Ref Logs`:                   "/word",
		`!GetAtt Logs.Arn`:            "arn:aws:logs:us-east-1:000000000000:log-group:/word:*",
		`!GetAtt Role.Arn`:            "arn:aws:iam::000000000000:role/delfos-Role",
		`!Sub "${Text}-${Table.Arn}"`: "word-arn:aws:dynamodb:us-east-1:000000000000:table/delfos-Table",
		`!Sub "a ${!Text} $b ${"`:     "a ${Text} $b ${",
		`!Sub ["${Own}/${Text}", {Own: !Ref Count}]`:       "7/word",
		`!Join ["-", [a, !Ref Text, 3]]`:                   "a-word-3",
		`!Join [",", !Ref List]`:                           "a,b,c",
		`!Join ["", []]`:                                   "",
		`!Join ["+", [a, !If [No, x, !Ref AWS::NoValue]]]`: "a",
		`!Select [1, !Ref List]`:                           "b",
		`!Select ["0", !Split ["/", "x/y"]]`:               "x",
		`!FindInMap [Sizes, !Ref AWS::Region, small]`:      "1",
		`!Join ["", !FindInMap [Sizes, us-east-1, names]]`: "xy",
		`!If [Yes, then, else]`:                            "then",
		`!If [No, then, else]`:                             "else",
		`!If [Both, then, else]`:                           "then",
		`!If [Either, then, else]`:                         "else",
		`{"Fn::If": [Yes, {"Fn::Sub": "${Text}"}, else]}`:  "word",
	} {
		t.Run(expression, func(t *testing.T) {
			t.Parallel()
			parsed := parse(t, surroundings+expression+"\n", template.Environment{
				Attributes: map[string]string{"Api.ApiEndpoint": "http://127.0.0.1:1"},
			})
			if diff := cmp.Diff([]template.Output{{Name: "Result", Value: want}}, parsed.Outputs); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestExpressionsThatCannotBeResolvedAreRefusedByName(t *testing.T) {
	t.Parallel()
	const line = "template.yaml:29: "
	for expression, want := range map[string]string{
		`!Ref Nothing`:                    line + "there is no parameter or resource Nothing",
		`!GetAtt Nothing.Arn`:             line + "there is no parameter or resource Nothing",
		`!GetAtt Table`:                   line + `Fn::GetAtt takes LogicalId.Attribute, not "Table"`,
		`!GetAtt Table.StreamArn`:         line + "Table (AWS::DynamoDB::Table) has no attribute StreamArn that the local stack knows",
		`!GetAtt Api.ApiEndpoint`:         line + "Api.ApiEndpoint is known only where the stack runs: it has to be given in Environment.Attributes",
		`!Sub "${Nothing}"`:               line + "there is no parameter or resource Nothing",
		`!Sub "${List}"`:                  line + "${List} in Fn::Sub is text",
		`!ImportValue x`:                  line + "Fn::ImportValue is not supported by the local stack: there is no other stack here to import from",
		`!GetAZs us-east-1`:               line + "the function Fn::GetAZs is not supported by the local stack",
		`{"Fn::Base64": x}`:               line + "the function Fn::Base64 is not supported by the local stack",
		`!Nonsense x`:                     line + "the function Fn::Nonsense is not supported by the local stack",
		`!Ref AWS::StackId`:               line + "there is no parameter or resource AWS::StackId",
		`!Select [3, !Ref List]`:          line + `Fn::Select takes item "3" of a list of 3`,
		`!Select [0]`:                     line + "Fn::Select takes a list of 2 arguments",
		`!FindInMap [Sizes, mars, small]`: line + `Fn::FindInMap finds no "mars" in Mappings`,
		`!If [Perhaps, a, b]`:             line + "there is no condition Perhaps",
		`!Equals [a, a]`:                  line + "Fn::Equals stands in conditions alone",
		`!Split ["", abc]`:                line + "Fn::Split's delimiter is empty",
		`"{{resolve:ssm:x}}"`:             line + "dynamic references ({{resolve:…}}) are not supported by the local stack",
		`!Ref List`:                       line + "Outputs.Result.Value is text",
		`!!binary aGk=`:                   line + "the YAML tag !!binary is not supported",
		`~`:                               line + "a value is missing (null is not allowed in templates)",
	} {
		t.Run(expression, func(t *testing.T) {
			t.Parallel()
			_, err := template.Parse("template.yaml", []byte(surroundings+expression+"\n"), template.Environment{})
			wantError(t, err, want)
		})
	}
}

// wantError wants exactly one problem.
func wantError(t *testing.T, err error, want string) {
	t.Helper()
	got := "no error"
	if err != nil {
		got = err.Error()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestConditionsAndNamesThatDependOnThemselvesAreRefused(t *testing.T) {
	t.Parallel()
	_, err := template.Parse("template.yaml", []byte(header+`
Conditions:
  A: !Condition A
Resources:
  T:
    Type: AWS::DynamoDB::Table
    Properties: {TableName: !Sub "x-${T}", KeySchema: [{AttributeName: id, KeyType: HASH}]}
`), template.Environment{})
	wantError(t, err, "template.yaml:3: the condition A depends on itself\ntemplate.yaml:6: the name of T depends on itself")
}
