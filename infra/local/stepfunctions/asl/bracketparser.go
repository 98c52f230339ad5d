package asl

import (
	"errors"
	"fmt"
	"strconv"
)

// bracket reads what follows a "[".
func (p *pathParser) bracket(q *query) error {
	p.space()
	var s step
	var err error
	switch next := p.peek(); {
	case next == '*':
		p.at++
		s.kind = stepAll
	case next == '?':
		p.at++
		s, err = p.filterStep()
	case next == '\'' || next == '"':
		s, err = p.names()
	case next == '-' || next == ':' || isDigit(next):
		s, err = p.indexes()
	case next == '(':
		err = errors.New("scripts, [(…)], are not supported in paths")
	default:
		err = p.unexpected()
	}
	if err != nil {
		return err
	}
	p.space()
	if !p.accept("]") {
		return p.unexpected()
	}
	q.steps = append(q.steps, s)
	return nil
}

// names reads 'a' or 'a', 'b'.
func (p *pathParser) names() (step, error) {
	s := step{kind: stepMembers}
	for {
		p.space()
		name, err := p.quoted()
		if err != nil {
			return s, err
		}
		s.names = append(s.names, name)
		if p.space(); !p.accept(",") {
			break
		}
	}
	if len(s.names) == 1 {
		return step{kind: stepChild, name: s.names[0]}, nil
	}
	return s, nil
}

// indexes reads 0, or 0, 2, or a slice.
func (p *pathParser) indexes() (step, error) {
	s := step{kind: stepIndexes}
	for {
		p.space()
		if p.peek() == ':' && len(s.indexes) == 0 {
			return p.slice(nil)
		}
		i, err := p.index()
		if err != nil {
			return s, err
		}
		if p.space(); p.peek() == ':' && len(s.indexes) == 0 {
			return p.slice(&i)
		}
		s.indexes = append(s.indexes, i)
		if !p.accept(",") {
			break
		}
	}
	if len(s.indexes) == 1 {
		return step{kind: stepIndex, index: s.indexes[0]}, nil
	}
	return s, nil
}

func (p *pathParser) slice(from *int) (step, error) {
	s := step{kind: stepSlice, bounds: [2]*int{from, nil}}
	p.accept(":")
	p.space()
	if next := p.peek(); next == '-' || isDigit(next) {
		to, err := p.index()
		if err != nil {
			return s, err
		}
		s.bounds[1] = &to
		p.space()
	}
	switch {
	case p.peek() == ':':
		return s, errors.New("the step of a slice, [from:to:step], is not supported")
	case s.bounds[0] == nil && s.bounds[1] == nil:
		return s, errors.New("a slice has a beginning or an end")
	}
	return s, nil
}

func (p *pathParser) index() (int, error) {
	start := p.at
	p.accept("-")
	for isDigit(p.peek()) {
		p.at++
	}
	i, err := strconv.ParseInt(p.text[start:p.at], 10, 32)
	if err != nil {
		return 0, fmt.Errorf("%q is no index", p.text[start:p.at])
	}
	return int(i), nil
}

// quoted reads a name in quotes of either kind. A backslash escapes that quote and itself,
// and else is a backslash, as is recorded.
func (p *pathParser) quoted() (string, error) {
	quote := p.peek()
	if quote != '\'' && quote != '"' {
		return "", p.unexpected()
	}
	var text []byte
	for i := p.at + 1; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == quote:
			p.at = i + 1
			return string(text), nil
		case c == '\\' && i+1 < len(p.text) && (p.text[i+1] == quote || p.text[i+1] == '\\'):
			i++
			text = append(text, p.text[i])
		default:
			text = append(text, c)
		}
	}
	return "", fmt.Errorf("the quote at character %d is not closed", p.at+1)
}
