package runlog

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Parse reads one line of a log stream that came at an instant.
func Parse(text string, at time.Time) Line {
	text = strings.TrimRight(text, "\r\n")
	line := Line{At: at.UTC(), Kind: Text, Message: text, Raw: text}
	var members map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &members) != nil {
		return line
	}
	if isPlatform(members) {
		line.Kind, line.Message = Platform, asText(members["type"])
		line.Fields = recordFields(members["record"])
		return line
	}
	if members["message"] == nil || members["level"] == nil {
		return line
	}
	line.Kind, line.Message, line.Level = Application, asText(members["message"]), asText(members["level"])
	if stamped, err := time.Parse(time.RFC3339Nano, asText(members["timestamp"])); err == nil {
		line.At = stamped.UTC()
	}
	// _aws tells CloudWatch which members are metrics.
	for _, known := range []string{"timestamp", "level", "message", "_aws"} {
		delete(members, known)
	}
	line.Fields = fieldsOf(members)
	return line
}

func isPlatform(members map[string]json.RawMessage) bool {
	return members["record"] != nil && strings.HasPrefix(asText(members["type"]), "platform.")
}

// recordFields flattens a platform record by one level: metrics are what one looks for.
func recordFields(record json.RawMessage) []Field {
	var members map[string]json.RawMessage
	if json.Unmarshal(record, &members) != nil {
		return nil
	}
	var metrics map[string]json.RawMessage
	if json.Unmarshal(members["metrics"], &metrics) == nil {
		delete(members, "metrics")
		maps.Copy(members, metrics)
	}
	return fieldsOf(members)
}

func fieldsOf(members map[string]json.RawMessage) []Field {
	var fields []Field
	for _, name := range slices.Sorted(maps.Keys(members)) {
		fields = append(fields, Field{name, asText(members[name])})
	}
	return fields
}

// asText is a value without the quotes of a text.
func asText(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	return string(value)
}

// Field is the value of a line's field; empty where it has none of that name.
func (l Line) Field(name string) string {
	for _, field := range l.Fields {
		if field.Name == name {
			return field.Value
		}
	}
	return ""
}

// String is the line in short, `INFO published rows_written=1152`.
func (l Line) String() string {
	var text strings.Builder
	text.WriteString(strings.TrimSpace(l.Level + " " + l.Message))
	for _, field := range l.Fields {
		fmt.Fprintf(&text, " %s=%s", field.Name, field.Value)
	}
	return text.String()
}
