package expression

import (
	"delfos/infra/local/dynamodb/attribute"
)

// KeyCondition is what a KeyConditionExpression demands of one key attribute.
type KeyCondition struct {
	// Operator is =, <, <=, >, >=, BETWEEN or begins_with.
	Operator string
	// Values are its operands: two for BETWEEN, otherwise one.
	Values []attribute.Value
}

// KeyConditions parses a KeyConditionExpression: comparisons of key attributes with
// values, joined by AND. The answer is by attribute; which attributes are keys is
// for the caller to check.
func (s *Scope) KeyConditions(source string) (map[string]KeyCondition, error) {
	const parameter = "KeyConditionExpression"
	parsed, err := s.Condition(parameter, source)
	if err != nil {
		return nil, err
	}
	conditions := map[string]KeyCondition{}
	if err := addKeyConditions(conditions, parsed.root); err != nil {
		return nil, err
	}
	return conditions, nil
}

func addKeyConditions(conditions map[string]KeyCondition, n node) error {
	switch n := n.(type) {
	case conjunction:
		if err := addKeyConditions(conditions, n.left); err != nil {
			return err
		}
		return addKeyConditions(conditions, n.right)
	case comparison:
		return addKeyComparison(conditions, n)
	case between:
		return addKeyCondition(conditions, "BETWEEN", n.value, n.low, n.high)
	case function:
		if n.name != "begins_with" {
			return invalid("Invalid operator used in KeyConditionExpression: %s", n.name)
		}
		return addKeyCondition(conditions, n.name, n.arguments[0], n.arguments[1])
	case disjunction:
		return invalid("Invalid operator used in KeyConditionExpression: OR")
	case negation:
		return invalid("Invalid operator used in KeyConditionExpression: NOT")
	default:
		return invalid("Invalid operator used in KeyConditionExpression: IN")
	}
}

// mirrored gives the operator for the operands the other way round.
var mirrored = map[string]string{"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

func addKeyComparison(conditions map[string]KeyCondition, n comparison) error {
	if n.operator == "<>" {
		return invalid("Invalid operator used in KeyConditionExpression: <>")
	}
	if _, ok := n.right.(Path); !ok {
		return addKeyCondition(conditions, n.operator, n.left, n.right)
	}
	return addKeyCondition(conditions, mirrored[n.operator], n.right, n.left)
}

func addKeyCondition(conditions map[string]KeyCondition, operator string, of operand, with ...operand) error {
	values := make([]attribute.Value, len(with))
	for i, o := range with {
		switch o := o.(type) {
		case literal:
			values[i] = o.value
		case Path:
			return invalid("Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition")
		default:
			return invalid("KeyConditionExpressions cannot contain nested operations")
		}
	}
	path, ok := of.(Path)
	switch _, taken := conditions[keyName(path)]; {
	case !ok:
		return invalid("Invalid condition in KeyConditionExpression: No key attribute specified")
	case path.IsNested():
		return invalid("KeyConditionExpressions cannot have conditions on nested attributes")
	case taken:
		return invalid("KeyConditionExpressions must only contain one condition per key")
	}
	conditions[path.Attribute()] = KeyCondition{operator, values}
	return nil
}

func keyName(path Path) string {
	if path == nil {
		return ""
	}
	return path.Attribute()
}
