package expression

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"delfos/infra/local/dynamodb/attribute"
)

// Path is a document path: a[2].b. Its first step is always the name of an
// attribute of the item.
type Path []Step

// Step goes into a map by name, or into a list by index (from 0).
type Step struct {
	Name  string
	Index int
	List  bool // Index counts, not Name
}

// Attribute is the top-level attribute that the path begins with.
func (p Path) Attribute() string { return p[0].Name }

// IsNested tells whether the path goes into the attribute.
func (p Path) IsNested() bool { return len(p) > 1 }

// String writes the path as DynamoDB's messages do: [a, [2], b].
func (p Path) String() string {
	words := make([]string, len(p))
	for i, step := range p {
		words[i] = step.Name
		if step.List {
			words[i] = "[" + strconv.Itoa(step.Index) + "]"
		}
	}
	return "[" + strings.Join(words, ", ") + "]"
}

// find returns the value at the path, or nil.
func (p Path) find(item attribute.Map) attribute.Value {
	var at attribute.Value = item
	for _, step := range p {
		switch container := at.(type) {
		case attribute.Map:
			if step.List {
				return nil
			}
			at = container[step.Name]
		case attribute.List:
			if !step.List || step.Index >= len(container) {
				return nil
			}
			at = container[step.Index]
		default:
			return nil
		}
	}
	return at
}

// checkDisjoint refuses two paths of which one holds the other, or that take one
// attribute for both a list and a map.
func checkDisjoint(paths []Path) error {
	for i, second := range paths {
		for _, first := range paths[:i] {
			if err := checkPair(first, second); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkPair(first, second Path) error {
	const tail = "with each other; must remove or rewrite one of these paths; path one: %v, path two: %v"
	for i := range min(len(first), len(second)) {
		if first[i].List != second[i].List {
			return fmt.Errorf("Two document paths conflict "+tail, first, second) //nolint:staticcheck // DynamoDB's words
		}
		if first[i] != second[i] {
			return nil
		}
	}
	return fmt.Errorf("Two document paths overlap "+tail, first, second) //nolint:staticcheck // DynamoDB's words
}

// Projection is a set of disjoint paths: the parts of an item to answer with.
type Projection []Path

// Projection parses a ProjectionExpression.
func (s *Scope) Projection(source string) (Projection, error) {
	p, err := newParser(s, "ProjectionExpression", source)
	if err != nil {
		return nil, err
	}
	var paths Projection
	for {
		path, err := p.path()
		if err != nil {
			return nil, p.wrap(err)
		}
		paths = append(paths, path)
		if !p.acceptPunctuation(",") {
			break
		}
	}
	return paths, p.finish(func() error { return checkDisjoint(paths) })
}

// Apply returns the parts of the item that exist; elements of a list close ranks,
// in the order of the list.
func (paths Projection) Apply(item attribute.Map) attribute.Map {
	selected, _ := selectParts(item, paths, 0).(attribute.Map)
	if selected == nil {
		return attribute.Map{}
	}
	return selected
}

// selectParts returns what the paths, which agree up to depth, select of value; nil
// for nothing.
func selectParts(value attribute.Value, paths []Path, depth int) attribute.Value {
	if len(paths[0]) == depth {
		return value
	}
	byStep := map[Step][]Path{}
	for _, path := range paths {
		byStep[path[depth]] = append(byStep[path[depth]], path)
	}
	switch container := value.(type) {
	case attribute.Map:
		return selectMembers(container, byStep, depth)
	case attribute.List:
		return selectElements(container, byStep, depth)
	default:
		return nil
	}
}

func selectMembers(container attribute.Map, byStep map[Step][]Path, depth int) attribute.Value {
	selected := attribute.Map{}
	for step, paths := range byStep {
		member, ok := container[step.Name]
		if step.List || !ok {
			continue
		}
		if part := selectParts(member, paths, depth+1); part != nil {
			selected[step.Name] = part
		}
	}
	if len(selected) == 0 {
		return nil
	}
	return selected
}

func selectElements(container attribute.List, byStep map[Step][]Path, depth int) attribute.Value {
	var steps []Step
	for step := range byStep {
		if step.List && step.Index < len(container) {
			steps = append(steps, step)
		}
	}
	slices.SortFunc(steps, func(a, b Step) int { return a.Index - b.Index })
	var selected attribute.List
	for _, step := range steps {
		if part := selectParts(container[step.Index], byStep[step], depth+1); part != nil {
			selected = append(selected, part)
		}
	}
	if selected == nil {
		return nil
	}
	return selected
}
