package asl

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Template is a payload template: Parameters, ResultSelector, Assign, …. A field whose
// name ends in ".$" takes the value of its path or intrinsic function (specification,
// "Payload Template").
type Template struct{ root templateNode }

// Evaluate fills the template in. The error is a *RuntimeError.
func (t *Template) Evaluate(scope Scope) (any, error) { return t.root.fill(scope) }

// templateNode is a part of a template.
type templateNode interface {
	fill(scope Scope) (any, error)
}

type (
	templateConstant struct{ value any }
	templatePath     struct {
		query *query
		field string
	}
	templateCall struct {
		call  *call
		field string
	}
	templateArray  struct{ elements []templateNode }
	templateObject struct{ members []templateMember }
	templateMember struct {
		name  string
		value templateNode
	}
)

func (n templateConstant) fill(Scope) (any, error) { return n.value, nil }

func (n templatePath) fill(scope Scope) (any, error) {
	value, err := n.query.find(scope)
	if err != nil {
		return nil, n.query.notFound(scope, n.field)
	}
	return value, nil
}

func (n templateCall) fill(scope Scope) (any, error) { return n.call.evaluate(scope, n.field) }

func (n templateArray) fill(scope Scope) (any, error) {
	list := make([]any, len(n.elements))
	for i, element := range n.elements {
		value, err := element.fill(scope)
		if err != nil {
			return nil, err
		}
		list[i] = value
	}
	return list, nil
}

func (n templateObject) fill(scope Scope) (any, error) {
	object := make(map[string]any, len(n.members))
	for _, member := range n.members {
		value, err := member.value.fill(scope)
		if err != nil {
			return nil, err
		}
		object[member.name] = value
	}
	return object, nil
}

// templateParser compiles a template and reports what is wrong with it, at the object
// that has the field, as AWS does.
type templateParser struct {
	fail func(place, message string)
}

func (p templateParser) parse(value any, place string) templateNode {
	switch value := value.(type) {
	case map[string]any:
		return p.object(value, place)
	case []any:
		list := templateArray{make([]templateNode, len(value))}
		constant := true
		for i, element := range value {
			list.elements[i] = p.parse(element, fmt.Sprintf("%s[%d]", place, i))
			constant = constant && isConstant(list.elements[i])
		}
		if constant {
			return templateConstant{value}
		}
		return list
	default:
		return templateConstant{value}
	}
}

func (p templateParser) object(object map[string]any, place string) templateNode {
	parsed := templateObject{make([]templateMember, 0, len(object))}
	constant := true
	for _, key := range slices.Sorted(maps.Keys(object)) {
		name, dynamic := strings.CutSuffix(key, ".$")
		var member templateNode
		if dynamic {
			if _, twice := object[name]; twice {
				p.fail(place, fmt.Sprintf("The fields '%s' and '%s' are one field; only one of them can be there", name, key))
			}
			member = p.dynamic(key, object[key], place)
		} else {
			member = p.parse(object[key], place+"/"+key)
		}
		constant = constant && !dynamic && isConstant(member)
		parsed.members = append(parsed.members, templateMember{name, member})
	}
	if constant {
		return templateConstant{object}
	}
	return parsed
}

func isConstant(n templateNode) bool {
	_, ok := n.(templateConstant)
	return ok
}

// dynamic parses the value of a field whose name ends in ".$".
func (p templateParser) dynamic(key string, value any, place string) templateNode {
	text, ok := value.(string)
	if !ok {
		p.fail(place, fmt.Sprintf("The value for the field '%s' must be a STRING that contains a JSONPath or an intrinsic function, not %s", key, kindOf(value)))
		return templateConstant{}
	}
	query, call, err := parseExpression(text)
	switch {
	case err != nil:
		p.fail(place, fmt.Sprintf("The value for the field '%s' must be a valid JSONPath or a valid intrinsic function call: %s: %s", key, text, err))
		return templateConstant{}
	case call != nil:
		return templateCall{call, key}
	default:
		return templatePath{query, key}
	}
}

// parseExpression parses a path or an intrinsic function, of which one is returned.
func parseExpression(text string) (*query, *call, error) {
	if strings.HasPrefix(text, "$") {
		q, err := parseQuery(text)
		return q, nil, err
	}
	if strings.HasPrefix(text, "States.") {
		c, err := parseCall(text)
		return nil, c, err
	}
	return nil, nil, errors.New("it begins neither with $ nor with the name of a function")
}
