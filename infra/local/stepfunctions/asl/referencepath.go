package asl

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// ReferencePath names one place in the state's input (specification, "Reference Paths").
type ReferencePath struct {
	text  string
	null  bool
	query *query
}

// IsNull tells whether the path is JSON null: the result is discarded.
func (p *ReferencePath) IsNull() bool { return p.null }

// String is the path as it was written.
func (p *ReferencePath) String() string { return p.text }

// checkReference says why a query is no Reference Path.
func checkReference(q *query) error {
	switch {
	case !q.definite || !q.plain:
		return errors.New("the operators @ .. , : ? * and filters can select several places")
	case slices.ContainsFunc(q.steps, func(s step) bool { return s.kind == stepMembers }):
		return errors.New("several names select several places")
	}
	return nil
}

// parseReferencePath parses a path that a result can be put at.
func parseReferencePath(text string) (*ReferencePath, error) {
	q, err := parseQuery(text)
	if err != nil {
		return nil, err
	}
	if err := checkReference(q); err != nil {
		return nil, err
	}
	switch {
	case q.root != rootInput:
		return nil, errors.New("a result can be put into the input alone, not into the context object or a variable")
	case slices.ContainsFunc(q.steps, func(s step) bool { return s.index < 0 }):
		return nil, errors.New("an index counts from the beginning")
	}
	return &ReferencePath{text: text, query: q}, nil
}

// Get is the value in the place; ok is false where nothing is there.
func (p *ReferencePath) Get(document any) (value any, ok bool) {
	if p.null {
		return nil, false
	}
	value, err := p.query.follow(document)
	return value, err == nil
}

// Put returns document with value in the place; objects on the way are made where they
// are not there, elements of arrays are only replaced. The error, where the way leads
// through what is no object or array, is a *RuntimeError, States.ResultPathMatchFailure.
func (p *ReferencePath) Put(document, value any) (any, error) {
	if p.null {
		return document, nil
	}
	return p.put(document, true, p.query.steps, value)
}

// put is Put from one node on; there is false where nothing is there yet.
func (p *ReferencePath) put(node any, there bool, steps []step, value any) (any, error) {
	if len(steps) == 0 {
		return value, nil
	}
	s := &steps[0]
	if !there && s.kind == stepChild {
		node = map[string]any{}
	}
	next, there := s.take(node)
	switch container := node.(type) {
	case map[string]any:
		if s.kind != stepChild {
			break
		}
		edited, err := p.put(next, there, steps[1:], value)
		if err != nil {
			return nil, err
		}
		changed := maps.Clone(container)
		changed[s.name] = edited
		return changed, nil
	case []any:
		if !there {
			break
		}
		edited, err := p.put(next, true, steps[1:], value)
		if err != nil {
			return nil, err
		}
		changed := slices.Clone(container)
		changed[s.index] = edited
		return changed, nil
	}
	return nil, &RuntimeError{
		Name:  ErrorResultPathMatchFailure,
		Cause: fmt.Sprintf("The ResultPath '%s' cannot be applied: its step %s does not fit %s", p.text, s, jsonText(node)),
	}
}
