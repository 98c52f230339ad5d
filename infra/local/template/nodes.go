package template

import (
	"iter"
	"strings"

	"go.yaml.in/yaml/v3"
)

// pairs yields a mapping's keys and values, and nothing for any other node.
func pairs(node *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(*yaml.Node, *yaml.Node) bool) {
		if node == nil || node.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(node.Content); i += 2 {
			if !yield(node.Content[i], node.Content[i+1]) {
				return
			}
		}
	}
}

// child is a mapping's value at key, or nil.
func child(mapping *yaml.Node, key string) *yaml.Node {
	for k, value := range pairs(mapping) {
		if k.Value == key {
			return value
		}
	}
	return nil
}

// textAt is a scalar in place of another node.
func textAt(at *yaml.Node, value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value, Line: at.Line}
}

func listAt(at *yaml.Node, items []*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: items, Line: at.Line}
}

// brokenAt stands for a value whose problem has been told; who reads it keeps
// silent.
func brokenAt(at *yaml.Node) *yaml.Node { return &yaml.Node{Line: at.Line} }

func isBroken(node *yaml.Node) bool { return node.Kind == 0 }

// intrinsicOf splits a call of an intrinsic function, in its short form (a tag) or
// its long form (a mapping of one key), into its name ("Ref", "Fn::Sub") and
// argument. `Condition: X` in its long form is one only among conditions, where
// the caller looks for it: policies and resources have keys of that name.
func intrinsicOf(node *yaml.Node) (name string, argument *yaml.Node, ok bool) {
	if strings.HasPrefix(node.Tag, "!") && !strings.HasPrefix(node.Tag, "!!") && node.Tag != "!" {
		name = node.Tag[1:]
		if name != "Ref" && name != "Condition" {
			name = "Fn::" + name
		}
		untagged := *node
		untagged.Tag = ""
		return name, &untagged, true
	}
	for key, value := range pairs(node) {
		if key.Value == "Ref" && len(node.Content) == 2 || strings.HasPrefix(key.Value, "Fn::") {
			return key.Value, value, true
		}
	}
	return "", nil, false
}

func isIntrinsic(node *yaml.Node) bool {
	_, _, ok := intrinsicOf(node)
	return ok
}
