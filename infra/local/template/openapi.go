package template

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Authorizer is a Lambda authorizer of an HTTP API, of payload format 2.0 and with simple
// responses.
type Authorizer struct {
	Name           string
	Function       string   // the function's name
	IdentitySource []string // such as "$request.header.Authorization"
	TTL            time.Duration
}

// anyMethod is OpenAPI's name of a route for every method (API Gateway Developer Guide,
// "x-amazon-apigateway-any-method object").
const anyMethod = "x-amazon-apigateway-any-method"

// routeSecurity is what an API's definition says of a route.
type routeSecurity struct {
	at         *yaml.Node
	apiID      string
	key        string // the route's, as in Route
	authorizer string // "" lets all pass
}

// openAPI reads an HTTP API's definition: its authorizers, and which routes have one. The
// routes themselves are those of functions' events, which SAM adds to the definition.
func (b *builder) openAPI(api *HTTPAPI, definition *fields) {
	definition.awsOnly("info", "openapi", "servers", "tags")
	components := definition.object("components")
	schemes := components.object("securitySchemes")
	for key := range pairs(schemes.node) {
		if authorizer, ok := b.authorizer(key, schemes.object(key.Value)); ok {
			api.Authorizers = append(api.Authorizers, authorizer)
		}
	}
	components.finish()
	paths := definition.object("paths")
	for path := range pairs(paths.node) {
		methods := paths.object(path.Value)
		for method := range pairs(methods.node) {
			operation := methods.object(method.Value)
			b.security = append(b.security, routeSecurity{
				at: method, apiID: api.ID, key: operationKey(path.Value, method.Value), authorizer: securityOf(operation),
			})
			operation.finish()
		}
	}
	definition.finish()
}

func operationKey(path, method string) string {
	switch {
	case path == "$default":
		return path
	case method == anyMethod:
		return "ANY " + path
	default:
		return strings.ToUpper(method) + " " + path
	}
}

// securityOf is the name of an operation's one security scheme, or empty.
func securityOf(operation *fields) string {
	requirements := operation.objects("security")
	if len(requirements) == 0 {
		return ""
	}
	names := requirements[0].node.Content
	if len(requirements) > 1 || len(names) != 2 || len(names[1].Content) > 0 {
		operation.problems.addLine(operation.line(), operation.path+".security is a list of one scheme, without scopes")
		return ""
	}
	return names[0].Value
}

// authorizerURI names the authorizer's function by its ARN.
var authorizerURI = regexp.MustCompile(`^arn:[a-z-]+:apigateway:[a-z0-9-]+:lambda:path/2015-03-31/functions/arn:[a-z-]+:lambda:[a-z0-9-]+:[0-9]{12}:function:([A-Za-z0-9_-]+)/invocations$`)

// authorizer reads a security scheme ("x-amazon-apigateway-authorizer object"); ok is
// false where a problem has been told.
func (b *builder) authorizer(name *yaml.Node, scheme *fields) (read Authorizer, ok bool) {
	scheme.requiredOneOf("type", "apiKey")
	scheme.requiredOneOf("in", "header")
	scheme.awsOnly("name")
	fields := scheme.object("x-amazon-apigateway-authorizer")
	scheme.finish()
	fields.requiredOneOf("type", "request")
	fields.requiredOneOf("authorizerPayloadFormatVersion", "2.0")
	fields.requiredOneOf("enableSimpleResponses", "true")
	fields.awsOnly("authorizerCredentials")
	read = Authorizer{Name: name.Value, TTL: time.Duration(fields.integer("authorizerResultTtlInSeconds", 0, 3600, 0)) * time.Second}
	for source := range strings.SplitSeq(fields.required("identitySource"), ",") {
		read.IdentitySource = append(read.IdentitySource, strings.TrimSpace(source))
	}
	uri := fields.required("authorizerUri")
	fields.finish()
	function := authorizerURI.FindStringSubmatch(uri)
	if function == nil {
		if uri != "" {
			b.resolver.problems.add(name, "%s.authorizerUri is %q, want a Lambda function's: arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/ARN/invocations", fields.path, uri)
		}
		return read, false
	}
	read.Function = function[1]
	return read, true
}

// secure gives a route of a definition its authorizer.
func (b *builder) secure(security routeSecurity) {
	api := &b.template.HTTPAPIs[slices.IndexFunc(b.template.HTTPAPIs, func(a HTTPAPI) bool { return a.ID == security.apiID })]
	if security.authorizer != "" {
		b.checkAuthorizer(api, security)
	}
	i := slices.IndexFunc(api.Routes, func(r Route) bool { return r.Key == security.key })
	if i < 0 {
		b.resolver.problems.add(security.at, "%s: its definition has the route %q, and no function's event has", api.LogicalID, security.key)
		return
	}
	api.Routes[i].Authorizer = security.authorizer
}

func (b *builder) checkAuthorizer(api *HTTPAPI, security routeSecurity) {
	i := slices.IndexFunc(api.Authorizers, func(a Authorizer) bool { return a.Name == security.authorizer })
	if i < 0 {
		b.resolver.problems.add(security.at, "%s: the route %q has the security scheme %s, which is none of its authorizers", api.LogicalID, security.key, security.authorizer)
		return
	}
	function := api.Authorizers[i].Function
	if !slices.ContainsFunc(b.template.Functions, func(f Function) bool { return f.Name == function }) {
		b.resolver.problems.add(security.at, "%s: the authorizer %s is the function %s, which is none of this template", api.LogicalID, security.authorizer, function)
	}
}
