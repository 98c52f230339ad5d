package asl

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// expression says what a field with a path can hold.
type expression int

const (
	anyPath       expression = 1 << iota // a path that can select several places
	nullPath                             // JSON null
	contextPath                          // a path into the context object
	intrinsicCall                        // an intrinsic function
)

// textFunctions are those that ErrorPath and CausePath can use (Developer Guide, "Fail
// workflow state").
var textFunctions = []string{"Format", "JsonToString", "ArrayGetItem", "Base64Encode", "Base64Decode", "Hash", "UUID"}

// path is nil where the field is not there.
func (f *fields) path(name string, allowed expression) *Path {
	value, ok := f.take(name)
	if !ok {
		return nil
	}
	if value == nil && allowed&nullPath != 0 {
		return &Path{text: "null", field: name, null: true}
	}
	text, isText := value.(string)
	if !isText {
		f.wrong(name, "String", value)
		return nil
	}
	p, err := parsePath(text, name, allowed)
	if err != nil {
		f.schema(f.place(name), "The field '%s': %s", name, err)
		return nil
	}
	return p
}

// parsePath parses what stands in a field.
func parsePath(text, field string, allowed expression) (*Path, error) {
	if allowed&intrinsicCall != 0 && strings.HasPrefix(text, "States.") {
		c, err := parseCall(text)
		if err != nil {
			return nil, fmt.Errorf("Value is not a valid intrinsic function call: %s: %w", text, err) //nolint:staticcheck // AWS's words
		}
		if !slices.Contains(textFunctions, c.name) {
			return nil, fmt.Errorf("the function States.%s gives no string", c.name)
		}
		return &Path{text: text, field: field, call: c}, nil
	}
	q, err := parseQuery(text)
	if err != nil {
		return nil, fmt.Errorf("Value is not a valid JSONPath: %s: %w", text, err) //nolint:staticcheck // AWS's words
	}
	if allowed&anyPath == 0 {
		if err := checkReference(q); err != nil {
			return nil, fmt.Errorf("Value is not a Reference Path: %s: %w", text, err) //nolint:staticcheck // AWS's words
		}
	}
	if allowed&contextPath == 0 && q.root == rootContext {
		return nil, fmt.Errorf("Value is not a Reference Path: %s: it leads into the context object", text) //nolint:staticcheck // AWS's words
	}
	return &Path{text: text, field: field, query: q}, nil
}

// resultPath is nil where the field is not there.
func (f *fields) resultPath() *ReferencePath {
	const name = "ResultPath"
	value, ok := f.take(name)
	if !ok {
		return nil
	}
	if value == nil {
		return &ReferencePath{text: "null", null: true}
	}
	text, isText := value.(string)
	if !isText {
		f.wrong(name, "String", value)
		return nil
	}
	p, err := parseReferencePath(text)
	if err != nil {
		f.schema(f.place(name), "The field '%s': Value is not a Reference Path: %s: %s", name, text, err)
		return nil
	}
	return p
}

// template is nil where the field is not there.
func (f *fields) template(name string) *Template {
	value, ok := f.take(name)
	if !ok {
		return nil
	}
	p := templateParser{func(place, message string) { f.schema(place, "%s", message) }}
	return &Template{p.parse(value, f.place(name))}
}

// objectTemplate is a template that must be an object.
func (f *fields) objectTemplate(name string) *Template {
	if value, ok := f.members[name]; ok {
		if _, isObject := value.(map[string]any); !isObject {
			f.known[name] = true
			f.wrong(name, "Object", value)
			return nil
		}
	}
	return f.template(name)
}

// maxVariableName is in characters (Developer Guide, "Passing data between states with
// variables").
const maxVariableName = 80

// assign reads Assign, whose members are variables.
func (f *fields) assign() *Template {
	const name = "Assign"
	template := f.objectTemplate(name)
	if variables, ok := f.members[name].(map[string]any); ok {
		for _, key := range slices.Sorted(maps.Keys(variables)) {
			variable := strings.TrimSuffix(key, ".$")
			if variable == "" || variableLength(variable) < len(variable) || len([]rune(variable)) > maxVariableName {
				f.schema(f.place(name)+"/"+key, "%q is no name of a variable: a letter, then letters, digits and _, at most %d", variable, maxVariableName)
			}
		}
	}
	return template
}
