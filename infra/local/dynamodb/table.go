package dynamodb

import (
	"sync"
	"time"

	"delfos/infra/local/dynamodb/attribute"
	"delfos/infra/local/dynamodb/expression"
	"delfos/infra/local/journal"
)

// table is one table with its items. Its items are read and written under mu.
type table struct {
	now     func() time.Time
	mu      sync.RWMutex
	primary *index
	indexes []*index
	journal *journal.Journal // nil in memory
	gone    bool             // deleted, or the server is closed

	definition definition
}

func newTable(d definition, now func() time.Time) *table {
	keys := d.keys(d.KeySchema)
	t := &table{now: now, definition: d, primary: &index{keys: keys, tableKeys: keys}}
	for _, of := range d.LocalSecondaryIndexes {
		t.indexes = append(t.indexes, newIndex(&d, of, false))
	}
	for _, of := range d.GlobalSecondaryIndexes {
		t.indexes = append(t.indexes, newIndex(&d, of, true))
	}
	return t
}

// index finds the table itself, for no name, or a secondary index.
func (t *table) index(name *string) (*index, error) {
	if name == nil {
		return t.primary, nil
	}
	for _, x := range t.indexes {
		if x.name == *name {
			return x, nil
		}
	}
	return nil, invalid("The table does not have the specified index: %s", *name)
}

// checkItem checks a whole item that is to be stored.
func (t *table) checkItem(item attribute.Map) error {
	if err := t.primary.keys.checkItemKey(item); err != nil {
		return err
	}
	for _, x := range t.indexes {
		if err := x.checkItem(item); err != nil {
			return err
		}
	}
	return nil
}

// checkPaths refuses document paths into key attributes, which are scalars.
func (t *table) checkPaths(paths []expression.Path) error {
	const refusal = "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: %s: %s"
	for _, path := range paths {
		if !path.IsNested() {
			continue
		}
		if t.primary.keys.has(path.Attribute()) {
			return invalid(refusal, "Key", path.Attribute())
		}
		for _, x := range t.indexes {
			if x.keys.has(path.Attribute()) {
				return invalid(refusal, "IndexKey", path.Attribute())
			}
		}
	}
	return nil
}

// get returns the item with this key, which has been checked; nil for none.
func (t *table) get(key attribute.Map) (attribute.Map, error) {
	stored := t.primary.entryKey(key)
	t.mu.RLock()
	defer t.mu.RUnlock()
	if t.gone {
		return nil, errNotFound()
	}
	r, ok := t.primary.entries.Get(stored)
	if !ok || t.expired(r) {
		return nil, nil
	}
	return r.item, nil
}

// expired tells whether time to live hides a record. Items that expired more than
// five years ago stay (Developer Guide, "Using time to live", TTL attributes).
func (t *table) expired(r *record) bool {
	const fiveYears = 5 * 365 * 24 * 60 * 60
	name := t.definition.timeToLiveAttribute()
	if name == "" {
		return false
	}
	number, ok := r.item[name].(attribute.Number)
	if !ok {
		return false
	}
	seconds, ok := number.Int64()
	now := t.now().Unix()
	return ok && seconds <= now && seconds > now-fiveYears
}

// write is one item's change: from old, nil for none, to what it returns, nil to
// delete. It runs under the table's lock, so that nothing comes between.
type write func(old attribute.Map) (attribute.Map, error)

// change carries out a write on the item with the key attributes of key, which have
// been checked. The answer is the item before and after.
func (t *table) change(key attribute.Map, decide write) (old, updated attribute.Map, err error) {
	stored := t.primary.entryKey(key)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.gone {
		return nil, nil, errNotFound()
	}
	before, _ := t.primary.entries.Get(stored)
	if before != nil && !t.expired(before) {
		old = before.item
	}
	if updated, err = decide(old); err != nil {
		return nil, nil, err
	}
	if before == nil && updated == nil {
		return nil, nil, nil
	}
	if err := t.log(key, updated); err != nil {
		return nil, nil, err
	}
	t.replace(before, updated)
	return old, updated, nil
}

// replace brings all indexes from the record before to the item after it.
func (t *table) replace(before *record, item attribute.Map) {
	var after *record
	if item != nil {
		after = newRecord(item)
	}
	t.primary.replace(before, after)
	for _, x := range t.indexes {
		x.replace(before, after)
	}
}
