package dynamodb

import (
	"delfos/infra/local/dynamodb/attribute"
)

// startAfter continues a reading behind the start key, which must lie in its span.
func (r *reading) startAfter(start attribute.Map, outside error) error {
	if start == nil {
		return nil
	}
	if len(start) != len(r.index.startKey(start)) {
		return invalid("The provided starting key is invalid: The provided key element does not match the schema")
	}
	for _, schema := range []keySchema{r.index.keys, r.index.tableKeys} {
		if err := schema.checkKey(schema.of(start)); err != nil {
			return invalid("The provided starting key is invalid: %s", plainMessage(err))
		}
	}
	stored := r.index.entryKey(start)
	if !r.span.holds(stored) {
		return outside
	}
	if r.descending {
		r.span.high = stored
	} else {
		r.span.low = stored + "\x00"
	}
	return nil
}

// page reads one page and answers with it.
func (r *reading) page() (pageAnswer, error) {
	records, more, err := r.scan()
	if err != nil {
		return pageAnswer{}, err
	}
	answer := pageAnswer{ScannedCount: len(records)}
	if r.parameters.Select != "COUNT" {
		answer.Items = []pageItem{}
	}
	bytes := 0
	for _, record := range records {
		bytes += r.index.projectedSize(record)
		if r.filter != nil && !r.filter.Holds(record.item) {
			continue
		}
		answer.Count++
		if r.parameters.Select != "COUNT" {
			answer.Items = append(answer.Items, r.selected(record))
		}
	}
	if more {
		answer.LastEvaluatedKey = r.index.startKey(records[len(records)-1].item)
	}
	answer.ConsumedCapacity = r.table.readCapacity(r.parameters.ReturnConsumedCapacity, r.index, bytes, r.parameters.ConsistentRead)
	return answer, nil
}

// scan collects the records of a page; more tells that it ended at a limit and not
// at the end of the span.
func (r *reading) scan() (records []*record, more bool, err error) {
	t := r.table
	t.mu.RLock()
	defer t.mu.RUnlock()
	if t.gone {
		return nil, false, errNotFound()
	}
	entries := r.index.entries.Ascend
	if r.descending {
		entries = r.index.entries.Descend
	}
	bytes := 0
	for _, record := range entries(r.span.low, r.span.high) {
		if t.expired(record) {
			continue
		}
		records = append(records, record)
		bytes += r.index.projectedSize(record)
		if limit := r.parameters.Limit; bytes >= maxPageBytes || limit != nil && len(records) == *limit {
			return records, true, nil
		}
	}
	return records, false, nil
}

// selected is what the reading selects of an item.
func (r *reading) selected(found *record) pageItem {
	switch {
	case r.projection != nil:
		return pageItem{part: r.projection.Apply(found.item)}
	case r.parameters.Select == "ALL_ATTRIBUTES", r.index.projected == nil: // from a local index, the table's
		return pageItem{whole: found}
	default:
		return pageItem{part: r.index.project(found.item)}
	}
}
