package asl

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// Parse reads and checks a definition. The error is a *DefinitionError with
// everything that is wrong, or that this package does not do, each with its place.
func Parse(definition []byte) (*Machine, error) {
	r := &report{}
	if len(definition) > maxDefinition {
		r.schema(rootPlace, "The definition has more than %d bytes", maxDefinition)
		return nil, r.err()
	}
	value, read, err := decode(definition)
	if err != nil {
		r.invalidJSON(definition, err)
		return nil, r.err()
	}
	if _, isObject := value.(map[string]any); !isObject {
		r.schema("", "Definition must be a valid JSON object")
		return nil, r.err()
	}
	p := &parser{report: r, layout: read, names: map[string]string{}, states: map[string]bool{}}
	machine := p.machine(r.fieldsOf(value, ""))
	p.duplicates()
	if err := r.err(); err != nil {
		return nil, err
	}
	return machine, nil
}

// invalidJSON reports a definition that is no JSON, with the line and column.
func (r *report) invalidJSON(definition []byte, err error) {
	if len(definition) == 0 {
		r.schema("", "Definition must be a valid JSON object")
		return
	}
	place := ""
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		line, column := 1, 0
		for _, c := range definition[:min(int(syntax.Offset), len(definition))] {
			if column++; c == '\n' {
				line, column = line+1, 0
			}
		}
		place = fmt.Sprintf("[line: %d, column: %d]", line, column)
	}
	r.add(codeInvalidJSON, place, "The definition is no valid JSON: %s", err)
}

// parser reads the machines of one definition.
type parser struct {
	*report
	layout *layout
	names  map[string]string // where each state is, by its name
	states map[string]bool   // the places of all States
}

// duplicates reports the members that are there twice.
func (p *parser) duplicates() {
	for _, d := range p.layout.duplicates {
		if p.states[d.object] {
			p.add(codeDuplicateState, d.object+"/"+d.name, "Duplicate state name: %s", d.name)
		} else {
			p.add(codeInvalidJSON, orRoot(d.object), "Duplicate field '%s'", d.name)
		}
	}
}

// machine reads the definition itself.
func (p *parser) machine(f *fields) *Machine {
	f.choice("Version", "1.0")
	machine := &Machine{TimeoutSeconds: int(f.integerOr("TimeoutSeconds", 1, maxSeconds, 0))}
	p.queryLanguage(f)
	p.body(f, machine)
	return machine
}

// nested reads the states within a Map or a branch of Parallel; nil is no object.
func (p *parser) nested(f *fields) *Machine {
	if f == nil {
		return nil
	}
	machine := &Machine{}
	p.body(f, machine)
	return machine
}

// body reads what all machines have, and reports what none has.
func (p *parser) body(f *fields, machine *Machine) {
	machine.Comment = f.comment()
	f.require("States", "StartAt")
	machine.StartAt = f.filledText("StartAt")
	machine.States = map[string]*State{}
	states := f.child("States")
	f.unsupported()
	if states == nil {
		return
	}
	if len(states.members) == 0 {
		p.schema(states.at, "Value cannot be empty")
		return
	}
	p.states[states.at] = true
	names := p.layout.order[states.at]
	for _, name := range names {
		p.name(states.place(name), name)
		if inner := p.fieldsOf(states.members[name], states.place(name)); inner != nil {
			machine.States[name] = p.state(name, inner)
		}
	}
	p.transitions(f, machine, names)
}

// name checks a state's name, which no other state of the definition has.
func (p *parser) name(place, name string) {
	switch first, twice := p.names[name]; {
	case twice:
		p.add(codeDuplicateState, place, "Duplicate state name: %s is at %s too", name, first)
	case name == "":
		p.schema(place, "The name of a state must not be empty")
	case utf8.RuneCountInString(name) > maxStateName:
		p.schema(place, "The name of a state has at most %d characters", maxStateName)
	}
	p.names[name] = place
}

// queryLanguage refuses all but JSONPath.
func (p *parser) queryLanguage(f *fields) {
	if f.choice("QueryLanguage", "JSONPath", "JSONata") == "JSONata" {
		p.schema(f.place("QueryLanguage"), "QueryLanguage 'JSONata' is not supported by this local Step Functions: use 'JSONPath'")
	}
}
