package template

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// builder makes the template's result from resolved resources.
type builder struct {
	resolver     *resolver
	folder       string // the template's
	template     Template
	routes       []eventRoute
	security     []routeSecurity
	destinations []destination
}

// eventRoute is a function's event that waits for its HTTP API.
type eventRoute struct {
	at    *yaml.Node
	apiID string
	route Route
}

func (b *builder) resources() {
	for _, resource := range b.resolver.document.resources {
		kind, known := b.resolver.kinds[resource.kind]
		switch {
		case resource.kind == "":
		case !known:
			b.resolver.problems.add(resource.node, "%s: the type %s is not supported by the local stack", resource.logicalID, resource.kind)
		case b.resolver.present(resource.condition) && kind.build != nil:
			kind.build(b, resource)
		}
	}
	for _, event := range b.routes {
		b.connect(event)
	}
	for _, security := range b.security {
		b.secure(security)
	}
	b.checkDestinations()
}

func (b *builder) fields(resource *resource) *fields {
	return newFields(resource.logicalID, resource.properties, b.resolver.evaluate, b.resolver.problems)
}

func (b *builder) outputs() {
	for key, node := range pairs(b.resolver.document.outputs) {
		if !b.resolver.present(child(node, "Condition")) {
			continue
		}
		fields := newFields("Outputs."+key.Value, node, b.resolver.evaluate, b.resolver.problems)
		fields.awsOnly("Condition", "Export")
		b.template.Outputs = append(b.template.Outputs, Output{
			Name: key.Value, Description: fields.text("Description", ""), Value: fields.required("Value"),
		})
		fields.finish()
	}
}

// apiID stands for the random id that API Gateway gives an API.
func apiID(_ *resolver, resource *resource) string { return strings.ToLower(resource.logicalID) }

func (b *builder) httpAPI(resource *resource) {
	fields := b.fields(resource)
	fields.awsOnly("AccessLogSettings", "DefaultRouteSettings", "Description", "FailOnWarnings", "Tags")
	fields.oneOf("StageName", "$default")
	api := HTTPAPI{
		LogicalID: resource.logicalID, ID: apiID(b.resolver, resource), Name: fields.text("Name", b.resolver.environment.StackName),
	}
	b.openAPI(&api, fields.object("DefinitionBody"))
	fields.finish()
	b.template.HTTPAPIs = append(b.template.HTTPAPIs, api)
}

func (b *builder) connect(event eventRoute) {
	if event.apiID == "" {
		return // told already
	}
	for i := range b.template.HTTPAPIs {
		api := &b.template.HTTPAPIs[i]
		if api.ID != event.apiID {
			continue
		}
		for _, other := range api.Routes {
			if other.Key == event.route.Key {
				b.resolver.problems.add(event.at, "%s has the route %q twice", api.LogicalID, other.Key)
			}
		}
		api.Routes = append(api.Routes, event.route)
		return
	}
	b.resolver.problems.add(event.at, "ApiId is not !Ref of an AWS::Serverless::HttpApi of this template")
}
