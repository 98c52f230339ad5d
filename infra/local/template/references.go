package template

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ref is Ref: a parameter, a pseudo parameter or a resource.
func (r *resolver) ref(argument *yaml.Node) *yaml.Node {
	if argument.Kind != yaml.ScalarNode {
		return r.broken(argument, "Ref takes a name")
	}
	return r.reference(argument, argument.Value)
}

func (r *resolver) reference(at *yaml.Node, name string) *yaml.Node {
	if value, ok := r.parameters[name]; ok {
		moved := *value
		moved.Line = at.Line
		return &moved
	}
	if name == "AWS::NoValue" {
		return nil
	}
	if value, ok := r.pseudoParameters()[name]; ok {
		return textAt(at, value)
	}
	resource := r.existing(at, name)
	if resource == nil {
		return brokenAt(at)
	}
	kind, known := r.kinds[resource.kind]
	if !known {
		return brokenAt(at) // the resource's own problem
	}
	if kind.reference == nil {
		return r.attribute(at, name, kind.running)
	}
	return r.textOrBroken(at, kind.reference(r, resource))
}

// pseudoParameters are CloudFormation's (User Guide, "Pseudo parameters
// reference") that have a meaning without CloudFormation.
func (r *resolver) pseudoParameters() map[string]string {
	return map[string]string{
		"AWS::Region": r.environment.Region, "AWS::AccountId": r.environment.AccountID,
		"AWS::StackName": r.environment.StackName, "AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com",
	}
}

// getAtt is Fn::GetAtt, as "Id.Attribute" or as a list of both.
func (r *resolver) getAtt(argument *yaml.Node) *yaml.Node {
	if argument.Kind == yaml.ScalarNode {
		id, attribute, dotted := strings.Cut(argument.Value, ".")
		if !dotted {
			return r.broken(argument, "Fn::GetAtt takes LogicalId.Attribute, not %q", argument.Value)
		}
		return r.attribute(argument, id, attribute)
	}
	arguments := r.arguments("Fn::GetAtt", argument, 2, 2)
	if arguments == nil {
		return brokenAt(argument)
	}
	if arguments[0].Kind != yaml.ScalarNode || isIntrinsic(arguments[0]) {
		return r.broken(arguments[0], "Fn::GetAtt's first argument is a logical id")
	}
	attribute, ok := r.text("Fn::GetAtt's attribute", arguments[1])
	if !ok {
		return brokenAt(argument)
	}
	return r.attribute(argument, arguments[0].Value, attribute)
}

func (r *resolver) attribute(at *yaml.Node, id, attribute string) *yaml.Node {
	resource := r.existing(at, id)
	if resource == nil {
		return brokenAt(at)
	}
	if value, ok := r.environment.Attributes[id+"."+attribute]; ok {
		return textAt(at, value)
	}
	kind, known := r.kinds[resource.kind]
	if !known {
		return brokenAt(at)
	}
	if compute := kind.attributes[attribute]; compute != nil {
		return r.textOrBroken(at, compute(r, resource))
	}
	if kind.running == attribute {
		return r.broken(at, "%s.%s is known only where the stack runs: it has to be given in Environment.Attributes", id, attribute)
	}
	return r.broken(at, "%s (%s) has no attribute %s that the local stack knows", id, resource.kind, attribute)
}

// existing is the resource of that name; nil tells of a problem.
func (r *resolver) existing(at *yaml.Node, id string) *resource {
	resource := r.resources[id]
	switch {
	case resource == nil:
		r.problems.add(at, "there is no parameter or resource %s", id)
		return nil
	case !r.present(resource.condition):
		r.problems.add(at, "%s is referred to, but its condition does not hold", id)
		return nil
	}
	return resource
}

func (r *resolver) textOrBroken(at *yaml.Node, text string) *yaml.Node {
	if text == "" {
		return brokenAt(at)
	}
	return textAt(at, text)
}

// physicalName is a resource's name on AWS, found once.
type physicalName struct {
	entered bool
	name    string
}

// nameOf is the name that the template gives a resource in property, or else
// StackName-LogicalId; AWS adds random characters to that. An empty name tells of
// a problem.
func (r *resolver) nameOf(resource *resource, property string) string {
	if known := r.names[resource.logicalID]; known != nil {
		if known.entered {
			r.problems.add(resource.node, "the name of %s depends on itself", resource.logicalID)
		}
		return known.name
	}
	entry := &physicalName{entered: true}
	r.names[resource.logicalID] = entry
	entry.name = fmt.Sprintf("%s-%s", r.environment.StackName, resource.logicalID)
	if given := child(resource.properties, property); property != "" && given != nil {
		entry.name, _ = r.text(resource.logicalID+"."+property, given)
	}
	entry.entered = false
	return entry.name
}

// checkReferences looks at everything, also at what only AWS reads, for names
// that are not there and functions that are not known. It tells a misspelt name
// in a policy here rather than in a deployment.
func (r *resolver) checkReferences() {
	for key := range r.environment.Attributes {
		if id, _, _ := strings.Cut(key, "."); r.resources[id] == nil {
			r.problems.addLine(1, fmt.Sprintf("the attribute %s was given, and the template has no resource %s", key, id))
		}
	}
	for _, resource := range r.document.resources {
		r.checkTree(resource.properties)
	}
	r.checkTree(r.document.outputs)
	for name, condition := range r.conditions {
		r.holds(condition.node, name)
	}
}

func (r *resolver) checkTree(node *yaml.Node) {
	if node == nil {
		return
	}
	if name, argument, ok := intrinsicOf(node); ok {
		r.checkCall(name, node, argument)
	}
	for _, inner := range node.Content {
		r.checkTree(inner)
	}
}

func (r *resolver) checkCall(name string, node, argument *yaml.Node) {
	switch name {
	case "Ref":
		r.checkName(argument, argument.Value)
	case "Fn::GetAtt":
		id, _, _ := strings.Cut(argument.Value, ".")
		if argument.Kind == yaml.SequenceNode && len(argument.Content) > 0 {
			id = argument.Content[0].Value
		}
		r.checkName(argument, id)
	case "Fn::Sub":
		source, variables, _ := r.subArguments(argument)
		for _, found := range substitution.FindAllString(source, -1) {
			id, _, _ := strings.Cut(found[2:len(found)-1], ".")
			if !strings.HasPrefix(id, "!") && child(variables, id) == nil {
				r.checkName(argument, id)
			}
		}
	case "Fn::If", "Fn::Join", "Fn::Select", "Fn::Split", "Fn::FindInMap", "Condition", "Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not":
	default:
		r.unknownFunction(node, name)
	}
}

func (r *resolver) checkName(at *yaml.Node, name string) {
	_, pseudo := r.pseudoParameters()[name]
	if r.parameters[name] == nil && r.resources[name] == nil && !pseudo && name != "AWS::NoValue" {
		r.problems.add(at, "there is no parameter or resource %s", name)
	}
}
