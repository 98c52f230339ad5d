package asl

import (
	"encoding/json"
	"regexp"
	"strings"
)

// predicate is the condition of a filter, asked of each candidate; root is the document
// that the query began with.
type predicate interface{ holds(root, node any) bool }

type (
	filterAnd struct{ of []predicate }
	filterOr  struct{ of []predicate }
	filterNot struct{ of predicate }
	// filterExists asks for a place, whatever is there.
	filterExists  struct{ of operand }
	filterCompare struct {
		operator    string
		left, right operand
	}
	filterIn struct {
		value operand
		list  []any
		not   bool
	}
	filterMatches struct {
		value   operand
		pattern *regexp.Regexp // of the whole text, as Java's matches()
	}
)

// operand is a literal or a path.
type operand struct {
	path    *query
	literal any
}

// value is the operand's; there is false for a path that leads nowhere.
func (o *operand) value(root, node any) (value any, there bool) {
	if o.path == nil {
		return o.literal, true
	}
	if o.path.root != rootNode {
		node = root
	}
	for i := range o.path.steps {
		if node, there = o.path.steps[i].take(node); !there {
			return nil, false
		}
	}
	return node, true
}

func (f filterAnd) holds(root, node any) bool {
	for _, one := range f.of {
		if !one.holds(root, node) {
			return false
		}
	}
	return true
}

func (f filterOr) holds(root, node any) bool {
	for _, one := range f.of {
		if one.holds(root, node) {
			return true
		}
	}
	return false
}

func (f filterNot) holds(root, node any) bool { return !f.of.holds(root, node) }

func (f filterExists) holds(root, node any) bool {
	_, there := f.of.value(root, node)
	return there
}

func (f filterCompare) holds(root, node any) bool {
	left, leftThere := f.left.value(root, node)
	right, rightThere := f.right.value(root, node)
	switch f.operator {
	case "==":
		return leftThere && rightThere && loose(left, right)
	case "!=":
		return !leftThere || !rightThere || !loose(left, right)
	}
	order, ok := order(left, right)
	if !leftThere || !rightThere || !ok {
		return false
	}
	switch f.operator {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	default:
		return order >= 0
	}
}

// loose is Jayway's equality, for which a number is equal to the string that reads the same.
func loose(a, b any) bool {
	if text, ok := a.(string); ok {
		if n, ok := number(b); ok {
			return text == string(n)
		}
	}
	if text, ok := b.(string); ok {
		if n, ok := number(a); ok {
			return text == string(n)
		}
	}
	return equal(a, b)
}

// order compares two numbers or two strings; others are in no order.
func order(a, b any) (order int, ok bool) {
	if left, isNumber := number(a); isNumber {
		right, isNumber := number(b)
		return compareNumbers(left, right), isNumber
	}
	left, leftOK := a.(string)
	right, rightOK := b.(string)
	return strings.Compare(left, right), leftOK && rightOK
}

func (f filterIn) holds(root, node any) bool {
	value, there := f.value.value(root, node)
	if !there {
		return f.not
	}
	for _, candidate := range f.list {
		if loose(value, candidate) {
			return !f.not
		}
	}
	return f.not
}

func (f filterMatches) holds(root, node any) bool {
	value, _ := f.value.value(root, node)
	switch value := value.(type) {
	case string:
		return f.pattern.MatchString(value)
	case json.Number:
		return f.pattern.MatchString(string(value))
	default:
		return false
	}
}
