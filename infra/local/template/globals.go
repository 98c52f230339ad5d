package template

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// globalProperties are the properties that Globals may set, of those known here
// (AWS SAM Developer Guide, "Globals section of the AWS SAM template").
var globalProperties = map[string][]string{
	"Function": {
		"Architectures", "CodeUri", "Description", "Environment", "EventInvokeConfig", "Handler", "KmsKeyArn", "LoggingConfig",
		"MemorySize", "PermissionsBoundary", "ReservedConcurrentExecutions", "Runtime", "Tags", "Timeout", "Tracing", "VpcConfig",
	},
	"HttpApi": {"AccessLogSettings", "FailOnWarnings", "Tags"},
}

// mergeGlobals adds the properties of Globals to the resources of their types.
func mergeGlobals(document *document, found *problems) {
	for section, properties := range pairs(document.globals) {
		allowed, known := globalProperties[section.Value]
		if !known {
			found.add(section, "Globals.%s is not supported by the local stack", section.Value)
			continue
		}
		if properties.Kind != yaml.MappingNode {
			found.add(properties, "Globals.%s is a mapping", section.Value)
			continue
		}
		for key := range pairs(properties) {
			if !slices.Contains(allowed, key.Value) {
				found.add(key, "Globals.%s.%s is not supported by the local stack", section.Value, key.Value)
			}
		}
		for _, resource := range document.resources {
			if resource.kind == "AWS::Serverless::"+section.Value {
				resource.properties = merge(properties, resource.properties, "Architectures")
			}
		}
	}
}

// merge is SAM's: maps merge, lists add, anything else is replaced by the local
// value, and so are calls of intrinsic functions and the keys in replaced.
func merge(global, local *yaml.Node, replaced ...string) *yaml.Node {
	switch {
	case global.Kind != local.Kind || isIntrinsic(global) || isIntrinsic(local):
		return local
	case local.Kind == yaml.SequenceNode:
		return listAt(local, slices.Concat(global.Content, local.Content))
	case local.Kind != yaml.MappingNode:
		return local
	}
	merged := &yaml.Node{Kind: yaml.MappingNode, Line: local.Line}
	for key, value := range pairs(global) {
		if own := child(local, key.Value); own == nil {
			merged.Content = append(merged.Content, key, value)
		} else if !slices.Contains(replaced, key.Value) {
			merged.Content = append(merged.Content, key, merge(value, own))
		}
	}
	for key, value := range pairs(local) {
		if child(merged, key.Value) == nil {
			merged.Content = append(merged.Content, key, value)
		}
	}
	return merged
}
