package eventbridge

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Pattern is an event pattern (EventBridge User Guide, "Creating Amazon EventBridge
// event patterns").
type Pattern struct{ root node }

// maxPatternBytes is a pattern's quota (EventBridge User Guide, "EventBridge quotas").
const maxPatternBytes = 2048

// maxDepth bounds how deep patterns are read: deeper than any event is.
const maxDepth = 50

// A node is an object of a pattern: all members must match, and one of each $or.
type node struct {
	members map[string]member
	or      []node
}

// A member is either an object or a list, of which one must match.
type member struct {
	object  *node
	anyOf   []matcher
	absence bool // matches what is not there
}

// PatternError says what is wrong with an event pattern.
type PatternError struct {
	Path   string // of the member, such as detail.status; "" for the whole
	Reason string
}

// Error names the member and the rule.
func (e *PatternError) Error() string {
	if e.Path == "" {
		return e.Reason
	}
	return e.Path + ": " + e.Reason
}

// ParsePattern reads a pattern, a JSON object. An error is a *PatternError.
func ParsePattern(text string) (*Pattern, error) {
	if len(text) > maxPatternBytes {
		return nil, &PatternError{Reason: fmt.Sprintf("it has %d bytes: want at most %d", len(text), maxPatternBytes)}
	}
	object, err := parseObject(text)
	if err != nil {
		return nil, &PatternError{Reason: err.Error()}
	}
	root, err := parseNode(object, "", 0)
	if err != nil {
		return nil, err
	}
	return &Pattern{root}, nil
}

// Matches says whether an event, a JSON object, matches.
func (p *Pattern) Matches(event []byte) (bool, error) {
	object, err := parseObject(string(event))
	if err != nil {
		return false, fmt.Errorf("event: %w", err)
	}
	return p.matches(object), nil
}

func (p *Pattern) matches(event any) bool { return p.root.matches(event) }

// decode reads one JSON document, with its numbers as they are written.
func decode(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if decoder.More() {
		return nil, errors.New("something follows the document")
	}
	return value, nil
}

func parseObject(text string) (map[string]any, error) {
	value, err := decode([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("it is not JSON: %w", err)
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, errors.New("it is not a JSON object")
	}
	return object, nil
}

func parseNode(object map[string]any, path string, depth int) (node, error) {
	made := node{members: map[string]member{}}
	if len(object) == 0 {
		return made, &PatternError{path, "empty objects are not allowed"}
	}
	if depth > maxDepth {
		return made, &PatternError{path, fmt.Sprintf("it is nested deeper than %d levels", maxDepth)}
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		at := name
		if path != "" {
			at = path + "." + name
		}
		var err error
		switch value := object[name].(type) {
		case map[string]any:
			var inner node
			inner, err = parseNode(value, at, depth+1)
			made.members[name] = member{object: &inner}
		case []any:
			if name == "$or" {
				made.or, err = parseOr(value, at, depth)
			} else {
				made.members[name], err = parseList(value, at)
			}
		default:
			err = &PatternError{at, "want an object or a list"}
		}
		if err != nil {
			return made, err
		}
	}
	return made, nil
}

func parseOr(list []any, path string, depth int) ([]node, error) {
	if len(list) < 2 {
		return nil, &PatternError{path, "want a list of two patterns or more"}
	}
	var alternatives []node
	for _, item := range list {
		object, ok := item.(map[string]any)
		if !ok {
			return nil, &PatternError{path, "want a list of patterns"}
		}
		inner, err := parseNode(object, path, depth+1)
		if err != nil {
			return nil, err
		}
		alternatives = append(alternatives, inner)
	}
	return alternatives, nil
}

func parseList(list []any, path string) (member, error) {
	if len(list) == 0 {
		return member{}, &PatternError{path, "empty lists are not allowed"}
	}
	var made member
	for _, item := range list {
		one, absence, err := parseMatcher(item, path)
		if err != nil {
			return member{}, err
		}
		made.absence = made.absence || absence
		if one != nil {
			made.anyOf = append(made.anyOf, one)
		}
	}
	return made, nil
}
