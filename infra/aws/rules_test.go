package aws_test

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"delfos/infra/local/template"
)

const (
	someAccount  = "123456789012"
	localAccount = "000000000000"
)

// deployed is what becomes of the parameters, beside databases that are there already,
// before anything is created.
func deployed(account string, parameters map[string]string) error {
	given := map[string]string{
		"SourceSecretArn": "arn:aws:secretsmanager:us-east-1:" + account + ":secret:source-AAAAAA",
		"TargetSecretArn": "arn:aws:secretsmanager:us-east-1:" + account + ":secret:target-AAAAAA",
	}
	maps.Copy(given, parameters)
	_, err := template.Load(filepath.Join(root, system), template.Environment{
		AccountID: account, Parameters: given,
		Attributes: map[string]string{
			"SourceApi.ApiEndpoint": "https://source.example.com", "ConsoleApi.ApiEndpoint": "https://console.example.com",
			"DeadLetterQueue.QueueUrl": "https://sqs.example.com/dead-letters",
		},
	})
	return err
}

func TestParametersThatDoNotGoTogetherAreRefusedBeforeAnythingIsCreated(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		account    string
		parameters map[string]string
		refused    string // "" where they are not
	}{
		"by default":                         {someAccount, nil, ""},
		"no secret of the source":            {someAccount, map[string]string{"SourceSecretArn": ""}, "SourceSecretArn is needed where CreateDatabases is false"},
		"no secret of the target":            {someAccount, map[string]string{"TargetSecretArn": ""}, "TargetSecretArn is needed where CreateDatabases is false"},
		"in a VPC":                           {someAccount, map[string]string{"SubnetIds": "subnet-0a,subnet-0b", "SecurityGroupIds": "sg-0c,sg-0d"}, ""},
		"subnets without security groups":    {someAccount, map[string]string{"SubnetIds": "subnet-0a"}, "SecurityGroupIds is needed where SubnetIds is given"},
		"security groups without subnets":    {someAccount, map[string]string{"SecurityGroupIds": "sg-0c"}, "SubnetIds is needed where SecurityGroupIds is given"},
		"a console that is open and steers":  {someAccount, map[string]string{"ConsoleSignIn": "none"}, "ConsoleReadOnly=true is needed where ConsoleSignIn is none"},
		"a console that is open and shows":   {someAccount, map[string]string{"ConsoleSignIn": "none", "ConsoleReadOnly": "true"}, ""},
		"a local console that is open":       {localAccount, map[string]string{"ConsoleSignIn": "none"}, ""},
		"a list with something else in it":   {someAccount, map[string]string{"SubnetIds": "subnet-0a,sg-0c", "SecurityGroupIds": "sg-0c"}, "Subnet ids separated by commas"},
		"a stack that is the emulator's own": {localAccount, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := deployed(test.account, test.parameters)
			if (err != nil) != (test.refused != "") || err != nil && !strings.Contains(err.Error(), test.refused) {
				t.Errorf("%v, want %q", err, test.refused)
			}
		})
	}
}

// CloudFormation knows few functions in Rules (User Guide, "Rule functions"): a condition
// cannot be named, nor a list be joined.
func TestRulesAreMadeOfTheFunctionsThatRulesMayHave(t *testing.T) {
	t.Parallel()
	known := map[string]bool{"Fn::And": true, "Fn::Or": true, "Fn::Not": true, "Fn::Equals": true, "Ref": true}
	var look func(value any)
	look = func(value any) {
		switch value := value.(type) {
		case object:
			for key, inner := range value {
				if !known[key] {
					t.Errorf("%s is not for Rules", key)
				}
				look(inner)
			}
		case []any:
			for _, inner := range value {
				look(inner)
			}
		}
	}
	for _, rule := range load(t)[system]["Rules"].(object) {
		if condition := at(rule, "RuleCondition"); condition != nil {
			look(condition)
		}
		for _, assertion := range objects(at(rule, "Assertions")) {
			look(assertion["Assert"])
		}
	}
}
