package asl

import (
	"fmt"
	"strings"
)

// query is a JSONPath that has been parsed. Step Functions evaluates with Jayway's
// JsonPath, as its messages show, so that what selects one place (a definite query) gives
// the value or fails, and what can select several gives a list, which may be empty.
type query struct {
	text     string
	root     root
	variable string // of rootVariable
	steps    []step
	definite bool
	// plain tells that every name is written as the specification's Reference Paths
	// demand, with @ , : ? and * escaped.
	plain bool
}

// root is what a query starts at.
type root int

const (
	rootInput    root = iota // $
	rootContext              // $$
	rootVariable             // $name
	rootNode                 // @, in filters
)

type stepKind int

const (
	stepChild   stepKind = iota // .a, ['a']
	stepIndex                   // [0], [-1]
	stepMembers                 // ['a', 'b']: an object of these members, last in its path
	stepIndexes                 // [0, 2]
	stepSlice                   // [1:], [:-1], [1:3]
	stepAll                     // .*, [*]
	stepDescend                 // .., before the step that every descendant takes
	stepFilter                  // [?(…)]
)

type step struct {
	kind    stepKind
	name    string
	index   int
	names   []string
	indexes []int
	bounds  [2]*int
	filter  predicate
}

func (s *step) definite() bool { return s.kind <= stepMembers }

// String is the step as Jayway's messages write it.
func (s *step) String() string {
	switch s.kind {
	case stepChild:
		return "['" + s.name + "']"
	case stepIndex:
		return fmt.Sprintf("[%d]", s.index)
	case stepMembers:
		return "['" + strings.Join(s.names, "','") + "']"
	case stepIndexes:
		return strings.ReplaceAll(fmt.Sprint(s.indexes), " ", ",")
	case stepSlice:
		return "[" + bound(s.bounds[0]) + ":" + bound(s.bounds[1]) + "]"
	case stepDescend:
		return ".."
	case stepFilter:
		return "[?]"
	default:
		return "[*]"
	}
}

func bound(i *int) string {
	if i == nil {
		return ""
	}
	return fmt.Sprint(*i)
}

// start is the document that the query is about.
func (q *query) start(scope Scope) (any, error) {
	switch q.root {
	case rootContext:
		return scope.Context, nil
	case rootVariable:
		value, ok := scope.Variables[q.variable]
		if !ok {
			return nil, &notFoundError{fmt.Sprintf("The variable $%s has not been assigned", q.variable)}
		}
		return value, nil
	default:
		return scope.Input, nil
	}
}

// find evaluates the query.
func (q *query) find(scope Scope) (any, error) {
	document, err := q.start(scope)
	if err != nil {
		return nil, err
	}
	if q.definite {
		return q.follow(document)
	}
	c := collector{root: document, steps: q.steps, found: []any{}, budget: maxVisits}
	if err := c.walk(document, 0, true); err != nil {
		return nil, err
	}
	return c.found, nil
}

// follow takes the steps of a definite query.
func (q *query) follow(document any) (any, error) {
	node := document
	for i := range q.steps {
		next, ok := q.steps[i].take(node)
		if !ok {
			return nil, missing(q.steps, i, node)
		}
		node = next
	}
	return node, nil
}

// take is the definite step from the node; ok is false where it leads nowhere.
func (s *step) take(node any) (next any, ok bool) {
	switch s.kind {
	case stepChild:
		object, isObject := node.(map[string]any)
		if !isObject {
			return nil, false
		}
		next, ok = object[s.name]
		return next, ok
	case stepIndex:
		list, isList := node.([]any)
		if !isList {
			return nil, false
		}
		i := s.index
		if i < 0 {
			i += len(list)
		}
		if i < 0 || i >= len(list) {
			return nil, false
		}
		return list[i], true
	default:
		object, isObject := node.(map[string]any)
		if !isObject {
			return nil, false
		}
		members := map[string]any{}
		for _, name := range s.names {
			if value, there := object[name]; there {
				members[name] = value
			}
		}
		return members, true
	}
}
