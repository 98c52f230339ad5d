package aws_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// `sam build` and `sam deploy` do not know of each other's parameters.
func TestOneParameterSaysWhatProcessorIsBuiltForAndDeployedTo(t *testing.T) {
	t.Parallel()
	for _, function := range load(t).some(t, "AWS::Lambda::Function") {
		if processor := text(function.properties["Architectures"]); processor != `[{"Ref":"Architecture"}]` {
			t.Errorf("%s is for %s, want the parameter Architecture", function.id, processor)
		}
	}
	processor := func(table string) string {
		for _, value := range parametersGiven(t)[table] {
			if name, value, _ := strings.Cut(value, "="); name == "Architecture" {
				return value
			}
		}
		return ""
	}
	for _, environment := range []string{"default", "local", "prod"} {
		if built, deployed := processor(environment+".build.parameters"), processor(environment+".deploy.parameters"); built != deployed {
			t.Errorf("samconfig.toml, %s: built for %q, deployed to %q", environment, built, deployed)
		}
	}
}

// An HTTP API waits 30 s (API Gateway Developer Guide, "Quotas for configuring and
// running an HTTP API"), and then answers by itself.
func TestTheFunctionsBehindAnAPIEndBeforeItGivesThemUp(t *testing.T) {
	t.Parallel()
	all := load(t)
	const integration = `"uri":{"Fn::Sub":"arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/`
	behind := 0
	for _, api := range all.some(t, "AWS::ApiGatewayV2::Api") {
		for _, function := range all.some(t, "AWS::Lambda::Function") {
			if strings.Contains(text(api.properties["Body"]), integration+"${"+function.id+".Arn}/") {
				function.holds(t, 29, "Timeout")
				behind++
			}
		}
	}
	if behind != 2 {
		t.Errorf("%d functions are behind an API, want the source API's and the console's", behind)
	}
}

// named are what has the stack's name in its own, and how long that may be (the API
// References of Lambda, EventBridge, SQS and Step Functions).
var named = map[string]struct {
	property string
	most     int
}{
	"AWS::Lambda::Function":            {"FunctionName", 64},
	"AWS::Events::Rule":                {"Name", 64},
	"AWS::SQS::Queue":                  {"QueueName", 80},
	"AWS::StepFunctions::StateMachine": {"StateMachineName", 80},
}

func TestTheDescriptionSaysHowLongTheStacksNameMayBe(t *testing.T) {
	t.Parallel()
	all := load(t)
	most := 128 // CloudFormation's own
	for kind, name := range named {
		for _, r := range all.some(t, kind) {
			own, has := strings.CutPrefix(text(r.properties[name.property]), "${AWS::StackName}")
			if !has {
				own, has = strings.CutPrefix(text(r.properties[name.property]), "${ParentName}")
			}
			if has {
				most = min(most, name.most-len(own))
			}
		}
	}
	want := fmt.Sprintf("The stack's name has at most %d characters.", most)
	if said := text(all[system]["Description"]); !strings.Contains(said, want) {
		t.Errorf("the description is %q, want it to say %q", said, want)
	}
}

// parametersGiven are the values of each parameter_overrides of samconfig.toml, by its table.
func parametersGiven(t *testing.T) map[string][]string {
	t.Helper()
	source, err := os.ReadFile(filepath.Join(root, "samconfig.toml"))
	if err != nil {
		t.Fatal(err)
	}
	given, table, within := map[string][]string{}, "", false
	for line := range strings.Lines(string(source)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "]":
			within = false
		case within:
			given[table] = append(given[table], strings.Trim(line, `",`))
		case line == "parameter_overrides = [":
			within = true
		case strings.HasPrefix(line, "["):
			table = strings.Trim(line, "[]")
		}
	}
	return given
}

func TestSamconfigGivesParametersThatThereAre(t *testing.T) {
	t.Parallel()
	parameters := load(t)[system]["Parameters"].(object)
	given := parametersGiven(t)
	if len(given) == 0 {
		t.Error("samconfig.toml gives no parameters")
	}
	for table, values := range given {
		for _, value := range values {
			if name, _, _ := strings.Cut(value, "="); parameters[name] == nil {
				t.Errorf("%s gives %s, and there is no such parameter", table, name)
			}
		}
	}
}

// Made-up samples end; a schedule that goes on after them fails every night, and tells so.
func TestAStackOfMadeUpSamplesHasItsSchedulesOff(t *testing.T) {
	t.Parallel()
	given := parametersGiven(t)["default.deploy.parameters"]
	if !slices.Contains(given, "DemoDays=10") || !slices.Contains(given, "ScheduleState=DISABLED") {
		t.Errorf("`sam deploy` gives %v, want DemoDays=10 with ScheduleState=DISABLED", given)
	}
}
