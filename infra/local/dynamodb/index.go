package dynamodb

import (
	"slices"
	"sync/atomic"

	"delfos/infra/local/dynamodb/attribute"
	"delfos/infra/local/dynamodb/ordered"
)

// record is a stored item. It never changes: an update stores another.
type record struct {
	item attribute.Map
	size int // bytes, as DynamoDB counts

	encoded atomic.Pointer[[]byte] // the item's JSON, once it has been asked for
}

func newRecord(item attribute.Map) *record { return &record{item: item, size: item.Size()} }

// appendJSON appends the item's JSON. What lists thousands of items spends most of its
// time here, were it not kept.
func (r *record) appendJSON(dst []byte) []byte {
	encoded := r.encoded.Load()
	if encoded == nil {
		text := r.item.AppendJSON(nil)
		encoded = &text
		r.encoded.Store(encoded)
	}
	return append(dst, *encoded...)
}

// index is a sorted view of a table's items: the table itself, or one of its
// secondary indexes, which has the items that hold its key attributes.
type index struct {
	name      string // empty for the table itself
	global    bool
	keys      keySchema
	tableKeys keySchema
	projected map[string]bool // nil for all attributes
	entries   ordered.Map[*record]
	size      int64 // bytes of the projected items
}

func newIndex(d *definition, of secondaryIndex, global bool) *index {
	x := &index{name: of.IndexName, global: global, keys: d.keys(of.KeySchema), tableKeys: d.keys(d.KeySchema)}
	if of.Projection.ProjectionType == "ALL" {
		return x
	}
	x.projected = map[string]bool{}
	for _, key := range slices.Concat(x.keys.attributes(), x.tableKeys.attributes()) {
		x.projected[key.name] = true
	}
	for _, name := range of.Projection.NonKeyAttributes {
		x.projected[name] = true
	}
	return x
}

// holds tells whether the index has an entry for the item.
func (x *index) holds(item attribute.Map) bool {
	for _, key := range x.keys.attributes() {
		if item[key.name] == nil {
			return false
		}
	}
	return true
}

// entryKey is the stored key of an item that the index holds. Items of equal index
// keys are told apart by their table keys.
func (x *index) entryKey(item attribute.Map) string {
	key := x.keys.appendKey(nil, item)
	if x.name != "" {
		key = x.tableKeys.appendKey(key, item)
	}
	return string(key)
}

// startKey is what a page of this index is continued from: the keys of its last item.
func (x *index) startKey(item attribute.Map) attribute.Map {
	key := x.tableKeys.of(item)
	for _, a := range x.keys.attributes() {
		key[a.name] = item[a.name]
	}
	return key
}

// project returns what the index holds of an item.
func (x *index) project(item attribute.Map) attribute.Map {
	if x.projected == nil {
		return item
	}
	part := attribute.Map{}
	for name, value := range item {
		if x.projected[name] {
			part[name] = value
		}
	}
	return part
}

func (x *index) projectedSize(r *record) int {
	if x.projected == nil {
		return r.size
	}
	return x.project(r.item).Size()
}

// replace brings the index from an old record of one item to its new one; either
// can be nil.
func (x *index) replace(old, updated *record) {
	var oldKey, newKey string
	if old != nil && x.holds(old.item) {
		oldKey = x.entryKey(old.item)
		x.size -= int64(x.projectedSize(old))
	}
	if updated != nil && x.holds(updated.item) {
		newKey = x.entryKey(updated.item)
		x.size += int64(x.projectedSize(updated))
	}
	if oldKey != "" && oldKey != newKey {
		x.entries.Delete(oldKey)
	}
	if newKey != "" {
		x.entries.Set(newKey, updated)
	}
}

// checkItem checks the types of the index's key attributes, where the item has them.
func (x *index) checkItem(item attribute.Map) error {
	for _, key := range x.keys.attributes() {
		value := item[key.name]
		if value == nil {
			continue
		}
		if value.Type() != key.of {
			return invalid("One or more parameter values were invalid: Type mismatch for Index Key %s Expected: %s Actual: %s IndexName: %s",
				key.name, key.of, value.Type(), x.name)
		}
		if length, ok := attribute.Length(value); ok && length == 0 {
			return invalid("One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty %s value. IndexName: %s, IndexKey: %s",
				longName(key.of), x.name, key.name)
		}
	}
	return nil
}
