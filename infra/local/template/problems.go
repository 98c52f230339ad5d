package template

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Error is one thing that is wrong with a template or a definition that it names,
// or that the local stack does not serve.
type Error struct {
	File    string
	Line    int // from 1
	Message string

	Parameter WrongParameter // zero where it is about something else
}

// WrongParameter is one whose value breaks a rule, or that there is none of.
type WrongParameter struct{ Name, Value, Rule string }

func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d: %s", filepath.Base(e.File), e.Line, e.Message)
}

// problems gathers what is wrong, so that a reader learns all of it at once.
type problems struct {
	file  string
	found []*Error
}

func (p *problems) add(at *yaml.Node, format string, arguments ...any) {
	p.addLine(at.Line, fmt.Sprintf(format, arguments...))
}

func (p *problems) addLine(line int, message string) { p.addIn(p.file, line, message) }

// addParameter is add for one that was given, or is by default.
func (p *problems) addParameter(at *yaml.Node, wrong WrongParameter, format string, arguments ...any) {
	p.addError(&Error{File: p.file, Line: at.Line, Message: fmt.Sprintf(format, arguments...), Parameter: wrong})
}

func (p *problems) addIn(file string, line int, message string) {
	p.addError(&Error{File: file, Line: line, Message: message})
}

// addError drops what was said already: properties from Globals are read once for
// each resource.
func (p *problems) addError(problem *Error) {
	if !slices.ContainsFunc(p.found, func(e *Error) bool { return *e == *problem }) {
		p.found = append(p.found, problem)
	}
}

// join gives the template's own problems first.
func (p *problems) join() error {
	slices.SortFunc(p.found, func(a, b *Error) int {
		if here, there := a.File == p.file, b.File == p.file; here != there {
			if here {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Message, b.Message))
	})
	all := make([]error, len(p.found))
	for i, problem := range p.found {
		all[i] = problem
	}
	return errors.Join(all...)
}
