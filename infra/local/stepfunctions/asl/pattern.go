package asl

import "strings"

// matchesPattern is StringMatches: * stands for any characters, \* and \\ for themselves.
func matchesPattern(value, want any) bool {
	text, textOK := value.(string)
	pattern, patternOK := want.(string)
	return textOK && patternOK && matchesParts(text, patternParts(pattern))
}

// patternParts are the texts between the asterisks.
func patternParts(pattern string) []string {
	parts := []string{""}
	for i := 0; i < len(pattern); i++ {
		switch {
		case pattern[i] == '*':
			parts = append(parts, "")
			continue
		case pattern[i] == '\\' && i+1 < len(pattern):
			i++
		}
		parts[len(parts)-1] += pattern[i : i+1]
	}
	return parts
}

// matchesParts finds the parts one after another: the first at the beginning, the last at
// the end.
func matchesParts(text string, parts []string) bool {
	first, last := parts[0], parts[len(parts)-1]
	if len(parts) == 1 {
		return text == first
	}
	if !strings.HasPrefix(text, first) {
		return false
	}
	text = text[len(first):]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(text, part)
		if i < 0 {
			return false
		}
		text = text[i+len(part):]
	}
	return strings.HasSuffix(text, last)
}
