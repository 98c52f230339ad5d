package dynamodb

import (
	"encoding/binary"
	"hash/crc32"

	"delfos/infra/local/dynamodb/attribute"
)

// Limits of keys and items (Developer Guide, "Quotas").
const (
	maxHashKeyBytes = 2048
	maxSortKeyBytes = 1024
	maxItemBytes    = 400 << 10
)

type keyAttribute struct {
	name string
	of   attribute.Type
}

// keySchema is the key of a table or an index.
type keySchema struct {
	hash keyAttribute
	sort *keyAttribute // nil for none
}

func (k keySchema) attributes() []keyAttribute {
	if k.sort == nil {
		return []keyAttribute{k.hash}
	}
	return []keyAttribute{k.hash, *k.sort}
}

func (k keySchema) has(name string) bool {
	return k.hash.name == name || k.sort != nil && k.sort.name == name
}

// of returns the key attributes of an item.
func (k keySchema) of(item attribute.Map) attribute.Map {
	key := attribute.Map{}
	for _, a := range k.attributes() {
		key[a.name] = item[a.name]
	}
	return key
}

// scatterBytes is the length of the hash that stored keys begin with. It scatters
// partition keys as DynamoDB does, so that segments of a scan are ranges.
const scatterBytes = 4

// appendHash appends what all stored keys of one hash key begin with.
func (k keySchema) appendHash(dst []byte, hash attribute.Value) []byte {
	start := len(dst)
	dst = attribute.AppendOrdered(append(dst, make([]byte, scatterBytes)...), hash)
	binary.BigEndian.PutUint32(dst[start:], crc32.ChecksumIEEE(dst[start+scatterBytes:]))
	return dst
}

// appendKey appends the stored key of an item that has been checked.
func (k keySchema) appendKey(dst []byte, item attribute.Map) []byte {
	dst = k.appendHash(dst, item[k.hash.name])
	if k.sort != nil {
		dst = attribute.AppendOrdered(dst, item[k.sort.name])
	}
	return dst
}

// successor is the least string above all that begin with prefix; empty for none.
func successor(prefix string) string {
	bytes := []byte(prefix)
	for i := len(bytes) - 1; i >= 0; i-- {
		if bytes[i] < 0xFF {
			bytes[i]++
			return string(bytes[:i+1])
		}
	}
	return ""
}

// checkKey checks a Key, which must have the key attributes and no others.
func (k keySchema) checkKey(key attribute.Map) error {
	attributes := k.attributes()
	if len(key) != len(attributes) {
		return errKeyElement()
	}
	for _, a := range attributes {
		value := key[a.name]
		if value == nil || value.Type() != a.of {
			return errKeyElement()
		}
	}
	return k.checkValues(key)
}

func errKeyElement() error { return invalid("The provided key element does not match the schema") }

// checkItemKey checks the key attributes of a whole item.
func (k keySchema) checkItemKey(item attribute.Map) error {
	for _, a := range k.attributes() {
		value := item[a.name]
		if value == nil {
			return invalid("One or more parameter values were invalid: Missing the key %s in the item", a.name)
		}
		if value.Type() != a.of {
			return invalid("One or more parameter values were invalid: Type mismatch for key %s expected: %s actual: %s", a.name, a.of, value.Type())
		}
	}
	return k.checkValues(item)
}

func (k keySchema) checkValues(item attribute.Map) error {
	for _, a := range k.attributes() {
		length, ok := attribute.Length(item[a.name])
		switch {
		case !ok: // a number
		case length == 0:
			return invalid("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s", longName(a.of), a.name)
		case a == k.hash && length > maxHashKeyBytes:
			return invalid("One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of%d bytes", maxHashKeyBytes)
		case a != k.hash && length > maxSortKeyBytes:
			return invalid("One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of %d bytes", maxSortKeyBytes)
		}
	}
	return nil
}

func longName(t attribute.Type) string {
	if t == attribute.TypeBinary {
		return "binary"
	}
	return "string"
}
