package attribute

import "strings"

// Describe writes a scalar as DynamoDB's messages do: {S:text}. Other values give
// their type alone.
func Describe(v Value) string {
	return "{" + string(v.Type()) + ":" + describeScalar(v) + "}"
}

func describeScalar(v Value) string {
	switch v := v.(type) {
	case String:
		return string(v)
	case Number:
		return v.String()
	case Binary:
		return "binary"
	default:
		return "…"
	}
}

func describeMembers(s Set) string {
	words := make([]string, len(s.members))
	for i, member := range s.members {
		words[i] = describeScalar(member)
	}
	return "[" + strings.Join(words, ", ") + "]"
}
