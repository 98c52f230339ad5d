package asl

import (
	"encoding/json"
	"slices"
	"strings"
)

// wrong reports a value of another type than the field's.
func (f *fields) wrong(name, want string, value any) {
	f.schema(f.place(name), "Expected value of type %s for the field '%s', but it is %s", want, name, kindOf(value))
}

func (f *fields) text(name string) string {
	value, ok := f.take(name)
	if !ok {
		return ""
	}
	text, isText := value.(string)
	if !isText {
		f.wrong(name, "String", value)
	}
	return text
}

// filledText is text that must not be empty.
func (f *fields) filledText(name string) string {
	text := f.text(name)
	if value, isText := f.members[name].(string); isText && value == "" {
		f.schema(f.place(name), "Value cannot be empty")
	}
	return text
}

func (f *fields) boolean(name string) bool {
	value, ok := f.take(name)
	if !ok {
		return false
	}
	truth, isTruth := value.(bool)
	if !isTruth {
		f.wrong(name, "Boolean", value)
	}
	return truth
}

// choice is a text out of a list; without the field, the first.
func (f *fields) choice(name string, values ...string) string {
	if !f.has(name) {
		f.known[name] = true
		return values[0]
	}
	text := f.text(name)
	if _, isText := f.members[name].(string); isText && !slices.Contains(values, text) {
		f.schema(f.place(name), "The field '%s' should have one of these values: [%s]", name, strings.Join(values, ", "))
	}
	return text
}

// integer is nil where the field is not there.
func (f *fields) integer(name string, least, most int64) *int64 {
	value, ok := f.take(name)
	if !ok {
		return nil
	}
	i, whole := integer(value)
	switch {
	case !whole && isNumber(value):
		f.schema(f.place(name), "Expected value of type Integer for the field '%s', but it is %s", name, jsonText(value))
	case !whole:
		f.wrong(name, "Integer", value)
	case i < least:
		f.schema(f.place(name), "Minimum value is %d", least)
	case i > most:
		f.schema(f.place(name), "Maximum value is %d", most)
	}
	return &i
}

// integerOr is integer with a default.
func (f *fields) integerOr(name string, least, most, without int64) int64 {
	if i := f.integer(name, least, most); i != nil {
		return *i
	}
	return without
}

// float is nil where the field is not there.
func (f *fields) float(name string, least, most float64) *float64 {
	value, ok := f.take(name)
	if !ok {
		return nil
	}
	n, isNumber := value.(json.Number)
	amount := double(n)
	switch {
	case !isNumber:
		f.wrong(name, "Float", value)
	case amount < least:
		f.schema(f.place(name), "Minimum value is %.1f", least)
	case amount > most:
		f.schema(f.place(name), "Maximum value is %.1f", most)
	}
	return &amount
}

// list is nil where the field is not there.
func (f *fields) list(name string) []any {
	value, ok := f.take(name)
	if !ok {
		return nil
	}
	list, isList := value.([]any)
	if !isList {
		f.wrong(name, "Array", value)
	}
	return list
}

// filledList is a list that must not be empty.
func (f *fields) filledList(name string) []any {
	list := f.list(name)
	if list != nil && len(list) == 0 {
		f.schema(f.place(name), "Value cannot be empty")
	}
	return list
}
