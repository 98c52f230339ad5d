package asl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// maxDepth is how deep a definition, and what States.StringToJson reads, can nest.
const maxDepth = 500

// layout is what a JSON text says beyond its value.
type layout struct {
	order      map[string][]string // the members of each "States", by its place
	duplicates []duplicate         // what is there twice
}

// duplicate is a member that an object has twice.
type duplicate struct{ object, name string }

// decode reads one JSON value with its numbers as they are written.
func decode(text []byte) (any, *layout, error) {
	var checked json.RawMessage
	if err := json.Unmarshal(text, &checked); err != nil {
		return nil, nil, err
	}
	tokens := json.NewDecoder(bytes.NewReader(text))
	tokens.UseNumber()
	d := decoder{tokens: tokens, layout: layout{order: map[string][]string{}}}
	value, err := d.value("", 0)
	return value, &d.layout, err
}

type decoder struct {
	tokens *json.Decoder
	layout layout
}

func (d *decoder) value(place string, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("it nests more than %d deep", maxDepth)
	}
	token, err := d.tokens.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		return d.object(place, depth)
	case json.Delim('['):
		return d.array(place, depth)
	default:
		return token, nil
	}
}

func (d *decoder) object(place string, depth int) (any, error) {
	object := map[string]any{}
	var names []string
	for d.tokens.More() {
		token, err := d.tokens.Token()
		if err != nil {
			return nil, err
		}
		name, ok := token.(string)
		if !ok {
			return nil, errors.New("the name of a member is no string")
		}
		value, err := d.value(place+"/"+name, depth+1)
		if err != nil {
			return nil, err
		}
		if _, twice := object[name]; twice {
			d.layout.duplicates = append(d.layout.duplicates, duplicate{place, name})
		} else {
			names = append(names, name)
		}
		object[name] = value
	}
	d.layout.order[place] = names
	_, err := d.tokens.Token()
	return object, err
}

func (d *decoder) array(place string, depth int) (any, error) {
	list := []any{}
	for d.tokens.More() {
		value, err := d.value(fmt.Sprintf("%s[%d]", place, len(list)), depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	_, err := d.tokens.Token()
	return list, err
}
