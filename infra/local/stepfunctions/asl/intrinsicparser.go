package asl

import (
	"errors"
	"fmt"
	"strings"
)

// maxFunctions is how many intrinsic functions a field can hold ("you can nest up to 10
// intrinsic functions within a field"; the Developer Guide counts all there are in it).
const maxFunctions = 10

// parseCall parses a whole text as an intrinsic function.
func parseCall(text string) (*call, error) {
	p := callParser{pathParser: pathParser{text: text}}
	c, err := p.call()
	if err != nil {
		return nil, err
	}
	if p.at < len(text) {
		return nil, p.unexpected()
	}
	return c, nil
}

type callParser struct {
	pathParser
	functions int
}

func (p *callParser) call() (*call, error) {
	start := p.at
	p.accept("States.")
	length := strings.IndexByte(p.text[p.at:], '(')
	if length < 0 {
		return nil, errors.New("the brackets of an intrinsic function are missing")
	}
	name := strings.TrimRight(p.text[p.at:p.at+length], " ")
	p.at += length + 1
	called, ok := functions[name]
	if !ok {
		return nil, fmt.Errorf("there is no intrinsic function States.%s", name)
	}
	if p.functions++; p.functions > maxFunctions {
		return nil, fmt.Errorf("a field has at most %d intrinsic functions", maxFunctions)
	}
	c := &call{name: name, function: called}
	if err := p.arguments(c, name); err != nil {
		return nil, err
	}
	c.text = p.text[start:p.at]
	return c, nil
}

// arguments reads up to the closing bracket.
func (p *callParser) arguments(c *call, name string) error {
	for p.space(); !p.accept(")"); p.space() {
		if len(c.arguments) > 0 {
			if !p.accept(",") {
				return p.unexpected()
			}
			p.space()
		}
		// The template of Format keeps its escapes: \{ is no place for an argument.
		next, err := p.argument(name == "Format" && len(c.arguments) == 0)
		if err != nil {
			return err
		}
		c.arguments = append(c.arguments, next)
	}
	if got := len(c.arguments); got < c.function.least || c.function.most >= 0 && got > c.function.most {
		return fmt.Errorf("the function States.%s takes %s, not %d", name, c.function.takes(), got)
	}
	return nil
}

// takes says how many arguments there may be.
func (f function) takes() string {
	switch {
	case f.most < 0:
		return fmt.Sprintf("at least %d arguments", f.least)
	case f.least != f.most:
		return fmt.Sprintf("%d or %d arguments", f.least, f.most)
	default:
		return fmt.Sprintf("%d arguments", f.least)
	}
}

func (p *callParser) argument(isTemplate bool) (argument, error) {
	switch next := p.peek(); {
	case next == '$':
		q, err := p.query()
		return argument{query: q}, err
	case next == '\'':
		raw, err := p.literal()
		switch {
		case err != nil:
			return argument{}, err
		case isTemplate:
			return argument{literal: formatLiteral(raw)}, nil
		}
		return argument{literal: unescape(raw)}, nil
	case next == '-' || isDigit(next):
		n, err := p.number()
		return argument{literal: n}, err
	case strings.HasPrefix(p.text[p.at:], "States."):
		c, err := p.call()
		return argument{call: c}, err
	}
	switch word := p.word(); word {
	case "true", "false":
		return argument{literal: word == "true"}, nil
	case "null":
		return argument{}, nil
	case "":
		return argument{}, p.unexpected()
	default:
		return argument{}, fmt.Errorf("%q is no argument: a string stands in apostrophes", word)
	}
}

// literal reads a string in apostrophes and returns what is between them, with its
// escapes: \' \{ \} and \\ alone.
func (p *callParser) literal() (string, error) {
	start := p.at + 1
	for i := start; i < len(p.text); i++ {
		switch p.text[i] {
		case '\'':
			p.at = i + 1
			return p.text[start:i], nil
		case '\\':
			if i++; i >= len(p.text) || strings.IndexByte(`'{}\`, p.text[i]) < 0 {
				return "", fmt.Errorf(`the backslash at character %d escapes nothing: write \\ for a backslash`, i)
			}
		}
	}
	return "", fmt.Errorf("the apostrophe at character %d is not closed", start)
}

// unescape takes the backslashes away that escape a character.
func unescape(raw string) string {
	if strings.IndexByte(raw, '\\') < 0 {
		return raw
	}
	var text []byte
	for i := 0; i < len(raw); i++ {
		if raw[i] == '\\' && i+1 < len(raw) {
			i++
		}
		text = append(text, raw[i])
	}
	return string(text)
}
