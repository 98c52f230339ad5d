package aws_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// named is the resource of a logical id.
func (all templates) named(t *testing.T, id string) resource {
	t.Helper()
	for _, r := range all.of() {
		if r.id == id {
			return r
		}
	}
	t.Fatalf("there is no %s", id)
	return resource{}
}

func TestOnlyTheRoutesOfDataGoThroughTheAuthorizerAndAllOthersAreOpen(t *testing.T) {
	t.Parallel()
	all := load(t)
	const guarded, open = `if AuthorizesSourceApi then [{"token":[]}] else ${AWS::NoValue}`, "null"
	for id, test := range map[string]struct {
		function string
		security map[string]string
	}{
		"SourceApi":  {"SourceApiFunction", map[string]string{"/data": guarded, "/variables": guarded, "/{proxy+}": open, "$default": open}},
		"ConsoleApi": {"ConsoleFunction", map[string]string{"$default": open}},
	} {
		body := all.named(t, id).properties["Body"]
		got := map[string]string{}
		for path, methods := range at(body, "paths").(object) {
			if keys := slices.Collect(maps.Keys(methods.(object))); !slices.Equal(keys, []string{"x-amazon-apigateway-any-method"}) {
				t.Errorf("%s: %s has the methods %v, want one route for all", id, path, keys)
			}
			operation := at(methods, "x-amazon-apigateway-any-method")
			got[path] = text(at(operation, "security"))
			if uri := text(at(operation, "x-amazon-apigateway-integration", "uri")); !strings.Contains(uri, "${"+test.function+".Arn}") {
				t.Errorf("%s: %s leads to %s", id, path, uri)
			}
		}
		if diff := cmp.Diff(test.security, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
		if everywhere := at(body, "security"); everywhere != nil {
			t.Errorf("%s: every route has %s", id, text(everywhere))
		}
	}
}

func TestTheAuthorizerIsAskedOnceInFiveMinutesForEachTokenAndAnswersYesOrNo(t *testing.T) {
	t.Parallel()
	all := load(t)
	components, ok := at(all.named(t, "SourceApi").properties, "Body", "components", "Fn::If").([]any)
	if !ok || len(components) != 3 || components[0] != "AuthorizesSourceApi" || text(components[2]) != "${AWS::NoValue}" {
		t.Fatalf("the API's components are %s, want them by the condition", text(components))
	}
	schemes := at(components[1], "securitySchemes").(object)
	want := object{
		"type":                           "request",
		"authorizerUri":                  object{"Fn::Sub": "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${AuthorizeApiFunction.Arn}/invocations"},
		"authorizerPayloadFormatVersion": "2.0",
		"enableSimpleResponses":          true,
		"identitySource":                 "$request.header.Authorization",
		"authorizerResultTtlInSeconds":   300.0,
	}
	if diff := cmp.Diff(want, at(schemes, "token", "x-amazon-apigateway-authorizer")); diff != "" || len(schemes) != 1 {
		t.Errorf("%d schemes, the authorizer (-want +got):\n%s", len(schemes), diff)
	}
	permission := all.named(t, "AuthorizeApiPermission")
	permission.holds(t, "apigateway.amazonaws.com", "Principal")
	permission.holds(t, "${AuthorizeApiFunction}", "FunctionName")
	permission.holds(t, "lambda:InvokeFunction", "Action")
	permission.holds(t, "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${SourceApi}/authorizers/*", "SourceArn")
}

func TestTheAuthorizerIsSmallOutsideTheNetworkAndReadsNothingButTheToken(t *testing.T) {
	t.Parallel()
	all := load(t)
	function := all.named(t, "AuthorizeApiFunction")
	function.holds(t, 128, "MemorySize")
	function.holds(t, 5, "Timeout") // below the ten seconds that API Gateway waits
	function.holds(t, "null", "VpcConfig")
	function.holds(t, "${ApiToken}", "Environment", "Variables", "API_TOKEN_SECRET_ARN")
	function.holds(t, "", "Environment", "Variables", "API_TOKEN")
	for _, s := range all.permissions() {
		if s.owner == "AuthorizeApiRole" && slices.Contains(s.actions, "secretsmanager:GetSecretValue") && !slices.Equal(s.resources, []string{"${ApiToken}"}) {
			t.Errorf("it may read %v, want the token alone", s.resources)
		}
	}
	for _, id := range []string{"AuthorizeApiFunction", "AuthorizeApiRole", "AuthorizeApiLogGroup", "AuthorizeApiPermission"} {
		if condition := all.named(t, id).whole["Condition"]; condition != "AuthorizesSourceApi" {
			t.Errorf("%s is there if %v", id, condition)
		}
	}
}

func TestTheAccessLogSaysWhyAnAuthorizerFailed(t *testing.T) {
	t.Parallel()
	format := text(at(load(t).named(t, "SourceApiApiGatewayDefaultStage").properties, "AccessLogSettings", "Format"))
	if !strings.Contains(format, `"$context.authorizer.error"`) {
		t.Errorf("the access log's format is %s", format)
	}
}
