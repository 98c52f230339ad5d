package expression

import (
	"fmt"

	"delfos/infra/local/dynamodb/attribute"
)

// maxInOperands is how many values IN compares with (Developer Guide, "Condition
// and filter expressions, operators, and functions").
const maxInOperands = 100

// Condition parses the condition in the named parameter, ConditionExpression or
// FilterExpression.
func (s *Scope) Condition(parameter, source string) (*Condition, error) {
	p, err := newParser(s, parameter, source)
	if err != nil {
		return nil, err
	}
	c := &conditionParser{parser: p}
	root, err := c.condition()
	if err != nil {
		return nil, p.wrap(err)
	}
	if err := p.finish(func() error { return nil }); err != nil {
		return nil, err
	}
	return &Condition{root, c.paths}, nil
}

// conditionParser follows the grammar of the Developer Guide's "Condition and
// filter expressions": OR binds least, then AND, then NOT.
type conditionParser struct {
	*parser
	paths []Path
}

// term is a condition or an operand: behind an opening parenthesis it is only known
// at its end which of them it was.
type term struct {
	condition     node
	operand       operand
	parenthesised bool
}

func (c *conditionParser) condition() (node, error) {
	parsed, err := c.disjunction()
	if err != nil {
		return nil, err
	}
	return c.asCondition(parsed)
}

// asCondition refuses an operand that stands where a condition has to.
func (c *conditionParser) asCondition(t term) (node, error) {
	if t.condition != nil {
		return t.condition, nil
	}
	if _, ok := t.operand.(sizeOf); ok {
		c.fail("The function is not allowed to be used this way in an expression; function: size")
		return negation{}, nil
	}
	return nil, c.syntaxError()
}

func (c *conditionParser) disjunction() (term, error) {
	return c.joined("OR", c.conjunction, func(left, right node) node { return disjunction{left, right} })
}

func (c *conditionParser) conjunction() (term, error) {
	return c.joined("AND", c.negation, func(left, right node) node { return conjunction{left, right} })
}

func (c *conditionParser) joined(keyword string, next func() (term, error), join func(left, right node) node) (term, error) {
	left, err := next()
	if err != nil {
		return term{}, err
	}
	for c.peek().isKeyword(keyword) {
		leftCondition, err := c.asCondition(left)
		if err != nil {
			return term{}, err
		}
		c.at++
		right, err := next()
		if err != nil {
			return term{}, err
		}
		rightCondition, err := c.asCondition(right)
		if err != nil {
			return term{}, err
		}
		left = term{condition: join(leftCondition, rightCondition)}
	}
	return left, nil
}

func (c *conditionParser) negation() (term, error) {
	if !c.acceptKeyword("NOT") {
		return c.predicate()
	}
	negated, err := c.negation()
	if err != nil {
		return term{}, err
	}
	condition, err := c.asCondition(negated)
	return term{condition: negation{condition}}, err
}

// predicate reads one term and, where it is an operand, the comparison behind it.
func (c *conditionParser) predicate() (term, error) {
	left, err := c.term()
	if err != nil {
		return term{}, err
	}
	next := c.peek()
	isComparator := next.kind == punctuationToken && comparators[next.text]
	if !isComparator && !next.isKeyword("BETWEEN") && !next.isKeyword("IN") {
		return left, nil
	}
	value, err := c.asOperand(left)
	if err != nil {
		return term{}, err
	}
	c.at++
	switch {
	case isComparator:
		return c.comparison(next.text, value)
	case next.isKeyword("IN"):
		return c.membership(value)
	default:
		return c.between(value)
	}
}

var comparators = map[string]bool{"=": true, "<>": true, "<": true, "<=": true, ">": true, ">=": true}

// asOperand refuses a condition that stands where an operand has to.
func (c *conditionParser) asOperand(t term) (operand, error) {
	if t.operand != nil {
		return t.operand, nil
	}
	called, ok := t.condition.(function)
	if !ok {
		return nil, c.syntaxError()
	}
	c.fail("The function is not allowed to be used this way in an expression; function: %s", called.name)
	return literal{}, nil
}

// operand reads a term that must be an operand.
func (c *conditionParser) operand() (operand, error) {
	parsed, err := c.term()
	if err != nil {
		return nil, err
	}
	return c.asOperand(parsed)
}

func (c *conditionParser) term() (term, error) {
	next := c.peek()
	switch {
	case next.is("("):
		return c.parentheses()
	case next.kind == valueToken:
		value, err := c.value()
		return term{operand: literal{value}}, err
	case next.kind == wordToken && c.peekSecond().is("("):
		c.at++
		return c.call(next.text)
	default:
		path, err := c.path()
		c.paths = append(c.paths, path)
		return term{operand: path}, err
	}
}

func (c *conditionParser) parentheses() (term, error) {
	c.at++
	inner, err := c.disjunction()
	if err != nil {
		return term{}, err
	}
	if inner.parenthesised {
		c.fail("The expression has redundant parentheses;")
	}
	inner.parenthesised = true
	return inner, c.expectPunctuation(")")
}

func (c *conditionParser) comparison(operator string, left operand) (term, error) {
	right, err := c.operand()
	if err != nil {
		return term{}, err
	}
	c.checkDistinct(operator, left, right)
	if operator != "=" && operator != "<>" {
		c.checkOrdered(operator, left, right)
	}
	return term{condition: comparison{operator, left, right}}, nil
}

func (c *conditionParser) between(value operand) (term, error) {
	low, err := c.operand()
	if err != nil {
		return term{}, err
	}
	if !c.acceptKeyword("AND") {
		return term{}, c.syntaxError()
	}
	high, err := c.operand()
	if err != nil {
		return term{}, err
	}
	c.checkOrdered("BETWEEN", value, low, high)
	c.checkBounds(low, high)
	return term{condition: between{value, low, high}}, nil
}

func (c *conditionParser) membership(value operand) (term, error) {
	if !c.peek().is("(") {
		return term{}, c.syntaxError()
	}
	list, err := c.arguments()
	if len(list) > maxInOperands {
		c.fail("Incorrect number of operands for operator or function; operator or function: IN, number of operands: %d", len(list)+1)
	}
	return term{condition: membership{value, list}}, err
}

// arguments reads a parenthesised list of operands, at least one.
func (c *conditionParser) arguments() ([]operand, error) {
	c.at++
	var list []operand
	for {
		argument, err := c.operand()
		if err != nil {
			return nil, err
		}
		list = append(list, argument)
		if !c.acceptPunctuation(",") {
			return list, c.expectPunctuation(")")
		}
	}
}

func (c *conditionParser) call(name string) (term, error) {
	arguments, err := c.arguments()
	if err != nil {
		return term{}, err
	}
	count, ok := functionOperands[name]
	switch {
	case !ok:
		c.fail("Invalid function name; function: %s", name)
	case len(arguments) != count:
		c.fail("Incorrect number of operands for operator or function; operator or function: %s, number of operands: %d", name, len(arguments))
	default:
		c.checkCall(name, arguments)
	}
	if name == "size" {
		return term{operand: sizeOf{arguments[0]}}, nil
	}
	return term{condition: function{name, arguments}}, nil
}

var functionOperands = map[string]int{
	"attribute_exists": 1, "attribute_not_exists": 1, "attribute_type": 2,
	"begins_with": 2, "contains": 2, "size": 1,
}

func (c *conditionParser) checkCall(name string, arguments []operand) {
	if len(arguments) == 2 {
		c.checkDistinct(name, arguments[0], arguments[1])
	}
	switch name {
	case "attribute_exists", "attribute_not_exists":
		if _, ok := arguments[0].(Path); !ok {
			c.fail("Operator or function requires a document path; operator or function: %s", name)
		}
	case "attribute_type":
		c.checkTypeName(arguments[1])
	case "begins_with":
		c.checkLiterals(name, arguments, attribute.TypeString, attribute.TypeBinary)
	case "size":
		c.checkLiterals(name, arguments,
			attribute.TypeString, attribute.TypeBinary, attribute.TypeStringSet, attribute.TypeNumberSet,
			attribute.TypeBinarySet, attribute.TypeList, attribute.TypeMap)
	}
}

func (c *conditionParser) checkTypeName(argument operand) {
	operandType, ok := literalType(argument)
	if !ok {
		c.wrongOperand("attribute_type", "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}")
		return
	}
	if operandType != attribute.TypeString {
		c.wrongOperand("attribute_type", operandType)
		return
	}
	name := argument.evaluate(nil)
	for _, known := range attribute.Types() {
		if attribute.Equal(name, attribute.String(known)) {
			return
		}
	}
	c.fail("Invalid attribute type name found; type: %s, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}", name)
}

// checkOrdered refuses literals of types that have no order.
func (c *conditionParser) checkOrdered(operator string, operands ...operand) {
	c.checkLiterals(operator, operands, attribute.TypeString, attribute.TypeNumber, attribute.TypeBinary)
}

func (c *conditionParser) checkLiterals(operator string, operands []operand, allowed ...attribute.Type) {
	for _, o := range operands {
		operandType, ok := literalType(o)
		if !ok {
			continue
		}
		found := false
		for _, t := range allowed {
			found = found || t == operandType
		}
		if !found {
			c.wrongOperand(operator, operandType)
		}
	}
}

func (c *conditionParser) checkDistinct(operator string, left, right operand) {
	leftPath, isPath := left.(Path)
	rightPath, alsoPath := right.(Path)
	if isPath && alsoPath && fmt.Sprint(leftPath) == fmt.Sprint(rightPath) {
		c.fail("The first operand must be distinct from the remaining operands for this operator or function; operator: %s, first operand: %v", operator, leftPath)
	}
}

func (c *conditionParser) checkBounds(low, high operand) {
	lowType, lowKnown := literalType(low)
	highType, highKnown := literalType(high)
	if !lowKnown || !highKnown {
		return
	}
	lowValue, highValue := low.evaluate(nil), high.evaluate(nil)
	const operands = "lower bound operand: AttributeValue: %s, upper bound operand: AttributeValue: %s"
	if lowType != highType {
		c.fail("The BETWEEN operator requires same data type for lower and upper bounds; "+operands, attribute.Describe(lowValue), attribute.Describe(highValue))
		return
	}
	if order, ok := attribute.Compare(lowValue, highValue); ok && order > 0 {
		c.fail("The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "+operands, attribute.Describe(lowValue), attribute.Describe(highValue))
	}
}
