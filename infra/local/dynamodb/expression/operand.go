package expression

import "delfos/infra/local/dynamodb/attribute"

// operand is what a comparison or a function of a condition works on.
type operand interface {
	// evaluate returns nil where the item has no such value.
	evaluate(item attribute.Map) attribute.Value
}

func (p Path) evaluate(item attribute.Map) attribute.Value { return p.find(item) }

// literal is a :value. The value is nil where the placeholder is not defined,
// which the parser has noted.
type literal struct{ value attribute.Value }

func (l literal) evaluate(attribute.Map) attribute.Value { return l.value }

// sizeOf is the function size().
type sizeOf struct{ of operand }

func (s sizeOf) evaluate(item attribute.Map) attribute.Value {
	length, ok := attribute.Length(s.of.evaluate(item))
	if !ok {
		return nil
	}
	return attribute.NumberFromInt(length)
}

// literalType is the type of an operand that is known before any item is: that of
// a :value.
func literalType(o operand) (attribute.Type, bool) {
	l, ok := o.(literal)
	if !ok || l.value == nil {
		return "", false
	}
	return l.value.Type(), true
}
