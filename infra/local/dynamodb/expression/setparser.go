package expression

import (
	"delfos/infra/local/dynamodb/attribute"
)

// expression reads what SET assigns: an operand, or two with + or - between them.
func (u *updateParser) expression() (updateOperand, error) {
	if u.peek().is("(") && u.closesAtClauseEnd() {
		u.at++
		inner, err := u.expression()
		if err != nil {
			return nil, err
		}
		return inner, u.expectPunctuation(")")
	}
	left, err := u.operand()
	if err != nil {
		return nil, err
	}
	operator := u.peek()
	if !operator.is("+") && !operator.is("-") {
		return left, nil
	}
	u.at++
	right, err := u.operand()
	u.checkLiterals(operator.text, attribute.TypeNumber, left, right)
	return arithmetic{operator.text, left, right}, err
}

// closesAtClauseEnd tells whether the parenthesis here encloses all that is
// assigned, as in SET a = (b + :c), and not its first operand alone.
func (u *updateParser) closesAtClauseEnd() bool {
	depth := 0
	for i := u.at; i < len(u.tokens); i++ {
		switch next := u.tokens[i]; {
		case next.is("("):
			depth++
		case next.is(")"):
			if depth--; depth == 0 {
				after := u.tokens[i+1]
				return !after.is("+") && !after.is("-")
			}
		}
	}
	return true
}

func (u *updateParser) operand() (updateOperand, error) {
	next := u.peek()
	switch {
	case next.is("("):
		u.at++
		inner, err := u.operand()
		if err != nil {
			return nil, err
		}
		return inner, u.expectPunctuation(")")
	case next.kind == valueToken:
		value, err := u.value()
		return literalOperand{value}, err
	case next.kind == wordToken && u.peekSecond().is("("):
		u.at++
		return u.call(next.text)
	default:
		path, err := u.path()
		return pathOperand{path}, err
	}
}

func (u *updateParser) call(name string) (updateOperand, error) {
	arguments, err := u.arguments()
	if err != nil {
		return nil, err
	}
	if name != "if_not_exists" && name != "list_append" {
		u.fail("Invalid function name; function: %s", name)
		return literalOperand{}, nil
	}
	if len(arguments) != 2 {
		u.fail("Incorrect number of operands for operator or function; operator or function: %s, number of operands: %d", name, len(arguments))
		return literalOperand{}, nil
	}
	if name == "list_append" {
		u.checkLiterals(name, attribute.TypeList, arguments...)
		return listAppend{arguments[0], arguments[1]}, nil
	}
	path, ok := arguments[0].(pathOperand)
	if !ok {
		u.fail("Operator or function requires a document path; operator or function: %s", name)
	}
	return ifNotExists{path.path, arguments[1]}, nil
}

func (u *updateParser) arguments() ([]updateOperand, error) {
	u.at++
	var list []updateOperand
	for {
		argument, err := u.operand()
		if err != nil {
			return nil, err
		}
		list = append(list, argument)
		if !u.acceptPunctuation(",") {
			return list, u.expectPunctuation(")")
		}
	}
}

func (u *updateParser) checkLiterals(operator string, allowed attribute.Type, operands ...updateOperand) {
	for _, o := range operands {
		if l, ok := o.(literalOperand); ok && l.value != nil && l.value.Type() != allowed {
			u.wrongOperand(operator, l.value.Type())
		}
	}
}
