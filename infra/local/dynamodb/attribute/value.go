// Package attribute holds DynamoDB's attribute values: the ten types, their JSON
// on the wire, equality, order, and sizes. Values are immutable once made.
package attribute

import (
	"maps"
	"slices"
	"strings"
)

// Type is a descriptor of the wire format: "S", "N", "B", "BOOL", "NULL", "SS",
// "NS", "BS", "L" or "M".
type Type string

// The attribute types (Amazon DynamoDB Developer Guide, "Data type descriptors").
const (
	TypeString    Type = "S"
	TypeNumber    Type = "N"
	TypeBinary    Type = "B"
	TypeBool      Type = "BOOL"
	TypeNull      Type = "NULL"
	TypeStringSet Type = "SS"
	TypeNumberSet Type = "NS"
	TypeBinarySet Type = "BS"
	TypeList      Type = "L"
	TypeMap       Type = "M"
)

// Types lists every Type.
func Types() []Type {
	return []Type{
		TypeString, TypeNumber, TypeBinary, TypeBool, TypeNull,
		TypeStringSet, TypeNumberSet, TypeBinarySet, TypeList, TypeMap,
	}
}

// Value is one attribute value. The scalar types (String, Number, Binary, Bool,
// Null) are comparable with ==; Equal compares all.
type Value interface {
	// Type tells which of the ten types the value has.
	Type() Type
	appendJSON(dst []byte) []byte
	size() int
}

type (
	// String is a value of type S.
	String string
	// Binary is a value of type B: raw bytes, held as a string to be comparable.
	Binary string
	// Bool is a value of type BOOL.
	Bool bool
	// Null is the value of type NULL.
	Null struct{}
	// List is a value of type L.
	List []Value
	// Map is a value of type M, and an item.
	Map map[string]Value
)

// Type is S.
func (String) Type() Type { return TypeString }

// Type is B.
func (Binary) Type() Type { return TypeBinary }

// Type is BOOL.
func (Bool) Type() Type { return TypeBool }

// Type is NULL.
func (Null) Type() Type { return TypeNull }

// Type is L.
func (List) Type() Type { return TypeList }

// Type is M.
func (Map) Type() Type { return TypeMap }

// Set is a value of type SS, NS or BS: distinct scalars of one type, never empty
// when stored.
type Set struct {
	setType Type
	members []Value
}

// Type is SS, NS or BS.
func (s Set) Type() Type { return s.setType }

// Len is the number of members.
func (s Set) Len() int { return len(s.members) }

// Contains tells whether v is a member.
func (s Set) Contains(v Value) bool {
	switch v.(type) {
	case String, Number, Binary:
		return slices.Contains(s.members, v)
	default:
		return false
	}
}

// Union returns the members of either; both must have the same Type.
func (s Set) Union(other Set) Set {
	members := slices.Clone(s.members)
	for _, v := range other.members {
		if !s.Contains(v) {
			members = append(members, v)
		}
	}
	return Set{s.setType, members}
}

// Minus returns the members that other does not have; it can be empty.
func (s Set) Minus(other Set) Set {
	kept := slices.DeleteFunc(slices.Clone(s.members), other.Contains)
	return Set{s.setType, kept}
}

func (s Set) equal(other Set) bool {
	if s.setType != other.setType || len(s.members) != len(other.members) {
		return false
	}
	return !slices.ContainsFunc(s.members, func(v Value) bool { return !other.Contains(v) })
}

// Equal tells whether a and b have the same type and content; sets and maps have
// no order. A nil Value equals nothing.
func Equal(a, b Value) bool {
	switch a := a.(type) {
	case nil:
		return false
	case List:
		b, ok := b.(List)
		return ok && slices.EqualFunc(a, b, Equal)
	case Map:
		b, ok := b.(Map)
		return ok && maps.EqualFunc(a, b, Equal)
	case Set:
		b, ok := b.(Set)
		return ok && a.equal(b)
	}
	if b == nil || a.Type() != b.Type() {
		return false
	}
	return a == b
}

// Compare orders two strings, two numbers or two binaries; ok is false for any
// other pair, which DynamoDB does not order. Strings go by their UTF-8 bytes.
func Compare(a, b Value) (order int, ok bool) {
	switch a := a.(type) {
	case String:
		b, same := b.(String)
		return strings.Compare(string(a), string(b)), same
	case Binary:
		b, same := b.(Binary)
		return strings.Compare(string(a), string(b)), same
	case Number:
		b, same := b.(Number)
		return a.compare(b), same
	default:
		return 0, false
	}
}
