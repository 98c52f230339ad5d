package graph

import (
	"encoding/json"
	"fmt"
	"strings"
)

// maxRuleDepth bounds And, Or and Not within each other.
const maxRuleDepth = 100

// condition writes a Choice's rule as a person reads it: "$.n > 3".
func condition(rule object, depth int) string {
	if depth > maxRuleDepth {
		return "…"
	}
	if text := rule.text("Condition"); text != "" { // JSONata
		return text
	}
	for _, each := range rule {
		switch each.name {
		case "And":
			return several(rule.list("And"), " and ", depth)
		case "Or":
			return several(rule.list("Or"), " or ", depth)
		case "Not":
			inner, _ := each.value.(object)
			return "not (" + condition(inner, depth+1) + ")"
		case "Next", "Variable", "Comment", "Assign", "Output":
		default:
			return comparison(rule.text("Variable"), each)
		}
	}
	return ""
}

func several(rules []object, between string, depth int) string {
	parts := make([]string, len(rules))
	for i, rule := range rules {
		parts[i] = condition(rule, depth+1)
		if rule.get("And") != nil || rule.get("Or") != nil {
			parts[i] = "(" + parts[i] + ")"
		}
	}
	return strings.Join(parts, between)
}

// signs are the orders as signs; the longer names first, for they end as the shorter do not.
var signs = []struct{ name, sign string }{
	{"GreaterThanEquals", "≥"}, {"LessThanEquals", "≤"}, {"GreaterThan", ">"}, {"LessThan", "<"}, {"Equals", "="}, {"Matches", "matches"},
}

// comparison writes one data-test expression (specification, "Choice State").
func comparison(variable string, test member) string {
	name, _ := strings.CutSuffix(test.name, "Path")
	if kind, ok := strings.CutPrefix(name, "Is"); ok {
		kind = strings.ToLower(kind[:min(1, len(kind))]) + kind[min(1, len(kind)):]
		if is, ok := test.value.(bool); ok && !is {
			return variable + " is not " + kind
		}
		return variable + " is " + kind
	}
	for _, each := range signs {
		if strings.HasSuffix(name, each.name) {
			return fmt.Sprintf("%s %s %s", variable, each.sign, literal(test))
		}
	}
	return fmt.Sprintf("%s %s %s", variable, name, literal(test))
}

func literal(test member) string {
	if path, ok := test.value.(string); ok && strings.HasSuffix(test.name, "Path") {
		return path
	}
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(test.value) != nil {
		return "…"
	}
	return strings.TrimSpace(b.String())
}
