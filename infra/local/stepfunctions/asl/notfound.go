package asl

import (
	"fmt"
	"strings"
)

// notFoundError says why a definite part of a query leads nowhere, in Jayway's words.
type notFoundError struct{ reason string }

func (e *notFoundError) Error() string { return e.reason }

// missing explains why step i of a definite beginning leads nowhere from the node.
func missing(steps []step, i int, node any) error {
	var before strings.Builder
	before.WriteString("$")
	for j := range i {
		before.WriteString(steps[j].String())
	}
	here := steps[i].String()
	switch _, isObject := node.(map[string]any); {
	case steps[i].kind == stepIndex || steps[i].kind == stepIndexes || steps[i].kind == stepSlice:
		if _, isList := node.([]any); !isList {
			return &notFoundError{fmt.Sprintf("Filter: %s can only be applied to arrays. Current context is: %s", here, jsonText(node))}
		}
	case steps[i].kind == stepFilter:
		return &notFoundError{fmt.Sprintf("Filter: %s can not be applied to primitives. Current context is: %s", here, jsonText(node))}
	case !isObject:
		return &notFoundError{fmt.Sprintf("Expected to find an object with property %s in path %s but found %s", here, &before, kindOf(node))}
	}
	if i < len(steps)-1 && steps[i].kind == stepChild {
		return &notFoundError{"Missing property in path " + before.String() + here}
	}
	return &notFoundError{"No results for path: " + before.String() + here}
}

// kindOf names the value's type for messages.
func kindOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case string:
		return "a string"
	case []any:
		return "an array"
	case map[string]any:
		return "an object"
	default:
		return "a number"
	}
}

// notFound is AWS's error for a path of this field that leads nowhere.
func (p *Path) notFound(scope Scope, reason error) error {
	switch p.field {
	case "ErrorPath", "CausePath":
		return p.query.notFound(scope, p.field)
	case "SecondsPath", "TimestampPath":
		return runtimeError("The %s parameter does not reference an input value: %s", p.field, p.text)
	case "Variable":
		return runtimeError("Invalid path '%s': The choice state's condition path references an invalid value.", p.text)
	default:
		return runtimeError("Invalid path '%s' : %s", p.text, reason)
	}
}

// notFound is AWS's error for a path in a template that leads nowhere.
func (q *query) notFound(scope Scope, field string) error {
	document, err := q.start(scope)
	if err != nil {
		return runtimeError("%s: '%s' specified for the field '%s'", err, q.text, field)
	}
	return runtimeError("The JSONPath '%s' specified for the field '%s' could not be found in the input '%s'", q.text, field, jsonText(document))
}

func runtimeError(format string, arguments ...any) error {
	return &RuntimeError{Name: ErrorRuntime, Cause: fmt.Sprintf(format, arguments...)}
}
