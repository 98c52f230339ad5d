// Package expression parses and evaluates DynamoDB's expressions: conditions and
// filters, key conditions, updates and projections (Developer Guide, "Using
// expressions in DynamoDB"). Its errors are *awsjson.Error of type
// ValidationException, in DynamoDB's words.
package expression

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"delfos/infra/local/awsjson"
	"delfos/infra/local/dynamodb/attribute"
)

// maxBytes is the longest expression (Developer Guide, "Quotas", Expression
// parameters). It bounds the parser's recursion as well.
const maxBytes = 4096

// Scope holds the placeholders of one request and notes which its expressions use.
type Scope struct {
	names                 map[string]string
	values                attribute.Map
	usedNames, usedValues map[string]bool
}

// NewScope takes ExpressionAttributeNames and ExpressionAttributeValues; nil where
// the request has none. Empty maps and malformed placeholders are refused.
func NewScope(names map[string]string, values attribute.Map) (*Scope, error) {
	if err := checkPlaceholders("ExpressionAttributeNames", "#", names); err != nil {
		return nil, err
	}
	if err := checkPlaceholders("ExpressionAttributeValues", ":", values); err != nil {
		return nil, err
	}
	return &Scope{names, values, map[string]bool{}, map[string]bool{}}, nil
}

func checkPlaceholders[V any, M ~map[string]V](parameter, sign string, placeholders M) error {
	if placeholders != nil && len(placeholders) == 0 {
		return invalid("%s must not be empty", parameter)
	}
	for _, name := range slices.Sorted(maps.Keys(placeholders)) {
		word, ok := strings.CutPrefix(name, sign)
		if !ok || word == "" || prefixLength(word, isWordByte) < len(word) {
			return invalid("%s contains invalid key: Syntax error; key: %q", parameter, name)
		}
	}
	return nil
}

// CheckUsed refuses placeholders that no expression of the request has used; call
// it after the last one is parsed.
func (s *Scope) CheckUsed() error {
	if unused := unusedKeys(s.names, s.usedNames); len(unused) > 0 {
		return invalid("Value provided in ExpressionAttributeNames unused in expressions: keys: {%s}", strings.Join(unused, ", "))
	}
	if unused := unusedKeys(s.values, s.usedValues); len(unused) > 0 {
		return invalid("Value provided in ExpressionAttributeValues unused in expressions: keys: {%s}", strings.Join(unused, ", "))
	}
	return nil
}

func unusedKeys[V any, M ~map[string]V](placeholders M, used map[string]bool) []string {
	var unused []string
	for _, name := range slices.Sorted(maps.Keys(placeholders)) {
		if !used[name] {
			unused = append(unused, name)
		}
	}
	return unused
}

func (s *Scope) name(placeholder string) (string, error) {
	name, ok := s.names[placeholder]
	if !ok {
		return "", fmt.Errorf("An expression attribute name used in the document path is not defined; attribute name: %s", placeholder) //nolint:staticcheck // DynamoDB's words
	}
	s.usedNames[placeholder] = true
	return name, nil
}

func (s *Scope) value(placeholder string) (attribute.Value, error) {
	value, ok := s.values[placeholder]
	if !ok {
		return nil, fmt.Errorf("An expression attribute value used in expression is not defined; attribute value: %s", placeholder) //nolint:staticcheck // DynamoDB's words
	}
	s.usedValues[placeholder] = true
	return value, nil
}

func invalid(format string, args ...any) error {
	return awsjson.Errorf("ValidationException", format, args...)
}
