package dynamodb

import (
	"maps"
	"slices"

	"delfos/infra/local/dynamodb/attribute"
)

// Limits of the batch operations (API Reference, BatchGetItem and BatchWriteItem).
const (
	maxBatchGets   = 100
	maxBatchWrites = 25
	maxBatchBytes  = 16 << 20
)

type (
	keysAndAttributes struct {
		Keys                     []attribute.Map
		ConsistentRead           bool              `json:",omitempty"`
		ProjectionExpression     *string           `json:",omitempty"`
		ExpressionAttributeNames map[string]string `json:",omitempty"`
	}
	batchGetItemRequest struct {
		RequestItems           map[string]keysAndAttributes
		ReturnConsumedCapacity string
	}
	batchGetItemAnswer struct {
		Responses        map[string][]attribute.Map
		UnprocessedKeys  map[string]keysAndAttributes
		ConsumedCapacity []*consumedCapacity `json:",omitempty"`
	}
)

func (s *Server) batchGetItem(request batchGetItemRequest) (batchGetItemAnswer, error) {
	if err := request.validate(); err != nil {
		return batchGetItemAnswer{}, err
	}
	answer := batchGetItemAnswer{Responses: map[string][]attribute.Map{}, UnprocessedKeys: map[string]keysAndAttributes{}}
	budget := maxBatchBytes
	for _, name := range slices.Sorted(maps.Keys(request.RequestItems)) {
		of := request.RequestItems[name]
		t, err := s.table(&name)
		if err != nil {
			return batchGetItemAnswer{}, err
		}
		items, done, consumed, err := t.readBatch(of, request.ReturnConsumedCapacity, &budget)
		if err != nil {
			return batchGetItemAnswer{}, err
		}
		answer.Responses[name] = items
		if consumed != nil {
			answer.ConsumedCapacity = append(answer.ConsumedCapacity, consumed)
		}
		if done < len(of.Keys) {
			of.Keys = of.Keys[done:]
			answer.UnprocessedKeys[name] = of
		}
	}
	return answer, nil
}

func (r *batchGetItemRequest) validate() error {
	var c constraints
	c.consumedCapacity(r.ReturnConsumedCapacity)
	c.required("requestItems", r.RequestItems != nil)
	if r.RequestItems != nil {
		c.length("requestItems", len(r.RequestItems), 1, maxBatchGets)
	}
	total := 0
	for name, of := range r.RequestItems {
		c.length("requestItems."+name+".member.keys", len(of.Keys), 1, maxBatchGets)
		total += len(of.Keys)
	}
	if err := c.err(); err != nil {
		return err
	}
	if total > maxBatchGets {
		return invalid("Too many items requested for the BatchGetItem call")
	}
	return nil
}

// readBatch reads until the budget of bytes is used up; done counts the keys read.
func (t *table) readBatch(of keysAndAttributes, asked string, budget *int) (items []attribute.Map, done int, consumed *consumedCapacity, err error) {
	projection, err := parseProjection(of.ProjectionExpression, of.ExpressionAttributeNames)
	if err != nil {
		return nil, 0, nil, err
	}
	if err := t.checkBatchKeys(of.Keys); err != nil {
		return nil, 0, nil, err
	}
	items = []attribute.Map{}
	for _, key := range of.Keys {
		if *budget <= 0 {
			break
		}
		found, err := t.read(key, projection)
		if err != nil {
			return nil, 0, nil, err
		}
		done++
		*budget -= found.bytes
		if found.selected != nil {
			items = append(items, found.selected)
		}
		consumed = consumed.plus(t.readCapacity(asked, t.primary, found.bytes, of.ConsistentRead))
	}
	return items, done, consumed, nil
}

// checkBatchKeys refuses a key that comes twice.
func (t *table) checkBatchKeys(keys []attribute.Map) error {
	seen := map[string]bool{}
	for _, key := range keys {
		if err := t.primary.keys.checkKey(key); err != nil {
			return err
		}
		stored := t.primary.entryKey(key)
		if seen[stored] {
			return invalid("Provided list of item keys contains duplicates")
		}
		seen[stored] = true
	}
	return nil
}
