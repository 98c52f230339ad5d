package expression

import (
	"slices"

	"delfos/infra/local/dynamodb/attribute"
)

var (
	errMissingAttribute = invalid("The provided expression refers to an attribute that does not exist in the item")
	errOperandType      = invalid("An operand in the update expression has an incorrect data type")
	errInvalidPath      = invalid("The document path provided in the update expression is invalid for update")
)

// updateOperand is what SET works on; it is evaluated against the item as it was
// before the update.
type updateOperand interface {
	evaluate(item attribute.Map) (attribute.Value, error)
}

type (
	literalOperand struct{ value attribute.Value }
	pathOperand    struct{ path Path }
	ifNotExists    struct {
		path     Path
		fallback updateOperand
	}
	listAppend struct{ first, second updateOperand }
	arithmetic struct {
		operator    string
		left, right updateOperand
	}
)

func (o literalOperand) evaluate(attribute.Map) (attribute.Value, error) { return o.value, nil }

func (o pathOperand) evaluate(item attribute.Map) (attribute.Value, error) {
	if value := o.path.find(item); value != nil {
		return value, nil
	}
	return nil, errMissingAttribute
}

func (o ifNotExists) evaluate(item attribute.Map) (attribute.Value, error) {
	if value := o.path.find(item); value != nil {
		return value, nil
	}
	return o.fallback.evaluate(item)
}

func (o listAppend) evaluate(item attribute.Map) (attribute.Value, error) {
	first, second, err := evaluatePair[attribute.List](item, o.first, o.second)
	if err != nil {
		return nil, err
	}
	return slices.Concat(first, second), nil
}

func (o arithmetic) evaluate(item attribute.Map) (attribute.Value, error) {
	left, right, err := evaluatePair[attribute.Number](item, o.left, o.right)
	if err != nil {
		return nil, err
	}
	if o.operator == "-" {
		return left.Subtract(right)
	}
	return left.Add(right)
}

// evaluatePair evaluates two operands that must be of type V.
func evaluatePair[V attribute.Value](item attribute.Map, left, right updateOperand) (first, second V, err error) {
	for _, each := range []struct {
		operand updateOperand
		into    *V
	}{{left, &first}, {right, &second}} {
		value, err := each.operand.evaluate(item)
		if err != nil {
			return first, second, err
		}
		typed, ok := value.(V)
		if !ok {
			return first, second, errOperandType
		}
		*each.into = typed
	}
	return first, second, nil
}

// Apply returns the item as the update leaves it; the item given stays as it is.
// Every path and operand refers to the item before the update.
func (u *Update) Apply(item attribute.Map) (attribute.Map, error) {
	values := make([]attribute.Value, len(u.sets))
	for i, set := range u.sets {
		value, err := set.value.evaluate(item)
		if err != nil {
			return nil, err
		}
		values[i] = value
	}
	var updated attribute.Value = item
	edit := func(path Path, change func(attribute.Value) (attribute.Value, error)) error {
		edited, err := editAt(updated, path, change)
		if err == nil {
			updated = edited
		}
		return err
	}
	for _, i := range u.setOrder() {
		if err := edit(u.sets[i].path, func(attribute.Value) (attribute.Value, error) { return values[i], nil }); err != nil {
			return nil, err
		}
	}
	if err := u.editOthers(edit); err != nil {
		return nil, err
	}
	result, ok := closeRanks(updated).(attribute.Map)
	if !ok {
		panic("expression: an update made something else of an item")
	}
	return result, nil
}

func (u *Update) editOthers(edit func(Path, func(attribute.Value) (attribute.Value, error)) error) error {
	for _, operation := range u.additions {
		if err := edit(operation.path, operation.add); err != nil {
			return err
		}
	}
	for _, operation := range u.deletions {
		if err := edit(operation.path, operation.delete); err != nil {
			return err
		}
	}
	for _, path := range u.removes {
		if err := edit(path, func(attribute.Value) (attribute.Value, error) { return removed{}, nil }); err != nil {
			return err
		}
	}
	return nil
}

// setOrder puts assignments to elements of lists in the order of their indexes:
// those beyond a list's end are appended in that order.
func (u *Update) setOrder() []int {
	order := make([]int, len(u.sets))
	for i := range order {
		order[i] = i
	}
	last := func(i int) Step { path := u.sets[i].path; return path[len(path)-1] }
	slices.SortStableFunc(order, func(a, b int) int { return last(a).Index - last(b).Index })
	return order
}

func (o setOperation) add(old attribute.Value) (attribute.Value, error) {
	switch operand := o.value.(type) {
	case attribute.Number:
		if old == nil {
			return operand, nil
		}
		if number, ok := old.(attribute.Number); ok {
			return number.Add(operand)
		}
	case attribute.Set:
		if old == nil {
			return operand, nil
		}
		if set, ok := old.(attribute.Set); ok && set.Type() == operand.Type() {
			return set.Union(operand), nil
		}
	}
	return nil, errOperandType
}

func (o setOperation) delete(old attribute.Value) (attribute.Value, error) {
	if old == nil {
		return removed{}, nil
	}
	set, ok := old.(attribute.Set)
	operand, isSet := o.value.(attribute.Set)
	if !ok || !isSet || set.Type() != operand.Type() {
		return nil, errOperandType
	}
	rest := set.Minus(operand)
	if rest.Len() == 0 {
		return removed{}, nil
	}
	return rest, nil
}
