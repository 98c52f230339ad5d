package template

import (
	"bytes"
	"encoding/json"
	"slices"

	"go.yaml.in/yaml/v3"
)

// json is a YAML value as JSON. Calls of intrinsic functions become the texts that
// replace gives for them; nil where there are none left.
func (r *resolver) json(node *yaml.Node, replace func(call *yaml.Node) string) json.RawMessage {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(r.jsonValue(node, replace)); err != nil {
		r.problems.add(node, "this cannot be written as JSON: %v", err)
		return nil
	}
	return bytes.TrimSpace(text.Bytes())
}

func (r *resolver) jsonValue(node *yaml.Node, replace func(call *yaml.Node) string) any {
	if replace != nil && isIntrinsic(node) {
		return replace(node)
	}
	switch node.Kind {
	case yaml.MappingNode:
		object := map[string]any{}
		for key, value := range pairs(node) {
			object[key.Value] = r.jsonValue(value, replace)
		}
		return object
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range node.Content {
			list = append(list, r.jsonValue(item, replace))
		}
		return list
	default:
		return r.jsonScalar(r.evaluate(node))
	}
}

// jsonScalar refuses the spellings of numbers and booleans that YAML has beyond
// JSON's: not every reader of YAML takes them for the same.
func (r *resolver) jsonScalar(node *yaml.Node) any {
	switch {
	case !slices.Contains([]string{"!!int", "!!float", "!!bool"}, node.Tag):
		return node.Value
	case !json.Valid([]byte(node.Value)):
		r.problems.add(node, "%s becomes JSON: write it as JSON does, or in quotes", node.Value)
		return nil
	default:
		return json.RawMessage(node.Value)
	}
}
