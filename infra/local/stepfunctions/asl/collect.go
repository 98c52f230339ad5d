package asl

import (
	"maps"
	"slices"
)

// maxVisits bounds the work of one query: a payload of 256 KiB has fewer nodes by far than
// this, and each ".." can multiply them.
const maxVisits = 1_000_000

// collector evaluates a query that can select several places.
type collector struct {
	root   any
	steps  []step
	found  []any
	budget int
}

// walk takes the steps from number at on. strict is true as long as every step before was
// definite: then a place that is not there is an error, afterwards it is passed over.
func (c *collector) walk(node any, at int, strict bool) error {
	if c.budget--; c.budget < 0 {
		return &notFoundError{"The path visits more than 1000000 places"}
	}
	if at == len(c.steps) {
		c.found = append(c.found, node)
		return nil
	}
	s := &c.steps[at]
	if s.definite() {
		next, ok := s.take(node)
		switch {
		case ok:
			return c.walk(next, at+1, strict)
		case strict:
			return missing(c.steps, at, node)
		}
		return nil
	}
	switch s.kind {
	case stepAll:
		return c.each(children(node), at+1)
	case stepDescend:
		return c.descend(node, at+1)
	case stepFilter:
		return c.filter(s, node, at, strict)
	default:
		list, ok := node.([]any)
		if !ok {
			if strict {
				return missing(c.steps, at, node)
			}
			return nil
		}
		return c.each(s.elements(list), at+1)
	}
}

func (c *collector) each(nodes []any, at int) error {
	for _, node := range nodes {
		if err := c.walk(node, at, false); err != nil {
			return err
		}
	}
	return nil
}

// descend takes the rest of the steps from the node and from all that is in it, each before
// what it holds.
func (c *collector) descend(node any, at int) error {
	switch node.(type) {
	case []any, map[string]any:
	default:
		return nil
	}
	// A filter is asked of each object, and not of an array's elements once more.
	if _, isList := node.([]any); !isList || c.steps[at].kind != stepFilter {
		if err := c.walk(node, at, false); err != nil {
			return err
		}
	}
	for _, child := range children(node) {
		if err := c.descend(child, at); err != nil {
			return err
		}
	}
	return nil
}

// filter takes the elements of an array that satisfy it, or an object that does.
func (c *collector) filter(s *step, node any, at int, strict bool) error {
	var candidates []any
	switch node := node.(type) {
	case []any:
		candidates = node
	case map[string]any:
		candidates = []any{node}
	default:
		if strict {
			return missing(c.steps, at, node)
		}
		return nil
	}
	for _, candidate := range candidates {
		if c.budget--; !s.filter.holds(c.root, candidate) {
			continue
		}
		if err := c.walk(candidate, at+1, false); err != nil {
			return err
		}
	}
	return nil
}

// children are the elements of an array or the members' values of an object: in the order
// of their names, for JSON's own order is not kept.
func children(node any) []any {
	switch node := node.(type) {
	case []any:
		return node
	case map[string]any:
		values := make([]any, 0, len(node))
		for _, name := range slices.Sorted(maps.Keys(node)) {
			values = append(values, node[name])
		}
		return values
	default:
		return nil
	}
}

// elements are those of the list that stepIndexes or stepSlice takes.
func (s *step) elements(list []any) []any {
	if s.kind == stepSlice {
		from, to := 0, len(list)
		if s.bounds[0] != nil {
			from = within(*s.bounds[0], len(list))
		}
		if s.bounds[1] != nil {
			to = within(*s.bounds[1], len(list))
		}
		return list[from:max(from, to)]
	}
	var taken []any
	for _, i := range s.indexes {
		if i < 0 {
			i += len(list)
		}
		if 0 <= i && i < len(list) {
			taken = append(taken, list[i])
		}
	}
	return taken
}

// within is a slice's bound, which may count from the end, in a list of that length.
func within(i, length int) int {
	if i < 0 {
		i += length
	}
	return min(max(i, 0), length)
}
