package template

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Error is one thing that is wrong with a template, or that the local stack does
// not serve.
type Error struct {
	File    string
	Line    int // from 1
	Message string
}

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

// addLine drops what was said already: properties from Globals are read once for
// each resource.
func (p *problems) addLine(line int, message string) {
	problem := &Error{File: p.file, Line: line, Message: message}
	if !slices.ContainsFunc(p.found, func(e *Error) bool { return *e == *problem }) {
		p.found = append(p.found, problem)
	}
}

func (p *problems) join() error {
	slices.SortFunc(p.found, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Message, b.Message))
	})
	all := make([]error, len(p.found))
	for i, problem := range p.found {
		all[i] = problem
	}
	return errors.Join(all...)
}
