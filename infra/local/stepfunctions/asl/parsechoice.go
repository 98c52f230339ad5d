package asl

import (
	"maps"
	"slices"
	"strings"
)

// maxRuleDepth bounds And, Or and Not within each other.
const maxRuleDepth = 100

func (p *parser) choiceState(s *State, f *fields) {
	p.data(s, f)
	s.Assign = f.assign()
	s.Default = f.filledText("Default")
	f.require("Choices")
	for i, value := range f.filledList("Choices") {
		if inner := p.fieldsOf(value, element(f.at, "Choices", i)); inner != nil {
			s.Choices = append(s.Choices, p.choiceRule(inner))
		}
	}
}

func (p *parser) choiceRule(f *fields) ChoiceRule {
	f.require("Next")
	p.refuseJSONata(f)
	rule := ChoiceRule{Next: f.filledText("Next"), Assign: f.assign()}
	rule.condition = p.condition(f, 0)
	return rule
}

// condition reads a rule, or a part of one; what is wrong never holds.
func (p *parser) condition(f *fields, depth int) condition {
	f.comment()
	var found condition = anyOf{}
	tests := p.tests(f)
	switch {
	case depth > maxRuleDepth:
		p.schema(f.here(), "Rules nest at most %d deep", maxRuleDepth)
	case len(tests) != 1:
		f.known["Variable"] = true
		p.schema(f.here(), "A rule has one comparison, And, Or or Not, but this has [%s]", strings.Join(tests, ", "))
	case tests[0] == "And" || tests[0] == "Or":
		found = p.several(f, tests[0], depth)
	case tests[0] == "Not":
		if inner := f.child("Not"); inner != nil {
			found = noneOf{p.condition(inner, depth+1)}
		}
	default:
		found = p.comparison(f, tests[0])
	}
	f.unsupported()
	return found
}

// tests are the names of what a rule tests.
func (p *parser) tests(f *fields) []string {
	var tests []string
	for _, name := range slices.Sorted(maps.Keys(f.members)) {
		plain := strings.TrimSuffix(name, "Path")
		known, ok := operators[plain]
		if ok && (plain == name || known.path) || slices.Contains([]string{"And", "Or", "Not", "IsPresent"}, name) {
			tests = append(tests, name)
			f.known[name] = true
		}
	}
	return tests
}

// several reads the rules of And and Or.
func (p *parser) several(f *fields, name string, depth int) condition {
	var of []condition
	for i, value := range f.filledList(name) {
		if inner := p.fieldsOf(value, element(f.at, name, i)); inner != nil {
			of = append(of, p.condition(inner, depth+1))
		}
	}
	if name == "And" {
		return allOf{of}
	}
	return anyOf{of}
}

// comparison reads Variable and what it is compared with.
func (p *parser) comparison(f *fields, name string) condition {
	f.require("Variable")
	variable := f.path("Variable", contextPath)
	if name == "IsPresent" {
		want := f.boolean(name)
		if variable == nil {
			return anyOf{}
		}
		return presence{variable, want}
	}
	plain, isPath := strings.CutSuffix(name, "Path")
	used := operators[plain]
	c := comparison{variable: variable, holds: used.holds}
	if isPath {
		c.wantPath = f.path(name, contextPath)
	} else if c.want, _ = f.take(name); !used.takes(c.want) {
		p.schema(f.place(name), "The field '%s' takes %s, not %s", name, used.what, kindOf(c.want))
	}
	if variable == nil || isPath && c.wantPath == nil {
		return anyOf{}
	}
	return c
}
