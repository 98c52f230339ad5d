package template

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// definition is a state machine's, from the file that DefinitionUri names or from
// Definition, with DefinitionSubstitutions made in its text.
func (b *builder) definition(resource *resource, fields *fields) string {
	fields.awsOnly("Definition", "DefinitionUri") // read here
	substitutions := b.substitutions(fields)
	inline, uri := child(resource.properties, "Definition"), child(resource.properties, "DefinitionUri")
	switch {
	case (inline == nil) == (uri == nil):
		b.resolver.problems.add(resource.node, "%s has either Definition or DefinitionUri", resource.logicalID)
		return ""
	case inline != nil:
		return b.inlineDefinition(inline, substitutions)
	default:
		return b.definitionFile(uri, fields.text("DefinitionUri", ""), substitutions)
	}
}

func (b *builder) substitutions(fields *fields) map[string]string {
	object := fields.object("DefinitionSubstitutions")
	values := map[string]string{}
	for key, value := range pairs(object.node) {
		values[key.Value] = object.text(key.Value, "")
		if value.Tag == "!!float" {
			b.resolver.problems.add(value, "%s.%s is text, a whole number or a boolean: put it in quotes", object.path, key.Value)
		}
	}
	return values
}

// inlineDefinition makes a substitution of every call of an intrinsic function, as
// SAM does: within the JSON its value is text, and raw.
func (b *builder) inlineDefinition(node *yaml.Node, substitutions map[string]string) string {
	if node.Kind != yaml.MappingNode || isIntrinsic(node) {
		b.resolver.problems.add(node, "Definition is a mapping")
		return ""
	}
	text := b.resolver.json(node, func(call *yaml.Node) string {
		name := fmt.Sprintf("definition_substitution_%d", len(substitutions)+1)
		substitutions[name], _ = b.resolver.text("a value in Definition", call)
		return "${" + name + "}"
	})
	return b.substituted(definitionText{text: string(text), tell: func(_ int, message string) {
		b.resolver.problems.add(node, "Definition: %s", message)
	}}, substitutions)
}

// definitionFile reads a file below the template's folder.
func (b *builder) definitionFile(at *yaml.Node, uri string, substitutions map[string]string) string {
	name := filepath.FromSlash(uri)
	text, err := readBelow(b.folder, name)
	if err != nil {
		b.resolver.problems.add(at, "DefinitionUri %q: %v", uri, err)
		return ""
	}
	file := filepath.Join(b.folder, name)
	return b.substituted(definitionText{text: text, tell: func(line int, message string) {
		b.resolver.problems.addIn(file, line, message)
	}}, substitutions)
}

// readBelow reads a file in folder, which no link leads out of.
func readBelow(folder, name string) (string, error) {
	if strings.Contains(name, "://") || !filepath.IsLocal(name) {
		return "", errors.New("want a file below the template's folder")
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return "", err
	}
	defer root.Close()
	about, err := root.Stat(name)
	switch {
	case err != nil:
		return "", err
	case !about.Mode().IsRegular():
		return "", errors.New("it is not a file")
	case about.Size() > maxBytes:
		return "", errors.New("it is larger than 1 MiB, the limit of Step Functions")
	}
	text, err := root.ReadFile(name)
	return string(text), err
}

// definitionText is a definition with who tells of the problems in its lines.
type definitionText struct {
	text string
	tell func(line int, message string)
}

// placeholder is one of DefinitionSubstitutions in a definition.
var placeholder = regexp.MustCompile(`\$\{[^${}]*\}`)

// substituted replaces ${Name} in the text, whatever the JSON around it, and again
// in what came of it, as CloudFormation does. AWS lets stand a name that has no
// value, and the machine fails when it runs; it is refused here.
func (b *builder) substituted(definition definitionText, substitutions map[string]string) string {
	text := definition.text
	for range len(substitutions) + 1 {
		next, changed := replacePlaceholders(text, substitutions)
		if len(next) > maxBytes {
			definition.tell(1, "with its substitutions it is larger than 1 MiB, the limit of Step Functions")
			return ""
		}
		if text = next; !changed {
			checkDefinition(definition, text)
			return text
		}
	}
	definition.tell(1, "DefinitionSubstitutions contain each other without end")
	return ""
}

// replacePlaceholders stops where the text gets too long.
func replacePlaceholders(text string, substitutions map[string]string) (replaced string, changed bool) {
	size := len(text)
	return placeholder.ReplaceAllStringFunc(text, func(found string) string {
		value, known := substitutions[found[2:len(found)-1]]
		if !known || size > maxBytes {
			return found
		}
		changed = true
		size += len(value)
		return value
	}), changed
}

func checkDefinition(definition definitionText, text string) {
	for _, found := range placeholder.FindAllStringIndex(text, -1) {
		if name := text[found[0]+2 : found[1]-1]; variableName.MatchString(name) {
			definition.tell(lineAt(text, found[0]), "${"+name+"} is not among the DefinitionSubstitutions")
		}
	}
	var parsed map[string]any
	err := json.Unmarshal([]byte(text), &parsed)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		definition.tell(lineAt(text, int(syntax.Offset)), "not JSON: "+syntax.Error())
	} else if err != nil || parsed == nil {
		definition.tell(1, "a definition is a JSON object")
	}
}

// lineAt is the line, from 1, of the byte at offset.
func lineAt(text string, offset int) int {
	return 1 + strings.Count(text[:min(offset, len(text))], "\n")
}
