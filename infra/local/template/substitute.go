package template

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

var (
	substitution = regexp.MustCompile(`\$\{[^}]*\}`)
	variableName = regexp.MustCompile(`^[A-Za-z0-9_.:]+$`)
)

// sub is Fn::Sub in both forms; ${!Name} is the text ${Name}.
func (r *resolver) sub(argument *yaml.Node) *yaml.Node {
	source, variables, ok := r.subArguments(argument)
	if !ok {
		return brokenAt(argument)
	}
	size, sound := len(source), true
	values := map[string]string{}
	text := substitution.ReplaceAllStringFunc(source, func(found string) string {
		name := found[2 : len(found)-1]
		if literal, escaped := strings.CutPrefix(name, "!"); escaped {
			return "${" + literal + "}"
		}
		if _, known := values[name]; !known {
			value, resolved := r.substitute(argument, name, variables)
			values[name], sound = value, sound && resolved
		}
		if size += len(values[name]); size > maxBytes {
			return ""
		}
		return values[name]
	})
	if !sound {
		return brokenAt(argument)
	}
	if size > maxBytes {
		return r.broken(argument, "the text made here is longer than 1 MiB")
	}
	return textAt(argument, text)
}

func (r *resolver) subArguments(argument *yaml.Node) (source string, variables *yaml.Node, ok bool) {
	if argument.Kind == yaml.ScalarNode {
		return argument.Value, nil, true
	}
	arguments := r.arguments("Fn::Sub", argument, 2, 2)
	if arguments == nil {
		return "", nil, false
	}
	if arguments[0].Kind != yaml.ScalarNode || isIntrinsic(arguments[0]) || arguments[1].Kind != yaml.MappingNode || isIntrinsic(arguments[1]) {
		r.problems.add(argument, "Fn::Sub takes a text and a mapping of variables")
		return "", nil, false
	}
	return arguments[0].Value, arguments[1], true
}

func (r *resolver) substitute(at *yaml.Node, name string, variables *yaml.Node) (value string, ok bool) {
	what := "${" + name + "} in Fn::Sub"
	if own := child(variables, name); own != nil {
		return r.text(what, own)
	}
	if !variableName.MatchString(name) {
		r.problems.add(at, "%s is not a name", what)
		return "", false
	}
	var resolved *yaml.Node
	if id, attribute, dotted := strings.Cut(name, "."); dotted {
		resolved = r.attribute(at, id, attribute)
	} else {
		resolved = r.reference(at, name)
	}
	switch {
	case resolved == nil || resolved.Kind == yaml.SequenceNode:
		r.problems.add(at, "%s is text", what)
		return "", false
	case isBroken(resolved):
		return "", false
	}
	return resolved.Value, true
}
