package dynamodb

import (
	"delfos/infra/local/dynamodb/attribute"
	"delfos/infra/local/dynamodb/expression"
)

type updateItemRequest struct {
	writeParameters
	Key              attribute.Map
	UpdateExpression *string
}

func (s *Server) updateItem(request updateItemRequest) (writeAnswer, error) {
	var c constraints
	c.required("key", request.Key != nil)
	if err := request.validate(&c, "ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"); err != nil {
		return writeAnswer{}, err
	}
	update, condition, err := request.parse()
	if err != nil {
		return writeAnswer{}, err
	}
	t, err := s.table(request.TableName)
	if err != nil {
		return writeAnswer{}, err
	}
	if err := t.primary.keys.checkKey(request.Key); err != nil {
		return writeAnswer{}, err
	}
	if err := t.checkUpdatedPaths(update.Paths()); err != nil {
		return writeAnswer{}, err
	}
	if err := t.checkPaths(condition.paths()); err != nil {
		return writeAnswer{}, err
	}
	old, updated, err := t.change(request.Key, func(old attribute.Map) (attribute.Map, error) {
		if err := condition.check(old); err != nil {
			return nil, err
		}
		return t.applyUpdate(update, request.Key, old)
	})
	if err != nil {
		return writeAnswer{}, err
	}
	return writeAnswer{
		Attributes:       updateAttributes(request.ReturnValues, update.Paths(), old, updated),
		ConsumedCapacity: t.writeCapacity(request.ReturnConsumedCapacity, old, updated),
	}, nil
}

// parse reads the expressions; without an UpdateExpression the update changes
// nothing, but makes the item where there is none.
func (r *updateItemRequest) parse() (*expression.Update, condition, error) {
	scope, err := r.scope(
		expressionParameter{"UpdateExpression", r.UpdateExpression},
		expressionParameter{"ConditionExpression", r.ConditionExpression})
	if err != nil {
		return nil, condition{}, err
	}
	update := &expression.Update{}
	if r.UpdateExpression != nil {
		if update, err = scope.Update(*r.UpdateExpression); err != nil {
			return nil, condition{}, err
		}
	}
	parsed, err := r.condition(scope)
	if err != nil {
		return nil, condition{}, err
	}
	return update, parsed, scope.CheckUsed()
}

func (t *table) checkUpdatedPaths(paths expression.Projection) error {
	for _, path := range paths {
		if t.primary.keys.has(path.Attribute()) {
			return invalid("One or more parameter values were invalid: Cannot update attribute %s. This attribute is part of the key", path.Attribute())
		}
	}
	return t.checkPaths(paths)
}

func (t *table) applyUpdate(update *expression.Update, key, old attribute.Map) (attribute.Map, error) {
	if old == nil {
		old = key
	}
	updated, err := update.Apply(old)
	if err != nil {
		return nil, err
	}
	if updated.Size() > maxItemBytes {
		return nil, invalid("Item size to update has exceeded the maximum allowed size")
	}
	return updated, t.checkItem(updated)
}

func updateAttributes(returnValues string, paths expression.Projection, old, updated attribute.Map) attribute.Map {
	switch returnValues {
	case "ALL_OLD":
		return old
	case "ALL_NEW":
		return updated
	case "UPDATED_OLD":
		return paths.Apply(old)
	case "UPDATED_NEW":
		return paths.Apply(updated)
	default:
		return nil
	}
}
