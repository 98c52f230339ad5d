package expression

import (
	"fmt"
	"slices"

	"delfos/infra/local/dynamodb/attribute"
)

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
		if !slices.Contains(allowed, operandType) {
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
