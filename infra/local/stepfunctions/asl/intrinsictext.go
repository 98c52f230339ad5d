package asl

import (
	"crypto/md5"  //nolint:gosec // States.Hash offers it
	"crypto/sha1" //nolint:gosec // States.Hash offers it
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"strings"
	"unicode/utf8"
)

// maxText is the length in characters of what Base64Encode, Base64Decode and Hash take.
const maxText = 10_000

// formatLiteral is a template of States.Format that is written in the definition, with
// its escapes.
type formatLiteral string

// format puts the other arguments in the places of {}.
func format(_ Scope, arguments []any) (any, error) {
	var template string
	var escaped bool
	switch first := arguments[0].(type) {
	case formatLiteral:
		template, escaped = string(first), true
	case string:
		template = first
	default:
		return nil, wrongArgument(arguments, 1, "a string")
	}
	var text strings.Builder
	taken := 1
	for i := 0; i < len(template); i++ {
		switch {
		case escaped && template[i] == '\\' && i+1 < len(template):
			i++
			text.WriteByte(template[i])
		case strings.HasPrefix(template[i:], "{}"):
			i++
			if taken < len(arguments) {
				text.WriteString(plainText(arguments[taken]))
			}
			taken++
		default:
			text.WriteByte(template[i])
		}
	}
	if taken != len(arguments) {
		return nil, fmt.Errorf("there are %d places {} for %d values", taken-1, len(arguments)-1)
	}
	return text.String(), nil
}

func stringToJSON(_ Scope, arguments []any) (any, error) {
	text, err := textArgument(arguments, 1)
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(text) == "" {
		return nil, nil //nolint:nilnil // JSON null, as is recorded
	}
	value, _, err := decode([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("the string is no JSON: %w", err)
	}
	return value, nil
}

func jsonToString(_ Scope, arguments []any) (any, error) { return jsonText(arguments[0]), nil }

func base64Encode(_ Scope, arguments []any) (any, error) {
	text, err := shortText(arguments)
	return base64.StdEncoding.EncodeToString([]byte(text)), err
}

func base64Decode(_ Scope, arguments []any) (any, error) {
	text, err := shortText(arguments)
	if err != nil {
		return nil, err
	}
	decoded, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("the string is no Base64: %w", err)
	}
	return strings.ToValidUTF8(string(decoded), "\uFFFD"), nil
}

func shortText(arguments []any) (string, error) {
	text, err := textArgument(arguments, 1)
	if err == nil && utf8.RuneCountInString(text) > maxText {
		return "", fmt.Errorf("the string has more than %d characters", maxText)
	}
	return text, err
}

// hash is of a string's UTF-8, or of another value's JSON text, in hexadecimal digits.
func hash(_ Scope, arguments []any) (any, error) {
	data := shownText(arguments[0])
	if utf8.RuneCountInString(data) > maxText {
		return nil, fmt.Errorf("the data has more than %d characters", maxText)
	}
	algorithm, err := textArgument(arguments, 2)
	if err != nil {
		return nil, err
	}
	var sum []byte
	switch algorithm {
	case "MD5":
		digest := md5.Sum([]byte(data)) //nolint:gosec // asked for
		sum = digest[:]
	case "SHA-1":
		digest := sha1.Sum([]byte(data)) //nolint:gosec // asked for
		sum = digest[:]
	case "SHA-256":
		digest := sha256.Sum256([]byte(data))
		sum = digest[:]
	case "SHA-384":
		digest := sha512.Sum384([]byte(data))
		sum = digest[:]
	case "SHA-512":
		digest := sha512.Sum512([]byte(data))
		sum = digest[:]
	default:
		return nil, fmt.Errorf("the algorithm %q is none of MD5, SHA-1, SHA-256, SHA-384, SHA-512", algorithm)
	}
	return hex.EncodeToString(sum), nil
}

// jsonMerge takes the members of both objects, the second's where both have one; deep
// merging is not there on AWS either.
func jsonMerge(_ Scope, arguments []any) (any, error) {
	first, err := objectArgument(arguments, 1)
	if err != nil {
		return nil, err
	}
	second, err := objectArgument(arguments, 2)
	if err != nil {
		return nil, err
	}
	switch deep, ok := arguments[2].(bool); {
	case !ok:
		return nil, wrongArgument(arguments, 3, "a boolean")
	case deep:
		return nil, errors.New("deep merging is not supported: argument 3 must be false")
	}
	merged := make(map[string]any, len(first)+len(second))
	maps.Copy(merged, first)
	maps.Copy(merged, second)
	return merged, nil
}

// stringSplit takes every character of the second argument as a delimiter, and leaves
// out parts that are empty, as is recorded.
func stringSplit(_ Scope, arguments []any) (any, error) {
	text, err := textArgument(arguments, 1)
	if err != nil {
		return nil, err
	}
	delimiters, err := textArgument(arguments, 2)
	if err != nil {
		return nil, err
	}
	parts := []any{}
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(delimiters, r) }) {
		parts = append(parts, part)
	}
	return parts, nil
}

func uuid(scope Scope, _ []any) (any, error) {
	if scope.NewUUID == nil {
		return nil, errors.New("there is no source of UUIDs")
	}
	return scope.NewUUID(), nil
}
