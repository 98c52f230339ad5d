package machine

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// definition is what is drawn of a machine in the Amazon States Language.
type definition struct {
	Comment string
	StartAt string
	States  map[string]state
}

type state struct {
	Type, Comment, Next, Default, Resource string
	End                                    bool
	Retry                                  []json.RawMessage
	Catch                                  []struct {
		ErrorEquals []string
		Next        string
	}
	Choices       []map[string]json.RawMessage
	ItemProcessor *definition
	Iterator      *definition // ItemProcessor's old name
	Parameters    struct{ FunctionName string }
}

// maxDepth is how deep maps may be within maps.
const maxDepth = 5

// Parse draws up a definition in the Amazon States Language.
func Parse(text []byte) (Graph, error) {
	var d definition
	if err := json.Unmarshal(text, &d); err != nil {
		return Graph{}, fmt.Errorf("read a state machine's definition: %w", err)
	}
	return d.graph(maxDepth)
}

func (d definition) graph(depth int) (Graph, error) {
	if depth == 0 {
		return Graph{}, fmt.Errorf("read a state machine's definition: maps lie deeper in each other than %d", maxDepth)
	}
	if _, ok := d.States[d.StartAt]; !ok {
		return Graph{}, errors.New("read a state machine's definition: StartAt names no state")
	}
	g := Graph{Comment: d.Comment, StartAt: d.StartAt}
	for _, name := range d.order() {
		s := d.States[name]
		node := Node{
			Name: name, Type: s.Type, Comment: s.Comment, Resource: s.calls(), Retries: len(s.Retry) > 0,
			End: s.End || s.Type == "Succeed" || s.Type == "Fail",
		}
		inner := s.ItemProcessor
		if inner == nil {
			inner = s.Iterator
		}
		if inner != nil {
			within, err := inner.graph(depth - 1)
			if err != nil {
				return Graph{}, err
			}
			node.Inner = &within
		}
		g.Nodes = append(g.Nodes, node)
		g.Edges = append(g.Edges, s.edges(name)...)
	}
	return g, nil
}

// order is that in which the states are reached, breadth first, and then the rest.
func (d definition) order() []string {
	queue, seen := []string{d.StartAt}, map[string]bool{d.StartAt: true}
	reach := func(name string) {
		if _, exists := d.States[name]; exists && !seen[name] {
			seen[name] = true
			queue = append(queue, name)
		}
	}
	for done := 0; done < len(queue); { // it grows
		for _, edge := range d.States[queue[done]].edges(queue[done]) {
			reach(edge.To)
		}
		done++
	}
	for _, name := range slices.Sorted(maps.Keys(d.States)) {
		reach(name)
	}
	return queue
}

// edges are the ways out of a state, in the order in which they are tried.
func (s state) edges(from string) []Edge {
	var edges []Edge
	for _, choice := range s.Choices {
		edges = append(edges, Edge{from, text(choice["Next"]), Choice, conditionOf(choice)})
	}
	if s.Default != "" {
		edges = append(edges, Edge{from, s.Default, Default, "otherwise"})
	}
	if s.Next != "" {
		edges = append(edges, Edge{from, s.Next, Next, ""})
	}
	for _, catch := range s.Catch {
		edges = append(edges, Edge{from, catch.Next, Catch, strings.Join(catch.ErrorEquals, ", ")})
	}
	return edges
}

// conditionOf is a choice's rule in short: "$.todo[0] IsPresent true".
func conditionOf(choice map[string]json.RawMessage) string {
	parts := []string{text(choice["Variable"])}
	for _, name := range slices.Sorted(maps.Keys(choice)) {
		switch name {
		case "Next", "Variable", "Comment", "Assign", "Output":
		default:
			parts = append(parts, name+" "+text(choice[name]))
		}
	}
	return strings.TrimSpace(strings.Join(parts, " "))
}

// calls is what a task calls: "lambda:invoke delfos-EtlFunction".
func (s state) calls() string {
	if s.Resource == "" {
		return ""
	}
	what := s.Resource[strings.LastIndex(s.Resource, ":::")+1:]
	what = strings.TrimLeft(what, ":")
	if function := s.Parameters.FunctionName; function != "" {
		what += " " + function[strings.LastIndexByte(function, ':')+1:]
	}
	return what
}

// text is a value without the quotes of a text.
func text(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	return string(value)
}
