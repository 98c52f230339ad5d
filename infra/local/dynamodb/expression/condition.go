package expression

import (
	"slices"
	"strings"

	"delfos/infra/local/dynamodb/attribute"
)

// Condition is a parsed ConditionExpression or FilterExpression.
type Condition struct {
	root  node
	paths []Path
}

// Holds tells whether the item, which is nil where there is none, satisfies the
// condition.
func (c *Condition) Holds(item attribute.Map) bool { return c.root.holds(item) }

// Paths lists the document paths that the condition reads.
func (c *Condition) Paths() []Path { return c.paths }

// node is one condition of the tree.
type node interface{ holds(item attribute.Map) bool }

type (
	conjunction struct{ left, right node }
	disjunction struct{ left, right node }
	negation    struct{ of node }
	comparison  struct {
		operator    string
		left, right operand
	}
	between    struct{ value, low, high operand }
	membership struct {
		value operand
		list  []operand
	}
	// function is a call of a function that answers yes or no.
	function struct {
		name      string
		arguments []operand
	}
)

func (n conjunction) holds(item attribute.Map) bool { return n.left.holds(item) && n.right.holds(item) }

func (n disjunction) holds(item attribute.Map) bool { return n.left.holds(item) || n.right.holds(item) }
func (n negation) holds(item attribute.Map) bool    { return !n.of.holds(item) }

func (n comparison) holds(item attribute.Map) bool {
	return compare(n.operator, n.left.evaluate(item), n.right.evaluate(item))
}

// compare decides one comparison. A missing attribute is unequal to everything, and
// in no order to anything.
func compare(operator string, left, right attribute.Value) bool {
	switch operator {
	case "=":
		return attribute.Equal(left, right)
	case "<>":
		return !attribute.Equal(left, right)
	}
	order, ok := attribute.Compare(left, right)
	if !ok {
		return false
	}
	switch operator {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	case ">=":
		return order >= 0
	default:
		panic("expression: no comparator " + operator)
	}
}

func (n between) holds(item attribute.Map) bool {
	value := n.value.evaluate(item)
	return compare(">=", value, n.low.evaluate(item)) && compare("<=", value, n.high.evaluate(item))
}

func (n membership) holds(item attribute.Map) bool {
	value := n.value.evaluate(item)
	return slices.ContainsFunc(n.list, func(candidate operand) bool {
		return attribute.Equal(value, candidate.evaluate(item))
	})
}

func (n function) holds(item attribute.Map) bool {
	value := n.arguments[0].evaluate(item)
	switch n.name {
	case "attribute_exists":
		return value != nil
	case "attribute_not_exists":
		return value == nil
	}
	argument := n.arguments[1].evaluate(item)
	switch n.name {
	case "attribute_type":
		return value != nil && attribute.Equal(argument, attribute.String(value.Type()))
	case "begins_with":
		return beginsWith(value, argument)
	case "contains":
		return contains(value, argument)
	default:
		panic("expression: no function " + n.name)
	}
}

func beginsWith(value, prefix attribute.Value) bool {
	switch value := value.(type) {
	case attribute.String:
		prefix, ok := prefix.(attribute.String)
		return ok && strings.HasPrefix(string(value), string(prefix))
	case attribute.Binary:
		prefix, ok := prefix.(attribute.Binary)
		return ok && strings.HasPrefix(string(value), string(prefix))
	default:
		return false
	}
}

// contains looks for part of a string or binary, a member of a set, an element of a
// list.
func contains(value, part attribute.Value) bool {
	switch value := value.(type) {
	case attribute.String:
		part, ok := part.(attribute.String)
		return ok && strings.Contains(string(value), string(part))
	case attribute.Binary:
		part, ok := part.(attribute.Binary)
		return ok && strings.Contains(string(value), string(part))
	case attribute.Set:
		return value.Contains(part)
	case attribute.List:
		return slices.ContainsFunc(value, func(element attribute.Value) bool { return attribute.Equal(element, part) })
	default:
		return false
	}
}
