package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// maxDepth is how deep a definition can nest; the engine takes no deeper one.
const maxDepth = 500

// object is a JSON object with its members in their order, in which states are drawn.
type object []member

type member struct {
	name  string
	value any // nil, bool, string, json.Number, []any or object
}

// get is a member's value; nil where there is none. Of two with one name it is the last,
// as encoding/json has it.
func (o object) get(name string) any {
	for _, m := range slices.Backward(o) {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// text is a member that is a string; "" where it is none.
func (o object) text(name string) string {
	text, _ := o.get(name).(string)
	return text
}

// list is the objects of a member that is a list.
func (o object) list(name string) []object {
	values, _ := o.get(name).([]any)
	var objects []object
	for _, value := range values {
		if one, ok := value.(object); ok {
			objects = append(objects, one)
		}
	}
	return objects
}

// decode reads one JSON object.
func decode(text []byte) (object, error) {
	d := decoder{json.NewDecoder(bytes.NewReader(text))}
	d.tokens.UseNumber()
	value, err := d.value(0)
	if err != nil {
		return nil, err
	}
	if _, err := d.tokens.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON object")
	}
	decoded, ok := value.(object)
	if !ok {
		return nil, errors.New("it is no JSON object")
	}
	return decoded, nil
}

type decoder struct{ tokens *json.Decoder }

func (d decoder) value(depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("it nests more than %d deep", maxDepth)
	}
	token, err := d.tokens.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		return d.object(depth)
	case json.Delim('['):
		return d.array(depth)
	default:
		return token, nil
	}
}

func (d decoder) object(depth int) (object, error) {
	decoded := object{}
	for d.tokens.More() {
		token, err := d.tokens.Token()
		if err != nil {
			return nil, err
		}
		name, ok := token.(string)
		if !ok {
			return nil, errors.New("the name of a member is no string")
		}
		value, err := d.value(depth + 1)
		if err != nil {
			return nil, err
		}
		decoded = append(decoded, member{name, value})
	}
	_, err := d.tokens.Token()
	return decoded, err
}

func (d decoder) array(depth int) ([]any, error) {
	var decoded []any
	for d.tokens.More() {
		value, err := d.value(depth + 1)
		if err != nil {
			return nil, err
		}
		decoded = append(decoded, value)
	}
	_, err := d.tokens.Token()
	return decoded, err
}
