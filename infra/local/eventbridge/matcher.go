package eventbridge

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A matcher is one item of a pattern's list: it says whether a string, number,
// boolean or null of an event matches.
type matcher func(value any) bool

// parseMatcher reads an item of a list. {"exists": false} is no matcher: it asks for
// absence.
func parseMatcher(item any, path string) (one matcher, absence bool, err error) {
	object, isOperator := item.(map[string]any)
	if _, isList := item.([]any); isList {
		return nil, false, &PatternError{path, "lists within lists are not allowed"}
	}
	if !isOperator {
		return equal(item), false, nil
	}
	if len(object) != 1 {
		return nil, false, &PatternError{path, fmt.Sprintf("an object in a list has one operator; this one has %d", len(object))}
	}
	operator := slices.Collect(maps.Keys(object))[0]
	operand := object[operator]
	if operator == "exists" {
		exists, ok := operand.(bool)
		if !ok {
			return nil, false, &PatternError{path, "exists: want true or false"}
		}
		if !exists {
			return nil, true, nil
		}
		return func(any) bool { return true }, false, nil
	}
	one, err = parseOperator(operator, operand, path)
	return one, false, err
}

func parseOperator(operator string, operand any, path string) (matcher, error) {
	switch operator {
	case "prefix", "suffix", "equals-ignore-case", "wildcard":
		return parseTextOperator(operator, operand, path)
	case "anything-but":
		return parseAnythingBut(operand, path)
	case "numeric":
		return parseNumeric(operand, path)
	}
	return nil, &PatternError{path, fmt.Sprintf("the local EventBridge does not implement the operator %q", operator)}
}

// equal compares as EventBridge does: character by character, numbers too, of which
// 300, 300.0 and 3.0e2 are different ones (EventBridge User Guide, "Event patterns").
func equal(want any) matcher {
	return func(value any) bool { return value == want } // json.Number is a string
}

// onText makes a matcher of strings.
func onText(matches func(text string) bool) matcher {
	return func(value any) bool {
		text, ok := value.(string)
		return ok && matches(text)
	}
}

func parseTextOperator(operator string, operand any, path string) (matcher, error) {
	ignoreCase := operator == "equals-ignore-case"
	if object, ok := operand.(map[string]any); ok && (operator == "prefix" || operator == "suffix") && len(object) == 1 {
		if inner, ok := object["equals-ignore-case"]; ok {
			operand, ignoreCase = inner, true
		}
	}
	want, ok := operand.(string)
	if !ok || (want == "" && operator != "equals-ignore-case") {
		return nil, &PatternError{path, operator + ": want a string that is not empty"}
	}
	fold := func(text string) string { return text }
	if ignoreCase {
		fold = strings.ToLower
		want = fold(want)
	}
	switch operator {
	case "prefix":
		return onText(func(text string) bool { return strings.HasPrefix(fold(text), want) }), nil
	case "suffix":
		return onText(func(text string) bool { return strings.HasSuffix(fold(text), want) }), nil
	case "wildcard":
		return parseWildcard(want, path)
	}
	return onText(func(text string) bool { return fold(text) == want }), nil
}

// parseWildcard reads a pattern in which * is any text, \* a star and \\ a
// backslash.
func parseWildcard(text, path string) (matcher, error) {
	var parts []string
	var part strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text) && (text[i+1] == '*' || text[i+1] == '\\'):
			i++
			part.WriteByte(text[i])
		case text[i] == '\\':
			return nil, &PatternError{path, "wildcard: a backslash stands before * or another one"}
		case text[i] == '*' && i+1 < len(text) && text[i+1] == '*':
			return nil, &PatternError{path, "wildcard: two stars in a row are not allowed"}
		case text[i] == '*':
			parts = append(parts, part.String())
			part.Reset()
		default:
			part.WriteByte(text[i])
		}
	}
	parts = append(parts, part.String())
	return onText(func(text string) bool { return matchesWildcard(parts, text) }), nil
}

// matchesWildcard says whether a text is the parts with any text between them.
func matchesWildcard(parts []string, text string) bool {
	if len(parts) == 1 {
		return text == parts[0]
	}
	rest, ok := strings.CutPrefix(text, parts[0])
	if !ok {
		return false
	}
	for _, part := range parts[1 : len(parts)-1] {
		if _, rest, ok = strings.Cut(rest, part); !ok {
			return false
		}
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}

// parseAnythingBut reads a value, a list of values of one kind, or one of the
// operators on text, whose operand may be a list.
func parseAnythingBut(operand any, path string) (matcher, error) {
	var excluded []matcher
	switch operand := operand.(type) {
	case map[string]any:
		if len(operand) != 1 {
			return nil, &PatternError{path, "anything-but: want one operator"}
		}
		for operator, inner := range operand {
			if !slices.Contains([]string{"prefix", "suffix", "equals-ignore-case", "wildcard"}, operator) {
				return nil, &PatternError{path, fmt.Sprintf("anything-but: the local EventBridge does not implement the operator %q there", operator)}
			}
			for _, one := range listOf(inner) {
				made, err := parseTextOperator(operator, one, path)
				if err != nil {
					return nil, err
				}
				excluded = append(excluded, made)
			}
		}
	default:
		for _, one := range listOf(operand) {
			switch one.(type) {
			case string, json.Number:
				excluded = append(excluded, equal(one))
			default:
				return nil, &PatternError{path, "anything-but: want strings or numbers"}
			}
		}
	}
	if len(excluded) == 0 {
		return nil, &PatternError{path, "anything-but: empty lists are not allowed"}
	}
	return func(value any) bool {
		return !slices.ContainsFunc(excluded, func(one matcher) bool { return one(value) })
	}, nil
}

func listOf(value any) []any {
	if list, ok := value.([]any); ok {
		return list
	}
	return []any{value}
}

// maxNumeric is the largest number, either way, that numeric compares (EventBridge
// User Guide, "Event pattern comparison operators").
const maxNumeric = 5e9

// parseNumeric reads a list of one or two comparisons.
func parseNumeric(operand any, path string) (matcher, error) {
	list, ok := operand.([]any)
	if !ok || (len(list) != 2 && len(list) != 4) {
		return nil, &PatternError{path, `numeric: want a list such as [">", 0] or [">=", 0, "<", 5]`}
	}
	var comparisons []func(float64) bool
	for i := 0; i < len(list); i += 2 {
		number, ok := list[i+1].(json.Number)
		bound, err := number.Float64()
		if !ok || err != nil || bound < -maxNumeric || bound > maxNumeric {
			return nil, &PatternError{path, "numeric: want numbers of -5e9 to 5e9 after each comparison"}
		}
		operator, _ := list[i].(string)
		compare := comparison(operator, bound)
		if compare == nil || (len(list) == 4 && (operator == "=" || operator[0] != "><"[i/2])) {
			return nil, &PatternError{path, "numeric: want one of <, <=, =, > and >=, or > or >= and then < or <="}
		}
		comparisons = append(comparisons, compare)
	}
	return func(value any) bool {
		number, ok := value.(json.Number)
		x, err := number.Float64()
		if !ok || err != nil || x < -maxNumeric || x > maxNumeric {
			return false
		}
		return !slices.ContainsFunc(comparisons, func(holds func(float64) bool) bool { return !holds(x) })
	}, nil
}

// comparison is nil where the operator is none.
func comparison(operator string, bound float64) func(float64) bool {
	switch operator {
	case "<":
		return func(x float64) bool { return x < bound }
	case "<=":
		return func(x float64) bool { return x <= bound }
	case "=":
		return func(x float64) bool { return x == bound }
	case ">":
		return func(x float64) bool { return x > bound }
	case ">=":
		return func(x float64) bool { return x >= bound }
	}
	return nil
}
