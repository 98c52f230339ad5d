package expression

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
