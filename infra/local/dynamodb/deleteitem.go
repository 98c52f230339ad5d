package dynamodb

import "delfos/infra/local/dynamodb/attribute"

type deleteItemRequest struct {
	writeParameters
	Key attribute.Map
}

func (s *Server) deleteItem(request deleteItemRequest) (writeAnswer, error) {
	var c constraints
	c.required("key", request.Key != nil)
	if err := request.validate(&c, "ALL_OLD", "NONE"); err != nil {
		return writeAnswer{}, err
	}
	scope, err := request.scope(expressionParameter{"ConditionExpression", request.ConditionExpression})
	if err != nil {
		return writeAnswer{}, err
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
	if err := t.primary.keys.checkKey(request.Key); err != nil {
		return writeAnswer{}, err
	}
	if err := t.checkPaths(condition.paths()); err != nil {
		return writeAnswer{}, err
	}
	old, _, err := t.change(request.Key, func(old attribute.Map) (attribute.Map, error) {
		return nil, condition.check(old)
	})
	if err != nil {
		return writeAnswer{}, err
	}
	return request.answerOld(t, old, nil), nil
}
