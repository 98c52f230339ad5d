package asl

import (
	"errors"
	"fmt"
	"strings"
)

// maxFilterDepth bounds the brackets and negations within a filter.
const maxFilterDepth = 30

// filterStep reads what follows "[?": a condition in brackets.
func (p *pathParser) filterStep() (step, error) {
	if p.filter {
		return step{}, errors.New("a filter within a filter is not supported")
	}
	p.space()
	if p.peek() != '(' {
		return step{}, errors.New("the condition of a filter stands in brackets: [?(@.a == 1)]")
	}
	p.filter = true
	condition, err := p.primary(0)
	p.filter = false
	return step{kind: stepFilter, filter: condition}, err
}

func (p *pathParser) disjunction(depth int) (predicate, error) {
	return p.joined("||", depth, p.conjunction, func(of []predicate) predicate { return filterOr{of} })
}

func (p *pathParser) conjunction(depth int) (predicate, error) {
	return p.joined("&&", depth, p.primary, func(of []predicate) predicate { return filterAnd{of} })
}

// joined reads one or more conditions with the operator between them.
func (p *pathParser) joined(operator string, depth int, one func(int) (predicate, error), join func([]predicate) predicate) (predicate, error) {
	var all []predicate
	for {
		next, err := one(depth)
		if err != nil {
			return nil, err
		}
		all = append(all, next)
		if p.space(); !p.accept(operator) {
			break
		}
	}
	if len(all) == 1 {
		return all[0], nil
	}
	return join(all), nil
}

// primary reads a condition in brackets, a negation, or a comparison.
func (p *pathParser) primary(depth int) (predicate, error) {
	if depth > maxFilterDepth {
		return nil, fmt.Errorf("a filter nests at most %d deep", maxFilterDepth)
	}
	p.space()
	switch {
	case p.accept("!"):
		of, err := p.primary(depth + 1)
		return filterNot{of}, err
	case p.accept("("):
		of, err := p.disjunction(depth + 1)
		if err != nil {
			return nil, err
		}
		if p.space(); !p.accept(")") {
			return nil, p.unexpected()
		}
		return of, nil
	default:
		return p.comparison()
	}
}

func (p *pathParser) comparison() (predicate, error) {
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	p.space()
	for _, operator := range []string{"==", "!=", "<=", ">=", "<", ">"} {
		if !p.accept(operator) {
			continue
		}
		if p.peek() == '=' {
			return nil, fmt.Errorf("the operator %s= is not supported in filters", operator)
		}
		right, err := p.operand()
		return filterCompare{operator, left, right}, err
	}
	if p.accept("=~") {
		pattern, err := p.pattern()
		return filterMatches{left, pattern}, err
	}
	if word := p.word(); word != "" {
		return p.membership(left, word)
	}
	if left.path == nil {
		return nil, errors.New("a literal alone is no condition")
	}
	return filterExists{left}, nil
}

// membership reads the list of "in" and "nin".
func (p *pathParser) membership(value operand, operator string) (predicate, error) {
	if !strings.EqualFold(operator, "in") && !strings.EqualFold(operator, "nin") {
		return nil, fmt.Errorf("the operator %s is not supported in filters", operator)
	}
	if p.space(); !p.accept("[") {
		return nil, p.unexpected()
	}
	condition := filterIn{value: value, not: strings.EqualFold(operator, "nin")}
	for {
		one, err := p.operand()
		switch {
		case err != nil:
			return nil, err
		case one.path != nil:
			return nil, errors.New("a path within the list of in and nin is not supported")
		}
		condition.list = append(condition.list, one.literal)
		if p.space(); !p.accept(",") {
			break
		}
	}
	if !p.accept("]") {
		return nil, p.unexpected()
	}
	return condition, nil
}
