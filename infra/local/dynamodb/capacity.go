package dynamodb

import (
	"maps"

	"delfos/infra/local/dynamodb/attribute"
)

// Sizes of a capacity unit in bytes (Developer Guide, "DynamoDB read and write
// operations", Capacity unit consumption).
const (
	readUnitBytes  = 4 << 10
	writeUnitBytes = 1 << 10
)

type (
	capacity         struct{ CapacityUnits float64 }
	consumedCapacity struct {
		TableName              string
		CapacityUnits          float64
		Table                  *capacity           `json:",omitempty"`
		LocalSecondaryIndexes  map[string]capacity `json:",omitempty"`
		GlobalSecondaryIndexes map[string]capacity `json:",omitempty"`
	}
)

// add counts units on the table or on one of its secondary indexes.
func (c *consumedCapacity) add(x *index, units float64) {
	c.CapacityUnits += units
	switch {
	case x.name == "":
		c.Table = &capacity{units}
	case x.global:
		c.GlobalSecondaryIndexes = added(c.GlobalSecondaryIndexes, x.name, units)
	default:
		c.LocalSecondaryIndexes = added(c.LocalSecondaryIndexes, x.name, units)
	}
}

func added(to map[string]capacity, name string, units float64) map[string]capacity {
	if to == nil {
		to = map[string]capacity{}
	}
	to[name] = capacity{to[name].CapacityUnits + units}
	return to
}

// detailed leaves what ReturnConsumedCapacity asks for; nil for nothing.
func (c *consumedCapacity) detailed(asked string) *consumedCapacity {
	switch asked {
	case "INDEXES":
		return c
	case "TOTAL":
		return &consumedCapacity{TableName: c.TableName, CapacityUnits: c.CapacityUnits}
	default:
		return nil
	}
}

// plus sums the capacity of the operations of a batch on one table.
func (c *consumedCapacity) plus(other *consumedCapacity) *consumedCapacity {
	if c == nil || other == nil {
		return other
	}
	c.CapacityUnits += other.CapacityUnits
	if other.Table != nil {
		c.Table = &capacity{c.Table.CapacityUnits + other.Table.CapacityUnits}
	}
	for name, units := range other.LocalSecondaryIndexes {
		c.LocalSecondaryIndexes = added(maps.Clone(c.LocalSecondaryIndexes), name, units.CapacityUnits)
	}
	for name, units := range other.GlobalSecondaryIndexes {
		c.GlobalSecondaryIndexes = added(maps.Clone(c.GlobalSecondaryIndexes), name, units.CapacityUnits)
	}
	return c
}

func (t *table) readCapacity(asked string, x *index, bytes int, consistent bool) *consumedCapacity {
	consumed := &consumedCapacity{TableName: t.definition.TableName}
	count := units(bytes, readUnitBytes)
	if !consistent {
		count /= 2
	}
	consumed.add(x, count)
	return consumed.detailed(asked)
}

// writeCapacity is what the change of one item from old to updated, nil for none,
// takes on the table and on the indexes that it changes.
func (t *table) writeCapacity(asked string, old, updated attribute.Map) *consumedCapacity {
	if asked != "TOTAL" && asked != "INDEXES" {
		return nil
	}
	consumed := &consumedCapacity{TableName: t.definition.TableName}
	consumed.add(t.primary, units(max(old.Size(), updated.Size()), writeUnitBytes))
	for _, x := range t.indexes {
		if count := x.writeUnits(old, updated); count > 0 {
			consumed.add(x, count)
		}
	}
	return consumed.detailed(asked)
}

func (x *index) writeUnits(old, updated attribute.Map) float64 {
	before, after := old != nil && x.holds(old), updated != nil && x.holds(updated)
	oldUnits, newUnits := 0.0, 0.0
	if before {
		oldUnits = units(x.project(old).Size(), writeUnitBytes)
	}
	if after {
		newUnits = units(x.project(updated).Size(), writeUnitBytes)
	}
	switch {
	case !before || !after:
		return oldUnits + newUnits
	case attribute.Equal(x.project(old), x.project(updated)):
		return 0
	case x.entryKey(old) == x.entryKey(updated):
		return max(oldUnits, newUnits)
	default:
		return oldUnits + newUnits
	}
}

// units is at least one: an operation on a missing item is counted too.
func units(bytes, unit int) float64 { return float64(max((bytes+unit-1)/unit, 1)) }
