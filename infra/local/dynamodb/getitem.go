package dynamodb

import (
	"delfos/infra/local/dynamodb/attribute"
	"delfos/infra/local/dynamodb/expression"
)

type (
	getItemRequest struct {
		TableName                *string
		Key                      attribute.Map
		ConsistentRead           bool
		ProjectionExpression     *string
		ExpressionAttributeNames map[string]string
		ReturnConsumedCapacity   string
	}
	getItemAnswer struct {
		Item             attribute.Map     `json:",omitzero"`
		ConsumedCapacity *consumedCapacity `json:",omitempty"`
	}
)

func (s *Server) getItem(request getItemRequest) (getItemAnswer, error) {
	var c constraints
	c.required("tableName", request.TableName != nil)
	c.required("key", request.Key != nil)
	c.consumedCapacity(request.ReturnConsumedCapacity)
	if err := c.err(); err != nil {
		return getItemAnswer{}, err
	}
	projection, err := parseProjection(request.ProjectionExpression, request.ExpressionAttributeNames)
	if err != nil {
		return getItemAnswer{}, err
	}
	t, err := s.table(request.TableName)
	if err != nil {
		return getItemAnswer{}, err
	}
	found, err := t.read(request.Key, projection)
	if err != nil {
		return getItemAnswer{}, err
	}
	return getItemAnswer{
		Item:             found.selected,
		ConsumedCapacity: t.readCapacity(request.ReturnConsumedCapacity, t.primary, found.bytes, request.ConsistentRead),
	}, nil
}

// parseProjection reads the ProjectionExpression of a request without other
// expressions; nil for none.
func parseProjection(text *string, names map[string]string) (expression.Projection, error) {
	scope, err := expressionAttributes{ExpressionAttributeNames: names}.scope(expressionParameter{"ProjectionExpression", text})
	if err != nil || text == nil {
		return nil, err
	}
	projection, err := scope.Projection(*text)
	if err != nil {
		return nil, err
	}
	return projection, scope.CheckUsed()
}

// readItem is what a read by key gives.
type readItem struct {
	selected attribute.Map // nil for no item
	bytes    int           // of the whole item
}

func (t *table) read(key attribute.Map, projection expression.Projection) (readItem, error) {
	if err := t.primary.keys.checkKey(key); err != nil {
		return readItem{}, err
	}
	if err := t.checkPaths(projection); err != nil {
		return readItem{}, err
	}
	item, err := t.get(key)
	if err != nil || item == nil {
		return readItem{}, err
	}
	bytes := item.Size()
	if projection != nil {
		item = projection.Apply(item)
	}
	return readItem{item, bytes}, nil
}
