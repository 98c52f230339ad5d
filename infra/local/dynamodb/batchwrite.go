package dynamodb

import (
	"maps"
	"slices"

	"delfos/infra/local/dynamodb/attribute"
)

type (
	writeRequest struct {
		PutRequest    *struct{ Item attribute.Map }
		DeleteRequest *struct{ Key attribute.Map }
	}
	batchWriteItemRequest struct {
		RequestItems                map[string][]writeRequest
		ReturnConsumedCapacity      string
		ReturnItemCollectionMetrics string
	}
	batchWriteItemAnswer struct {
		UnprocessedItems map[string][]writeRequest
		ConsumedCapacity []*consumedCapacity `json:",omitempty"`
	}
)

// batchWriteItem checks every request before it carries out the first.
func (s *Server) batchWriteItem(request batchWriteItemRequest) (batchWriteItemAnswer, error) {
	if err := request.validate(); err != nil {
		return batchWriteItemAnswer{}, err
	}
	names := slices.Sorted(maps.Keys(request.RequestItems))
	tables := map[string]*table{}
	for _, name := range names {
		t, err := s.table(&name)
		if err != nil {
			return batchWriteItemAnswer{}, err
		}
		if err := t.checkBatchWrites(request.RequestItems[name]); err != nil {
			return batchWriteItemAnswer{}, err
		}
		tables[name] = t
	}
	answer := batchWriteItemAnswer{UnprocessedItems: map[string][]writeRequest{}}
	for _, name := range names {
		consumed, err := tables[name].writeBatch(request.RequestItems[name], request.ReturnConsumedCapacity)
		if err != nil {
			return batchWriteItemAnswer{}, err
		}
		if consumed != nil {
			answer.ConsumedCapacity = append(answer.ConsumedCapacity, consumed)
		}
	}
	return answer, nil
}

func (r *batchWriteItemRequest) validate() error {
	var c constraints
	c.consumedCapacity(r.ReturnConsumedCapacity)
	c.oneOf("returnItemCollectionMetrics", r.ReturnItemCollectionMetrics, "SIZE", "NONE")
	c.required("requestItems", r.RequestItems != nil)
	if r.RequestItems != nil {
		c.length("requestItems", len(r.RequestItems), 1, maxBatchWrites)
	}
	total := 0
	for name, writes := range r.RequestItems {
		c.length("requestItems."+name+".member", len(writes), 1, maxBatchWrites)
		total += len(writes)
	}
	if err := c.err(); err != nil {
		return err
	}
	if total > maxBatchWrites {
		return invalid("Too many items requested for the BatchWriteItem call")
	}
	if r.ReturnItemCollectionMetrics == "SIZE" {
		return invalid("ReturnItemCollectionMetrics: the local DynamoDB does not implement SIZE")
	}
	return nil
}

func (t *table) checkBatchWrites(writes []writeRequest) error {
	keys := make([]attribute.Map, len(writes))
	for i, w := range writes {
		if (w.PutRequest == nil) == (w.DeleteRequest == nil) {
			return invalid("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
		}
		if w.DeleteRequest != nil {
			keys[i] = w.DeleteRequest.Key
			continue
		}
		if w.PutRequest.Item.Size() > maxItemBytes {
			return errItemSize()
		}
		if err := t.checkItem(w.PutRequest.Item); err != nil {
			return err
		}
		keys[i] = t.primary.keys.of(w.PutRequest.Item)
	}
	return t.checkBatchKeys(keys)
}

func (t *table) writeBatch(writes []writeRequest, asked string) (consumed *consumedCapacity, err error) {
	for _, w := range writes {
		var key, item attribute.Map
		if w.PutRequest != nil {
			key, item = w.PutRequest.Item, w.PutRequest.Item
		} else {
			key = w.DeleteRequest.Key
		}
		old, updated, err := t.change(key, func(attribute.Map) (attribute.Map, error) { return item, nil })
		if err != nil {
			return nil, err
		}
		consumed = consumed.plus(t.writeCapacity(asked, old, updated))
	}
	return consumed, nil
}
