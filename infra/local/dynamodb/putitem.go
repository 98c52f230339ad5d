package dynamodb

import "delfos/infra/local/dynamodb/attribute"

type putItemRequest struct {
	writeParameters
	Item attribute.Map
}

func (s *Server) putItem(request putItemRequest) (writeAnswer, error) {
	var c constraints
	c.required("item", request.Item != nil)
	if err := request.validate(&c, "ALL_OLD", "NONE"); err != nil {
		return writeAnswer{}, err
	}
	scope, err := request.scope(expressionParameter{"ConditionExpression", request.ConditionExpression})
	if err != nil {
		return writeAnswer{}, err
	}
	if request.Item.Size() > maxItemBytes {
		return writeAnswer{}, errItemSize()
	}
	condition, err := request.condition(scope)
	if err != nil {
		return writeAnswer{}, err
	}
	if err := scope.CheckUsed(); err != nil {
		return writeAnswer{}, err
	}
	t, err := s.table(request.TableName)
	if err != nil {
		return writeAnswer{}, err
	}
	if err := t.checkItem(request.Item); err != nil {
		return writeAnswer{}, err
	}
	if err := t.checkPaths(condition.paths()); err != nil {
		return writeAnswer{}, err
	}
	old, updated, err := t.change(request.Item, func(old attribute.Map) (attribute.Map, error) {
		return request.Item, condition.check(old)
	})
	if err != nil {
		return writeAnswer{}, err
	}
	return request.answerOld(t, old, updated), nil
}

func errItemSize() error { return invalid("Item size has exceeded the maximum allowed size") }

// answerOld answers a write that can return ALL_OLD or NONE.
func (p *writeParameters) answerOld(t *table, old, updated attribute.Map) writeAnswer {
	answer := writeAnswer{ConsumedCapacity: t.writeCapacity(p.ReturnConsumedCapacity, old, updated)}
	if p.ReturnValues == "ALL_OLD" {
		answer.Attributes = old
	}
	return answer
}
