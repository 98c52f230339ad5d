package template_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/template"
)

// definedAPI is a template with an API of this definition, the routes ANY /data and
// $default, and a second function.
func definedAPI(definition string) string {
	return functionOf(`Events:
        Data: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /data, Method: ANY}}
        Rest: {Type: HttpApi, Properties: {ApiId: !Ref Api}}`) + `
  Guard:
    Type: AWS::Serverless::Function
    Condition: Guarded
    Metadata: {BuildMethod: go1.x}
    Properties: {CodeUri: g/, Handler: bootstrap}
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      DefinitionBody:
        openapi: 3.0.1
        info: {title: !Ref AWS::StackName}
` + definition + `
Parameters: {Wanted: {Type: String, Default: "yes"}}
Conditions: {Guarded: !Equals [!Ref Wanted, "yes"]}
`
}

// guardedData is a definition where the route of data is behind an authorizer with these
// members, if the condition holds.
func guardedData(members string) string {
	return `        paths:
          /data:
            x-amazon-apigateway-any-method:
              security: !If [Guarded, [{token: []}], !Ref AWS::NoValue]
        components: !If
          - Guarded
          - securitySchemes:
              token: {type: apiKey, in: header, name: Authorization, x-amazon-apigateway-authorizer: {` + members + `}}
          - !Ref AWS::NoValue`
}

const wholeAuthorizer = `type: request, authorizerUri: !Sub "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${Guard.Arn}/invocations",
                authorizerPayloadFormatVersion: "2.0", enableSimpleResponses: true,
                identitySource: "$request.header.Authorization, $request.header.X-Tenant", authorizerResultTtlInSeconds: 300`

func TestAnAuthorizerStandsBeforeTheRoutesThatNameItWhereItsConditionHolds(t *testing.T) {
	t.Parallel()
	source := definedAPI(guardedData(wholeAuthorizer))
	open := []template.Route{{Key: "ANY /data", Function: "delfos-F", Timeout: 30e9}, {Key: "$default", Function: "delfos-F", Timeout: 30e9}}
	closed := append([]template.Route{}, open...)
	closed[0].Authorizer = "token"
	for wanted, want := range map[string]template.HTTPAPI{
		"yes": {LogicalID: "Api", ID: "api", Name: "delfos", Routes: closed, Authorizers: []template.Authorizer{{
			Name: "token", Function: "delfos-Guard", TTL: 300e9,
			IdentitySource: []string{"$request.header.Authorization", "$request.header.X-Tenant"},
		}}},
		"no": {LogicalID: "Api", ID: "api", Name: "delfos", Routes: open},
	} {
		got := parse(t, source, template.Environment{Parameters: map[string]string{"Wanted": wanted}}).HTTPAPIs
		if diff := cmp.Diff([]template.HTTPAPI{want}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", wanted, diff)
		}
	}
}

func TestAnAuthorizerThatTheLocalStackDoesNotServeIsRefusedByName(t *testing.T) {
	t.Parallel()
	const members = "Api.DefinitionBody.components.securitySchemes.token.x-amazon-apigateway-authorizer."
	for _, test := range []struct{ old, new, want string }{
		{"type: request", "type: jwt", members + "type is jwt; the local stack serves request"},
		{"type: request,", "", members + "type is missing"},
		{`Version: "2.0"`, `Version: "1.0"`, members + "authorizerPayloadFormatVersion is 1.0; the local stack serves 2.0"},
		{`authorizerPayloadFormatVersion: "2.0",`, "", members + "authorizerPayloadFormatVersion is missing"},
		{"Responses: true", "Responses: false", members + "enableSimpleResponses is false; the local stack serves true"},
		{"enableSimpleResponses: true,", "", members + "enableSimpleResponses is missing"},
		{"identitySource:", "identityValidationExpression:", members + "identitySource is missing"},
		{"identitySource:", "identityValidationExpression:", members + "identityValidationExpression is not supported by the local stack"},
		{"Seconds: 300", "Seconds: 3601", members + `authorizerResultTtlInSeconds is "3601", want a whole number from 0 to 3600`},
		{"${Guard.Arn}", "${Guard}", members + `authorizerUri is "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/delfos-Guard/invocations", want a Lambda function's`},
		{"${Guard.Arn}", "arn:aws:lambda:us-east-1:000000000000:function:other", "Api: the authorizer token is the function other, which is none of this template"},
		{"type: apiKey", "type: oauth2", "Api.DefinitionBody.components.securitySchemes.token.type is oauth2; the local stack serves apiKey"},
		{"in: header", "in: query", "Api.DefinitionBody.components.securitySchemes.token.in is query; the local stack serves header"},
		{"name: Authorization", "flows: {}", "Api.DefinitionBody.components.securitySchemes.token.flows is not supported by the local stack"},
		{"securitySchemes:", "schemas: {}\n            securitySchemes:", "Api.DefinitionBody.components.schemas is not supported by the local stack"},
		{"[{token: []}]", "[{other: []}]", `Api: the route "ANY /data" has the security scheme other, which is none of its authorizers`},
		{"[{token: []}]", "[{token: []}, {token: []}]", "Api.DefinitionBody.paths./data.x-amazon-apigateway-any-method.security is a list of one scheme, without scopes"},
		{"[{token: []}]", "[{token: [read]}]", "Api.DefinitionBody.paths./data.x-amazon-apigateway-any-method.security is a list of one scheme, without scopes"},
		{"[{token: []}]", "[{}]", "Api.DefinitionBody.paths./data.x-amazon-apigateway-any-method.security is a list of one scheme, without scopes"},
		{"[{token: []}]", "[token]", "Api.DefinitionBody.paths./data.x-amazon-apigateway-any-method.security[0] is a mapping"},
		{"any-method:", "any-method:\n              x-amazon-apigateway-integration: {}", "x-amazon-apigateway-any-method.x-amazon-apigateway-integration is not supported by the local stack"},
		{"x-amazon-apigateway-any-method:", "get:", `Api: its definition has the route "GET /data", and no function's event has`},
		{"/data:\n            x", "/none:\n            x", `Api: its definition has the route "ANY /none", and no function's event has`},
		{"paths:", "security: []\n        paths:", "Api.DefinitionBody.security is not supported by the local stack"},
	} {
		t.Run(test.want, func(t *testing.T) {
			t.Parallel()
			source := definedAPI(guardedData(wholeAuthorizer))
			changed := strings.Replace(source, test.old, test.new, 1)
			if changed == source {
				t.Fatalf("%q is not in the template", test.old)
			}
			_, err := template.Parse("template.yaml", []byte(changed), template.Environment{})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestTheSystemsAuthorizerGuardsTheDataAloneWhereItIsWanted(t *testing.T) {
	t.Parallel()
	for wanted, guarded := range map[string]map[string]string{
		"lambda": {"ANY /data": "token", "ANY /variables": "token", "ANY /{proxy+}": "", "$default": ""},
		"none":   {"ANY /data": "", "ANY /variables": "", "ANY /{proxy+}": "", "$default": ""},
	} {
		environment := systemEnvironment()
		environment.Parameters["SourceApiAuthorizer"] = wanted
		loaded, err := template.Load(systemTemplate, environment)
		if err != nil {
			t.Fatal(err)
		}
		got, functions := map[string]string{}, 0
		for _, api := range loaded.HTTPAPIs {
			for _, route := range api.Routes {
				if api.LogicalID == "SourceApi" {
					got[route.Key] = route.Authorizer
				} else if route.Authorizer != "" {
					t.Errorf("%s: %s has an authorizer", api.LogicalID, route.Key)
				}
			}
		}
		for _, function := range loaded.Functions {
			if function.LogicalID == "AuthorizeApiFunction" {
				functions++
			}
		}
		if diff := cmp.Diff(guarded, got); diff != "" || (functions == 1) != (wanted == "lambda") {
			t.Errorf("%s: %d authorizers, routes (-want +got):\n%s", wanted, functions, diff)
		}
	}
}
