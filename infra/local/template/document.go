package template

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxBytes is CloudFormation's limit for a template (User Guide, "Quotas"), and
// so the limit of any text that its functions make here.
const maxBytes = 1 << 20

const samTransform = "AWS::Serverless-2016-10-31"

// document is a template's sections, still unresolved.
type document struct {
	parameters, mappings, conditions, outputs, globals, rules *yaml.Node
	resources                                                 []*resource
	description                                               string
}

// resource is one entry of Resources.
type resource struct {
	logicalID  string
	kind       string // its Type
	node       *yaml.Node
	properties *yaml.Node
	metadata   *yaml.Node
	condition  *yaml.Node
}

// parseDocument returns the template's root mapping; nil tells of a problem that
// leaves nothing to go on with.
func parseDocument(source []byte, found *problems) *yaml.Node {
	if len(source) > maxBytes {
		found.addLine(1, "the template is larger than 1 MiB, CloudFormation's limit")
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(source))
	var root, next yaml.Node
	if err := decoder.Decode(&root); err != nil {
		if errors.Is(err, io.EOF) {
			found.addLine(1, "the template is empty")
			return nil
		}
		found.addLine(lineOf(err), "not YAML: "+strings.TrimPrefix(err.Error(), "yaml: "))
		return nil
	}
	if err := decoder.Decode(&next); !errors.Is(err, io.EOF) {
		found.addLine(max(next.Line, 1), "a template is one YAML document, and here are more")
		return nil
	}
	content := root.Content[0]
	if content.Kind != yaml.MappingNode {
		found.add(content, "a template is a mapping with Resources")
		return nil
	}
	if !checkTree(content, found) {
		return nil
	}
	return content
}

var yamlLine = regexp.MustCompile(`line ([0-9]+):`)

func lineOf(err error) int {
	if match := yamlLine.FindStringSubmatch(err.Error()); match != nil {
		if line, err := strconv.Atoi(match[1]); err == nil {
			return line
		}
	}
	return 1
}

// plainTags are what YAML's own resolution gives; a tag with one "!" is an
// intrinsic function.
var plainTags = []string{"", "!", "!!str", "!!int", "!!float", "!!bool", "!!timestamp", "!!merge", "!!map", "!!seq"}

// checkTree refuses what CloudFormation does not take in YAML (User Guide,
// "Template format", and its error "null values are not allowed in templates").
func checkTree(node *yaml.Node, found *problems) bool {
	switch {
	case node.Kind == yaml.AliasNode:
		found.add(node, "YAML aliases are not supported: write the value out")
		return false
	case node.Kind == yaml.ScalarNode && node.Tag == "!!null":
		found.add(node, "a value is missing (null is not allowed in templates)")
		return false
	case !slices.Contains(plainTags, node.Tag) && (!strings.HasPrefix(node.Tag, "!") || strings.HasPrefix(node.Tag, "!!")):
		found.add(node, "the YAML tag %s is not supported", node.Tag)
		return false
	}
	sound := node.Kind != yaml.MappingNode || checkKeys(node, found)
	for _, child := range node.Content {
		sound = checkTree(child, found) && sound
	}
	return sound
}

func checkKeys(mapping *yaml.Node, found *problems) bool {
	seen := map[string]bool{}
	sound := true
	for key := range pairs(mapping) {
		switch {
		case key.Kind != yaml.ScalarNode || key.Tag == "!!merge":
			found.add(key, "a key is plain text")
			sound = false
		case seen[key.Value]:
			found.add(key, "the key %q is here twice", key.Value)
			sound = false
		}
		seen[key.Value] = true
	}
	return sound
}

// readDocument finds the sections and refuses those that are not known.
func readDocument(root *yaml.Node, found *problems) *document {
	read := &document{}
	sections := map[string]**yaml.Node{
		"Parameters": &read.parameters, "Mappings": &read.mappings, "Conditions": &read.conditions,
		"Outputs": &read.outputs, "Globals": &read.globals, "Rules": &read.rules,
	}
	for key, value := range pairs(root) {
		section, known := sections[key.Value]
		switch {
		case known && value.Kind != yaml.MappingNode:
			found.add(value, "%s is a mapping", key.Value)
		case known:
			*section = value
		case key.Value == "Resources":
			read.readResources(value, found)
		case key.Value == "AWSTemplateFormatVersion":
			if value.Value != "2010-09-09" {
				found.add(value, `AWSTemplateFormatVersion is "2010-09-09"`)
			}
		case key.Value == "Description":
			read.description = value.Value
		case key.Value != "Metadata" && key.Value != "Transform":
			found.add(key, "the section %s is not supported", key.Value)
		}
	}
	transform := child(root, "Transform")
	if transform == nil {
		found.add(root, "Transform is missing: want %s", samTransform)
	} else if transform.Value != samTransform {
		found.add(transform, "the only Transform supported is %s", samTransform)
	}
	if child(root, "Resources") == nil {
		found.add(root, "Resources is missing")
	}
	return read
}

var logicalID = regexp.MustCompile(`^[A-Za-z0-9]+$`)

func (d *document) readResources(section *yaml.Node, found *problems) {
	if section.Kind != yaml.MappingNode {
		found.add(section, "Resources is a mapping")
		return
	}
	for key, value := range pairs(section) {
		if !logicalID.MatchString(key.Value) {
			found.add(key, "the logical id %q is not letters and digits alone", key.Value)
		}
		if value.Kind != yaml.MappingNode {
			found.add(value, "%s is a mapping with a Type", key.Value)
			continue
		}
		d.resources = append(d.resources, readResource(key, value, found))
	}
}

func readResource(id, node *yaml.Node, found *problems) *resource {
	read := &resource{logicalID: id.Value, node: id, properties: &yaml.Node{Kind: yaml.MappingNode, Line: id.Line}}
	for key, value := range pairs(node) {
		switch key.Value {
		case "Type":
			read.kind, read.node = value.Value, value
		case "Properties":
			if value.Kind != yaml.MappingNode || isIntrinsic(value) {
				found.add(value, "%s.Properties is a mapping", id.Value)
				continue
			}
			read.properties = value
		case "Metadata":
			read.metadata = value
		case "Condition":
			read.condition = value
		case "DependsOn", "DeletionPolicy", "UpdateReplacePolicy": // the order and the end of things on AWS
		default:
			found.add(key, "%s.%s is not supported", id.Value, key.Value)
		}
	}
	if read.kind == "" {
		found.add(id, "%s has no Type", id.Value)
	}
	return read
}
