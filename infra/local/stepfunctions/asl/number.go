package asl

import (
	"cmp"
	"encoding/json"
	"strconv"
)

// number is the value as a number. Context objects are made by Go code, which may put
// Go's own numbers into them.
func number(value any) (json.Number, bool) {
	switch value := value.(type) {
	case json.Number:
		return value, true
	case int:
		return json.Number(strconv.Itoa(value)), true
	case int64:
		return json.Number(strconv.FormatInt(value, 10)), true
	case float64:
		return json.Number(strconv.FormatFloat(value, 'g', -1, 64)), true
	default:
		return "", false
	}
}

// compareNumbers orders two numbers: exactly where both are integers of 64 bits, else as
// IEEE 754 doubles, which the specification asks for ("Data").
func compareNumbers(a, b json.Number) int {
	left, leftErr := strconv.ParseInt(string(a), 10, 64)
	right, rightErr := strconv.ParseInt(string(b), 10, 64)
	if leftErr == nil && rightErr == nil {
		return cmp.Compare(left, right)
	}
	return cmp.Compare(double(a), double(b))
}

// double is the number as a double; one that is too large is infinite, which compares as it
// should.
func double(n json.Number) float64 {
	value, _ := strconv.ParseFloat(string(n), 64)
	return value
}

// integer is a number that is written without fraction or exponent.
func integer(value any) (int64, bool) {
	n, ok := number(value)
	if !ok {
		return 0, false
	}
	i, err := strconv.ParseInt(string(n), 10, 64)
	return i, err == nil
}

func integerValue(i int64) json.Number { return json.Number(strconv.FormatInt(i, 10)) }

// equal tells whether two JSON values are the same; numbers by their value.
func equal(a, b any) bool {
	if left, ok := number(a); ok {
		right, ok := number(b)
		return ok && compareNumbers(left, right) == 0
	}
	switch a := a.(type) {
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !equal(a[i], b[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && equalMembers(a, b)
	case nil:
		return b == nil
	case bool:
		b, ok := b.(bool)
		return ok && a == b
	case string:
		b, ok := b.(string)
		return ok && a == b
	default:
		return false
	}
}

func equalMembers(a, b map[string]any) bool {
	if len(a) != len(b) {
		return false
	}
	for name, left := range a {
		right, ok := b[name]
		if !ok || !equal(left, right) {
			return false
		}
	}
	return true
}
