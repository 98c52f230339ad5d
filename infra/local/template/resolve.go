package template

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// resolver evaluates intrinsic functions (CloudFormation User Guide, "Intrinsic
// function reference").
type resolver struct {
	environment Environment
	document    *document
	parameters  map[string]*yaml.Node
	conditions  map[string]*condition
	resources   map[string]*resource
	names       map[string]*physicalName
	kinds       map[string]kind
	problems    *problems
}

func newResolver(document *document, environment Environment, found *problems) *resolver {
	mergeGlobals(document, found)
	r := &resolver{
		environment: environment, document: document, problems: found, kinds: knownKinds(),
		parameters: readParameters(document.parameters, environment.Parameters, found),
		conditions: map[string]*condition{}, resources: map[string]*resource{}, names: map[string]*physicalName{},
	}
	for key, node := range pairs(document.conditions) {
		r.conditions[key.Value] = &condition{node: node}
	}
	for _, resource := range document.resources {
		r.resources[resource.logicalID] = resource
		if r.parameters[resource.logicalID] != nil {
			found.add(resource.node, "%s is a parameter's name too", resource.logicalID)
		}
	}
	r.generateResources()
	return r
}

// evaluate resolves a value whole. It returns nil for AWS::NoValue, and a broken
// node where it has told of a problem.
func (r *resolver) evaluate(node *yaml.Node) *yaml.Node {
	if name, argument, ok := intrinsicOf(node); ok {
		return r.call(name, node, argument)
	}
	switch node.Kind {
	case yaml.ScalarNode:
		// User Guide, "Using dynamic references".
		if strings.Contains(node.Value, "{{resolve:") {
			return r.broken(node, "dynamic references ({{resolve:…}}) are not supported by the local stack")
		}
		return node
	case yaml.SequenceNode:
		return r.evaluateList(node)
	case yaml.MappingNode:
		resolved := &yaml.Node{Kind: yaml.MappingNode, Tag: node.Tag, Line: node.Line}
		for key, value := range pairs(node) {
			if value = r.evaluate(value); value != nil {
				resolved.Content = append(resolved.Content, key, value)
			}
		}
		return resolved
	default:
		return node
	}
}

func (r *resolver) evaluateList(node *yaml.Node) *yaml.Node {
	var items []*yaml.Node
	for _, item := range node.Content {
		if item = r.evaluate(item); item != nil {
			items = append(items, item)
		}
	}
	return listAt(node, items)
}

func (r *resolver) call(name string, node, argument *yaml.Node) *yaml.Node {
	switch name {
	case "Ref":
		return r.ref(argument)
	case "Fn::GetAtt":
		return r.getAtt(argument)
	case "Fn::Sub":
		return r.sub(argument)
	case "Fn::If":
		return r.choose(argument)
	case "Fn::Join":
		return r.join(argument)
	case "Fn::Select":
		return r.selectOne(argument)
	case "Fn::Split":
		return r.split(argument)
	case "Fn::FindInMap":
		return r.findInMap(argument)
	case "Condition", "Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not":
		return r.broken(node, "%s stands in conditions alone", name)
	default:
		return r.unknownFunction(node, name)
	}
}

func (r *resolver) unknownFunction(node *yaml.Node, name string) *yaml.Node {
	if name == "Fn::ImportValue" {
		return r.broken(node, "Fn::ImportValue is not supported by the local stack: there is no other stack here to import from")
	}
	return r.broken(node, "the function %s is not supported by the local stack", name)
}

func (r *resolver) broken(at *yaml.Node, format string, arguments ...any) *yaml.Node {
	r.problems.add(at, format, arguments...)
	return brokenAt(at)
}

// text is node's value as text; ok is false where a problem has been told.
func (r *resolver) text(what string, node *yaml.Node) (value string, ok bool) {
	resolved := r.evaluate(node)
	switch {
	case resolved == nil:
		r.problems.add(node, "%s is AWS::NoValue, want text", what)
	case isBroken(resolved):
	case resolved.Kind != yaml.ScalarNode:
		r.problems.add(node, "%s is text", what)
	default:
		return resolved.Value, true
	}
	return "", false
}

// arguments are a function's arguments, as many as it takes.
func (r *resolver) arguments(name string, node *yaml.Node, least, most int) []*yaml.Node {
	if node.Kind != yaml.SequenceNode || isIntrinsic(node) || len(node.Content) < least || len(node.Content) > most {
		r.problems.add(node, "%s takes a list of %d arguments", name, most)
		return nil
	}
	return node.Content
}

func (r *resolver) join(argument *yaml.Node) *yaml.Node {
	arguments := r.arguments("Fn::Join", argument, 2, 2)
	if arguments == nil {
		return brokenAt(argument)
	}
	delimiter, ok := r.text("Fn::Join's delimiter", arguments[0])
	items := r.listOf("Fn::Join's second argument", arguments[1])
	parts := make([]string, 0, len(items))
	for _, item := range items {
		part, sound := r.text("each item of Fn::Join", item)
		parts = append(parts, part)
		ok = ok && sound
	}
	if !ok || items == nil {
		return brokenAt(argument)
	}
	return r.bounded(argument, strings.Join(parts, delimiter))
}

// bounded keeps texts that are made of texts from growing without end.
func (r *resolver) bounded(at *yaml.Node, text string) *yaml.Node {
	if len(text) > maxBytes {
		return r.broken(at, "the text made here is longer than 1 MiB")
	}
	return textAt(at, text)
}

// listOf resolves a list; nil tells of a problem.
func (r *resolver) listOf(what string, node *yaml.Node) []*yaml.Node {
	resolved := r.evaluate(node)
	if resolved == nil || resolved.Kind != yaml.SequenceNode {
		if resolved == nil || !isBroken(resolved) {
			r.problems.add(node, "%s is a list", what)
		}
		return nil
	}
	return append(make([]*yaml.Node, 0, len(resolved.Content)), resolved.Content...)
}

func (r *resolver) selectOne(argument *yaml.Node) *yaml.Node {
	arguments := r.arguments("Fn::Select", argument, 2, 2)
	if arguments == nil {
		return brokenAt(argument)
	}
	text, ok := r.text("Fn::Select's index", arguments[0])
	items := r.listOf("Fn::Select's second argument", arguments[1])
	if !ok || items == nil {
		return brokenAt(argument)
	}
	index, err := strconv.Atoi(text)
	if err != nil || index < 0 || index >= len(items) {
		return r.broken(argument, "Fn::Select takes item %q of a list of %d", text, len(items))
	}
	return items[index]
}

func (r *resolver) split(argument *yaml.Node) *yaml.Node {
	arguments := r.arguments("Fn::Split", argument, 2, 2)
	if arguments == nil {
		return brokenAt(argument)
	}
	delimiter, ok := r.text("Fn::Split's delimiter", arguments[0])
	source, sound := r.text("Fn::Split's second argument", arguments[1])
	if !ok || !sound {
		return brokenAt(argument)
	}
	if delimiter == "" {
		return r.broken(argument, "Fn::Split's delimiter is empty")
	}
	var items []*yaml.Node
	for part := range strings.SplitSeq(source, delimiter) {
		items = append(items, textAt(argument, part))
	}
	return listAt(argument, items)
}

func (r *resolver) findInMap(argument *yaml.Node) *yaml.Node {
	arguments := r.arguments("Fn::FindInMap", argument, 3, 3)
	if arguments == nil {
		return brokenAt(argument)
	}
	at := r.document.mappings
	for _, node := range arguments {
		key, ok := r.text("each argument of Fn::FindInMap", node)
		if !ok {
			return brokenAt(argument)
		}
		if at = child(at, key); at == nil {
			return r.broken(node, "Fn::FindInMap finds no %q in Mappings", key)
		}
	}
	if at.Kind == yaml.MappingNode || isIntrinsic(at) {
		return r.broken(at, "a mapping's value is text or a list")
	}
	return &yaml.Node{Kind: at.Kind, Tag: at.Tag, Value: at.Value, Content: at.Content, Line: argument.Line}
}
