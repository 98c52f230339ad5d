package expression

import (
	"fmt"
	"strconv"
	"strings"

	"delfos/infra/local/dynamodb/attribute"
)

// parser walks the tokens of one expression. A syntax error ends the walk; of
// errors in meaning it keeps the first, since DynamoDB reports syntax before them.
type parser struct {
	scope     *Scope
	parameter string // "ConditionExpression"
	source    string
	tokens    []token
	at        int
	fault     error
}

func newParser(scope *Scope, parameter, source string) (*parser, error) {
	p := &parser{scope: scope, parameter: parameter, source: source}
	if strings.TrimSpace(source) == "" {
		return nil, p.wrap(fmt.Errorf("The expression can not be empty;")) //nolint:staticcheck // DynamoDB's words
	}
	if len(source) > maxBytes {
		return nil, p.wrap(fmt.Errorf("Expression size has exceeded the maximum allowed size; expression size: %d", len(source))) //nolint:staticcheck // DynamoDB's words
	}
	tokens, err := tokenize(source)
	if err != nil {
		return nil, p.wrap(err)
	}
	p.tokens = tokens
	return p, nil
}

func (p *parser) wrap(err error) error {
	return invalid("Invalid %s: %v", p.parameter, err)
}

// finish demands the end of the source, then reports the first error in meaning.
func (p *parser) finish(check func() error) error {
	if p.peek().kind != endToken {
		return p.wrap(p.syntaxError())
	}
	if p.fault == nil {
		p.fault = check()
	}
	if p.fault != nil {
		return p.wrap(p.fault)
	}
	return nil
}

func (p *parser) fail(format string, args ...any) {
	if p.fault == nil {
		p.fault = fmt.Errorf(format, args...)
	}
}

func (p *parser) syntaxError() error { return syntaxError(p.source, p.tokens, p.at) }

func (p *parser) peek() token { return p.tokens[p.at] }

// peekSecond looks one further; at the end it stays there.
func (p *parser) peekSecond() token { return p.tokens[min(p.at+1, len(p.tokens)-1)] }

func (p *parser) acceptPunctuation(text string) bool {
	if !p.peek().is(text) {
		return false
	}
	p.at++
	return true
}

func (p *parser) acceptKeyword(word string) bool {
	if !p.peek().isKeyword(word) {
		return false
	}
	p.at++
	return true
}

func (p *parser) expectPunctuation(text string) error {
	if !p.acceptPunctuation(text) {
		return p.syntaxError()
	}
	return nil
}

func (p *parser) path() (Path, error) {
	name, err := p.pathName()
	if err != nil {
		return nil, err
	}
	path := Path{{Name: name}}
	for {
		switch {
		case p.acceptPunctuation("."):
			name, err := p.pathName()
			if err != nil {
				return nil, err
			}
			path = append(path, Step{Name: name})
		case p.acceptPunctuation("["):
			index, err := p.pathIndex()
			if err != nil {
				return nil, err
			}
			path = append(path, Step{Index: index, List: true})
		default:
			return path, nil
		}
	}
}

func (p *parser) pathName() (string, error) {
	next := p.peek()
	switch next.kind {
	case wordToken:
		if isReserved(next.text) {
			p.fail("Attribute name is a reserved keyword; reserved keyword: %s", next.text)
		}
		p.at++
		return next.text, nil
	case nameToken:
		p.at++
		name, err := p.scope.name(next.text)
		if err != nil {
			p.fail("%w", err)
		}
		return name, nil
	default:
		return "", p.syntaxError()
	}
}

func (p *parser) pathIndex() (int, error) {
	if p.peek().kind != indexToken {
		return 0, p.syntaxError()
	}
	index, err := strconv.Atoi(p.peek().text)
	if err != nil {
		p.fail("List index is not within the allowable range; index: [%s]", p.peek().text)
	}
	p.at++
	return index, p.expectPunctuation("]")
}

// value reads a :placeholder.
func (p *parser) value() (attribute.Value, error) {
	next := p.peek()
	if next.kind != valueToken {
		return nil, p.syntaxError()
	}
	p.at++
	value, err := p.scope.value(next.text)
	if err != nil {
		p.fail("%w", err)
	}
	return value, nil
}

// wrongOperand notes an operand of a type that the operator or function does not take.
func (p *parser) wrongOperand(operator string, operandType attribute.Type) {
	p.fail("Incorrect operand type for operator or function; operator or function: %s, operand type: %s", operator, operandType)
}
