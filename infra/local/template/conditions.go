package template

import (
	"go.yaml.in/yaml/v3"
)

// condition is an entry of Conditions, evaluated once when it is first asked for.
type condition struct {
	node      *yaml.Node
	entered   bool
	evaluated bool
	holds     bool
}

// holds evaluates a named condition; one with a problem counts as false.
func (r *resolver) holds(at *yaml.Node, name string) bool {
	named := r.conditions[name]
	switch {
	case named == nil:
		r.problems.add(at, "there is no condition %s", name)
		return false
	case named.evaluated:
		return named.holds
	case named.entered:
		r.problems.add(at, "the condition %s depends on itself", name)
		return false
	}
	named.entered = true
	named.holds = r.test(named.node)
	named.evaluated = true
	return named.holds
}

// test evaluates a condition's body (User Guide, "Condition functions").
func (r *resolver) test(node *yaml.Node) bool {
	name, argument := conditionCall(node)
	switch name {
	case "Condition":
		if argument.Kind != yaml.ScalarNode {
			r.problems.add(argument, "Condition takes a condition's name")
			return false
		}
		return r.holds(argument, argument.Value)
	case "Fn::Equals":
		return r.equal(argument)
	case "Fn::Not":
		inner := r.arguments(name, argument, 1, 1)
		return len(inner) == 1 && !r.test(inner[0])
	case "Fn::And", "Fn::Or":
		return r.combine(name, argument)
	case "":
		r.problems.add(node, "a condition is a call of Fn::Equals, Fn::And, Fn::Or, Fn::Not or Condition")
	default:
		r.problems.add(node, "%s is no condition", name)
	}
	return false
}

// conditionCall is intrinsicOf where `Condition: X` is a call too.
func conditionCall(node *yaml.Node) (name string, argument *yaml.Node) {
	if named := child(node, "Condition"); named != nil && len(node.Content) == 2 {
		return "Condition", named
	}
	name, argument, _ = intrinsicOf(node)
	return name, argument
}

// combine evaluates every part, so that all problems come out.
func (r *resolver) combine(name string, argument *yaml.Node) bool {
	and := name == "Fn::And"
	result := and
	for _, part := range r.arguments(name, argument, 2, 10) {
		holds := r.test(part)
		if and {
			result = result && holds
		} else {
			result = result || holds
		}
	}
	return result
}

func (r *resolver) equal(argument *yaml.Node) bool {
	arguments := r.arguments("Fn::Equals", argument, 2, 2)
	if arguments == nil {
		return false
	}
	left, ok := r.text("each argument of Fn::Equals", arguments[0])
	right, sound := r.text("each argument of Fn::Equals", arguments[1])
	return ok && sound && left == right
}

func (r *resolver) choose(argument *yaml.Node) *yaml.Node {
	arguments := r.arguments("Fn::If", argument, 3, 3)
	if arguments == nil {
		return brokenAt(argument)
	}
	if arguments[0].Kind != yaml.ScalarNode || isIntrinsic(arguments[0]) {
		return r.broken(arguments[0], "Fn::If's first argument is a condition's name")
	}
	if r.holds(arguments[0], arguments[0].Value) {
		return r.evaluate(arguments[1])
	}
	return r.evaluate(arguments[2])
}

// present tells whether a resource or an output is created.
func (r *resolver) present(condition *yaml.Node) bool {
	if condition == nil {
		return true
	}
	if condition.Kind != yaml.ScalarNode || isIntrinsic(condition) {
		r.problems.add(condition, "Condition is a condition's name")
		return false
	}
	return r.holds(condition, condition.Value)
}
