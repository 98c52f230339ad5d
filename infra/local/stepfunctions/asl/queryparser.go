package asl

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxSteps bounds a path's length, and with it the depth of its evaluation.
const maxSteps = 200

// parseQuery parses a whole text as a JSONPath.
func parseQuery(text string) (*query, error) {
	p := pathParser{text: text}
	q, err := p.query()
	if err != nil {
		return nil, err
	}
	if p.at < len(text) {
		return nil, p.unexpected()
	}
	return q, nil
}

// pathParser reads a JSONPath, which ends where no step follows. Its grammar is Jayway's
// JsonPath without what Step Functions does not document: functions, steps in slices,
// script expressions, and the operators of filters beyond comparisons.
type pathParser struct {
	text   string
	at     int
	filter bool // in a filter, where a name ends at an operator
}

func (p *pathParser) query() (*query, error) {
	start := p.at
	q := &query{definite: true, plain: true}
	switch {
	case p.accept("$$"):
		q.root = rootContext
	case p.accept("$"):
		if q.variable = p.variable(); q.variable != "" {
			q.root = rootVariable
		}
	default:
		return nil, errors.New("a path begins with $")
	}
	if err := p.steps(q); err != nil {
		return nil, err
	}
	q.text = p.text[start:p.at]
	return q, nil
}

// steps reads all the steps that follow.
func (p *pathParser) steps(q *query) error {
	for p.at < len(p.text) {
		next := len(q.steps)
		var err error
		switch {
		case p.accept(".."):
			q.steps = append(q.steps, step{kind: stepDescend})
			err = p.afterDescent(q)
		case p.accept("."):
			err = p.afterDot(q)
		case p.accept("["):
			err = p.bracket(q)
		default:
			return nil
		}
		if err != nil {
			return err
		}
		if len(q.steps) > maxSteps {
			return fmt.Errorf("a path has at most %d steps", maxSteps)
		}
		if next > 0 && q.steps[next-1].kind == stepMembers {
			// As Jayway says it.
			return fmt.Errorf("Multi properties can only be used as path leafs: %s", &q.steps[next-1]) //nolint:staticcheck // AWS's words
		}
		for i := next; i < len(q.steps); i++ {
			q.definite = q.definite && q.steps[i].definite()
		}
	}
	return nil
}

func (p *pathParser) afterDescent(q *query) error {
	if p.accept("[") {
		return p.bracket(q)
	}
	return p.name(q)
}

func (p *pathParser) afterDot(q *query) error {
	if p.accept("[") {
		return p.bracket(q)
	}
	return p.name(q)
}

// name reads a name without quotes, or *. A backslash takes the next character as it is
// (specification, "Reference Paths").
func (p *pathParser) name(q *query) error {
	if p.accept("*") {
		q.steps = append(q.steps, step{kind: stepAll})
		return nil
	}
	var name strings.Builder
	for p.at < len(p.text) {
		r, size := utf8.DecodeRuneInString(p.text[p.at:])
		if r == '\\' && p.at+size < len(p.text) {
			p.at += size
			_, size = utf8.DecodeRuneInString(p.text[p.at:])
		} else {
			if p.endsName(r) {
				break
			}
			q.plain = q.plain && !strings.ContainsRune("@:?", r)
		}
		name.WriteString(p.text[p.at : p.at+size])
		p.at += size
	}
	switch {
	case name.Len() == 0:
		return fmt.Errorf("a name is missing at character %d", p.at+1)
	case p.peek() == '(':
		return fmt.Errorf("the function %s() is not supported in paths; there are intrinsic functions, such as States.ArrayLength", &name)
	}
	q.steps = append(q.steps, step{kind: stepChild, name: name.String()})
	return nil
}

// endsName tells whether a name without quotes ends before the character.
func (p *pathParser) endsName(r rune) bool {
	if strings.ContainsRune(`.[](),'"*\`, r) || unicode.IsSpace(r) || unicode.IsControl(r) {
		return true
	}
	return p.filter && strings.ContainsRune("=!<>&|~", r)
}

// variable reads the name of a variable after its $; it is "" where none follows.
func (p *pathParser) variable() string {
	length := variableLength(p.text[p.at:])
	name := p.text[p.at : p.at+length]
	p.at += length
	return name
}

// variableLength is the length in bytes of the variable's name that the text begins with: a
// Unicode identifier (Developer Guide, "Passing data between states with variables").
func variableLength(text string) int {
	for i, r := range text {
		if r == '_' || unicode.IsLetter(r) || i > 0 && (unicode.IsDigit(r) || unicode.Is(unicode.Mn, r)) {
			continue
		}
		return i
	}
	return len(text)
}

func (p *pathParser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *pathParser) accept(token string) bool {
	if !strings.HasPrefix(p.text[p.at:], token) {
		return false
	}
	p.at += len(token)
	return true
}

func (p *pathParser) space() {
	for slices.Contains([]byte(" \t\r\n"), p.peek()) {
		p.at++
	}
}

func (p *pathParser) unexpected() error {
	if p.at >= len(p.text) {
		return errors.New("it ends too early")
	}
	r, _ := utf8.DecodeRuneInString(p.text[p.at:])
	return fmt.Errorf("%q is unexpected at character %d", r, p.at+1)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
