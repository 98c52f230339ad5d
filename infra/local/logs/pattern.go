package logs

import (
	"regexp"
	"strings"
)

// maxPatternLength is the longest filterPattern (CloudWatch Logs API Reference).
const maxPatternLength = 1024

// A pattern decides which messages FilterLogEvents returns.
type pattern interface{ matches(message string) bool }

// allTerms matches messages that contain every term, in any order; with no term,
// every message.
type allTerms []string

func (terms allTerms) matches(message string) bool {
	for _, term := range terms {
		if !strings.Contains(message, term) {
			return false
		}
	}
	return true
}

// parsePattern reads a filter pattern (CloudWatch Logs User Guide, "Filter
// pattern syntax"): terms and quoted terms, or a JSON pattern of = and != joined
// by && and ||. Every other form is refused by its name.
func parsePattern(text string) (pattern, error) {
	if len(text) > maxPatternLength {
		return nil, invalidParameter("filterPattern: %d bytes, at most %d", len(text), maxPatternLength)
	}
	trimmed := strings.TrimSpace(text)
	if strings.HasPrefix(trimmed, "{") {
		return parseJSONPattern(trimmed)
	}
	if strings.HasPrefix(trimmed, "[") {
		return nil, unsupported("space-delimited patterns", trimmed)
	}
	var terms allTerms
	for trimmed != "" {
		term, rest, err := nextTerm(trimmed)
		if err != nil {
			return nil, err
		}
		terms = append(terms, term)
		trimmed = strings.TrimSpace(rest)
	}
	return terms, nil
}

func unsupported(form, where string) error {
	return invalidParameter("filterPattern: the local CloudWatch Logs does not support %s, at %q", form, where)
}

var plainTerm = regexp.MustCompile(`^\w+$`)

func nextTerm(text string) (term, rest string, err error) {
	switch text[0] {
	case '"':
		return quoted(text)
	case '-':
		return "", "", unsupported("excluded terms (-term)", text)
	case '?':
		return "", "", unsupported("optional terms (?term)", text)
	case '%':
		return "", "", unsupported("regular expressions (%...%)", text)
	}
	end := strings.IndexAny(text, " \t\r\n\"")
	if end < 0 {
		end = len(text)
	}
	if term = text[:end]; !plainTerm.MatchString(term) {
		return "", "", invalidParameter("Invalid character(s) in term '%s': put it in double quotes", term)
	}
	return term, text[end:], nil
}

// quoted reads a term in double quotes, in which \" stands for a quote and \\
// for a backslash.
func quoted(text string) (term, rest string, err error) {
	var content strings.Builder
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '"':
			return content.String(), text[i+1:], nil
		case text[i] == '\\' && i+1 < len(text) && (text[i+1] == '"' || text[i+1] == '\\'):
			i++
		}
		content.WriteByte(text[i])
	}
	return "", "", invalidParameter("filterPattern: the double quote at %q is not closed", text)
}
