package template

import (
	"path"
	"path/filepath"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// function reads an AWS::Serverless::Function (AWS SAM Developer Guide; the
// limits are Lambda's, "Lambda quotas").
func (b *builder) function(resource *resource) {
	fields := b.fields(resource)
	fields.awsOnly("Description", "FunctionName", "KmsKeyArn", "PermissionsBoundary", "Policies", "Role", "Tags", "Tracing", "VpcConfig")
	fields.oneOf("PackageType", "Zip")
	function := Function{
		LogicalID:           resource.logicalID,
		Name:                b.resolver.nameOf(resource, "FunctionName"),
		ARN:                 functionARN(b.resolver, resource),
		CodeURI:             b.codeURI(resource, fields),
		TrimPath:            b.buildMetadata(resource),
		Handler:             fields.required("Handler"),
		Runtime:             fields.oneOf("Runtime", "provided.al2023"),
		Architecture:        architecture(fields),
		Timeout:             time.Duration(fields.integer("Timeout", 1, 900, 3)) * time.Second,
		MemoryMB:            fields.integer("MemorySize", 128, 10240, 128),
		ReservedConcurrency: reservedConcurrency(fields),
		Environment:         environmentOf(fields),
	}
	b.asynchronous(&function, fields.object("EventInvokeConfig"))
	logging := fields.object("LoggingConfig")
	logging.oneOf("LogFormat", "JSON")
	function.LogGroup = logging.text("LogGroup", "/aws/lambda/"+function.Name)
	logging.finish()
	b.functionEvents(function, fields)
	fields.finish()
	b.template.Functions = append(b.template.Functions, function)
}

func (b *builder) codeURI(resource *resource, fields *fields) string {
	uri := fields.required("CodeUri")
	if strings.Contains(uri, "://") || uri != "" && !filepath.IsLocal(filepath.FromSlash(uri)) {
		b.resolver.problems.add(resource.node, "%s.CodeUri is %q, want a folder below the template's", resource.logicalID, uri)
	}
	return path.Clean(uri)
}

// buildMetadata reads how `sam build` builds the function: with Go's own tools.
func (b *builder) buildMetadata(resource *resource) (trimPath bool) {
	metadata := newFields(resource.logicalID+".Metadata", resource.metadata, literal(b.resolver.problems), b.resolver.problems)
	if method := metadata.text("BuildMethod", ""); method != "go1.x" {
		b.resolver.problems.add(resource.node, "%s.Metadata.BuildMethod is %q; the local stack builds go1.x", resource.logicalID, method)
	}
	properties := metadata.object("BuildProperties")
	trimPath = properties.boolean("TrimGoPath", false)
	properties.finish()
	metadata.finish()
	return trimPath
}

func architecture(fields *fields) string {
	list := fields.list("Architectures")
	if list == nil {
		return "x86_64"
	}
	if len(list) != 1 || list[0].Value != "x86_64" && list[0].Value != "arm64" {
		fields.problems.addLine(fields.line(), fields.path+".Architectures is a list of one: x86_64 or arm64")
		return ""
	}
	return list[0].Value
}

func reservedConcurrency(fields *fields) *int {
	const none = -1
	reserved := fields.integer("ReservedConcurrentExecutions", 0, 1000, none)
	if reserved == none {
		return nil
	}
	return &reserved
}

func environmentOf(fields *fields) map[string]string {
	environment := fields.object("Environment")
	variables := environment.object("Variables")
	environment.finish()
	values := map[string]string{}
	for key := range pairs(variables.node) {
		values[key.Value] = variables.text(key.Value, "")
	}
	return values
}

func (b *builder) httpEvent(function Function, at *yaml.Node, event *fields) {
	event.oneOf("PayloadFormatVersion", "2.0")
	b.routes = append(b.routes, eventRoute{at: at, apiID: event.required("ApiId"), route: Route{
		Key:      routeKey(at, event),
		Function: function.Name,
		// API Gateway's integration timeout for HTTP APIs, its default and maximum.
		Timeout: time.Duration(event.integer("TimeoutInMillis", 50, 30000, 30000)) * time.Millisecond,
	}})
	event.finish()
}

// routeKey is $default for an event without path and method, as in SAM.
func routeKey(at *yaml.Node, event *fields) string {
	path, method := event.text("Path", ""), strings.ToUpper(event.text("Method", ""))
	switch {
	case path == "" && method == "":
		return "$default"
	case !strings.HasPrefix(path, "/"):
		event.problems.add(at, `%s.Path is %q, want one that begins with "/" (leave out Path and Method for the default route)`, event.path, path)
	case method == "":
		event.problems.add(at, "%s.Method is missing", event.path)
	}
	return method + " " + path
}
