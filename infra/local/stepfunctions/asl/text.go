package asl

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// jsonText is the value as compact JSON, members in the order of their names, with no
// character escaped for HTML.
func jsonText(value any) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "null" // What is no JSON value has no text.
	}
	return strings.TrimSuffix(text.String(), "\n")
}

// plainText is the value as States.Format puts it in: a string as it is, an object and an
// array as Java's collections write themselves, "{a=1, b=[x, y]}", which is recorded of AWS.
func plainText(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case string:
		return value
	case []any:
		texts := make([]string, len(value))
		for i, element := range value {
			texts[i] = plainText(element)
		}
		return "[" + strings.Join(texts, ", ") + "]"
	case map[string]any:
		texts := make([]string, 0, len(value))
		for _, name := range slices.Sorted(maps.Keys(value)) {
			texts = append(texts, name+"="+plainText(value[name]))
		}
		return "{" + strings.Join(texts, ", ") + "}"
	default:
		return jsonText(value)
	}
}

// shownText is the value as AWS's messages show it: a string as it is, all else as JSON.
func shownText(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	return jsonText(value)
}
