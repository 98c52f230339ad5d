package template

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// fields reads a mapping key by key and, at finish, refuses the keys that nobody
// asked for: they are what the local stack does not serve.
type fields struct {
	path     string // such as EtlFunction.Environment, for problems
	node     *yaml.Node
	around   int // the line of what is around an absent mapping
	evaluate func(*yaml.Node) *yaml.Node
	problems *problems
	known    []string
}

// newFields reads node; nil reads as an empty mapping.
func newFields(path string, node *yaml.Node, evaluate func(*yaml.Node) *yaml.Node, found *problems) *fields {
	if node != nil && node.Kind != yaml.MappingNode && !isBroken(node) {
		found.add(node, "%s is a mapping", path)
	}
	return &fields{path: path, node: node, around: 1, evaluate: evaluate, problems: found}
}

// literal refuses intrinsic functions, where CloudFormation takes none.
func literal(found *problems) func(*yaml.Node) *yaml.Node {
	return func(node *yaml.Node) *yaml.Node {
		if name, _, ok := intrinsicOf(node); ok {
			found.add(node, "%s cannot stand here", name)
			return brokenAt(node)
		}
		return node
	}
}

// value is the resolved value at key, or nil where there is none.
func (f *fields) value(key string) *yaml.Node {
	f.known = append(f.known, key)
	raw := child(f.node, key)
	if raw == nil {
		return nil
	}
	value := f.evaluate(raw)
	if value == nil || isBroken(value) {
		return nil
	}
	return value
}

func (f *fields) text(key, standard string) string {
	value := f.value(key)
	if value == nil {
		return standard
	}
	if value.Kind != yaml.ScalarNode {
		f.problems.add(value, "%s.%s is text", f.path, key)
		return standard
	}
	return value.Value
}

func (f *fields) required(key string) string {
	if f.node == nil || !isBroken(f.node) && child(f.node, key) == nil {
		f.problems.addLine(f.line(), fmt.Sprintf("%s.%s is missing", f.path, key))
	}
	return f.text(key, "")
}

func (f *fields) line() int {
	if f.node == nil {
		return f.around
	}
	return f.node.Line
}

// requiredOneOf is oneOf without a default.
func (f *fields) requiredOneOf(key string, served ...string) string {
	if f.required(key) == "" {
		return ""
	}
	return f.oneOf(key, served...)
}

// oneOf is one of the values that the local stack serves, the first by default.
func (f *fields) oneOf(key string, served ...string) string {
	text := f.text(key, served[0])
	if !slices.Contains(served, text) {
		f.problems.add(child(f.node, key), "%s.%s is %s; the local stack serves %s", f.path, key, text, strings.Join(served, ", "))
	}
	return text
}

func (f *fields) integer(key string, least, most, standard int) int {
	value := f.value(key)
	if value == nil {
		return standard
	}
	number, err := strconv.Atoi(value.Value)
	if err != nil || number < least || number > most {
		f.problems.add(value, "%s.%s is %q, want a whole number from %d to %d", f.path, key, value.Value, least, most)
		return standard
	}
	return number
}

func (f *fields) number(key string) *float64 {
	value := f.value(key)
	if value == nil {
		return nil
	}
	number, err := strconv.ParseFloat(value.Value, 64)
	if err != nil {
		f.problems.add(value, "%s.%s is %q, want a number", f.path, key, value.Value)
		return nil
	}
	return &number
}

func (f *fields) boolean(key string, standard bool) bool {
	switch text := f.text(key, strconv.FormatBool(standard)); text {
	case "true":
		return true
	case "false":
		return false
	default:
		f.problems.add(child(f.node, key), "%s.%s is %q, want true or false", f.path, key, text)
		return standard
	}
}

func (f *fields) list(key string) []*yaml.Node {
	value := f.value(key)
	if value == nil {
		return nil
	}
	if value.Kind != yaml.SequenceNode {
		f.problems.add(value, "%s.%s is a list", f.path, key)
		return nil
	}
	return value.Content
}

// object reads a mapping within; an absent one has no keys.
func (f *fields) object(key string) *fields {
	inner := newFields(f.path+"."+key, f.value(key), f.evaluate, f.problems)
	inner.around = f.line()
	return inner
}

// objects reads a list of mappings.
func (f *fields) objects(key string) []*fields {
	var all []*fields
	for i, item := range f.list(key) {
		all = append(all, newFields(fmt.Sprintf("%s.%s[%d]", f.path, key, i), item, f.evaluate, f.problems))
	}
	return all
}

// awsOnly passes over keys that change nothing on one machine.
func (f *fields) awsOnly(keys ...string) { f.known = append(f.known, keys...) }

// has tells whether there is a value at key, other than AWS::NoValue; the key is
// still to be read.
func (f *fields) has(key string) bool {
	raw := child(f.node, key)
	return raw != nil && f.evaluate(raw) != nil
}

// finish refuses the keys that were not read.
func (f *fields) finish() {
	for key := range pairs(f.node) {
		if !slices.Contains(f.known, key.Value) {
			f.problems.add(key, "%s.%s is not supported by the local stack", f.path, key.Value)
		}
	}
}
