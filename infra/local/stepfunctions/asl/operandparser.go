package asl

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// operand reads a literal or a path of a filter.
func (p *pathParser) operand() (operand, error) {
	p.space()
	switch next := p.peek(); {
	case next == '@' || next == '$':
		return p.operandPath()
	case next == '\'' || next == '"':
		text, err := p.quoted()
		return operand{literal: text}, err
	case next == '-' || isDigit(next):
		n, err := p.number()
		return operand{literal: n}, err
	}
	switch word := p.word(); word {
	case "true", "false":
		return operand{literal: word == "true"}, nil
	case "null":
		return operand{}, nil
	case "":
		return operand{}, p.unexpected()
	default:
		return operand{}, fmt.Errorf("%q is no value", word)
	}
}

func (p *pathParser) operandPath() (operand, error) {
	q := &query{definite: true, root: rootNode}
	if p.peek() == '$' {
		q.root = rootInput
	}
	p.at++
	if err := p.steps(q); err != nil {
		return operand{}, err
	}
	if !q.definite {
		return operand{}, errors.New("a path within a filter that can select several places is not supported")
	}
	return operand{path: q}, nil
}

// number reads a JSON number.
func (p *pathParser) number() (json.Number, error) {
	start := p.at
	for p.at < len(p.text) && strings.IndexByte("+-.eE0123456789", p.text[p.at]) >= 0 {
		p.at++
	}
	text := p.text[start:p.at]
	if !json.Valid([]byte(text)) {
		return "", fmt.Errorf("%q is no number", text)
	}
	return json.Number(text), nil
}

// word reads ASCII letters.
func (p *pathParser) word() string {
	start := p.at
	for c := p.peek() | 0x20; 'a' <= c && c <= 'z'; c = p.peek() | 0x20 {
		p.at++
	}
	return p.text[start:p.at]
}

// pattern reads a regular expression, /…/ with i as its only flag. Go's expressions
// are Java's but for backreferences and lookaround, which are refused.
func (p *pathParser) pattern() (*regexp.Regexp, error) {
	if p.space(); !p.accept("/") {
		return nil, p.unexpected()
	}
	start := p.at
	for p.at < len(p.text) && p.text[p.at] != '/' {
		if p.text[p.at] == '\\' {
			p.at++
		}
		p.at++
	}
	if p.at >= len(p.text) {
		return nil, errors.New("the regular expression is not closed")
	}
	source := p.text[start:p.at]
	p.at++
	flags := ""
	if p.accept("i") {
		flags = "(?i)"
	}
	pattern, err := regexp.Compile(flags + `\A(?:` + source + `)\z`)
	if err != nil {
		return nil, fmt.Errorf("the regular expression /%s/: %w", source, err)
	}
	return pattern, nil
}
