package asl

import (
	"strings"
	"time"
)

// operator is a comparison: which literals it takes and when it holds.
type operator struct {
	takes func(literal any) bool
	what  string // what it takes, for messages
	holds func(value, want any) bool
	path  bool // there is one with "Path" too
}

// operators are the data-test expressions (specification, "Choice State"), but IsPresent.
var operators = func() map[string]operator {
	all := map[string]operator{
		"StringMatches": {isText, "a string", matchesPattern, false},
		"BooleanEquals": {isTruth, "a boolean", func(value, want any) bool { return isTruth(value) && isTruth(want) && value == want }, true},
		"IsNull":        typeTest(func(value any) bool { return value == nil }),
		"IsNumeric":     typeTest(isNumber),
		"IsString":      typeTest(isText),
		"IsBoolean":     typeTest(isTruth),
		"IsTimestamp":   typeTest(isTimestamp),
	}
	orders := map[string]func(order int) bool{
		"Equals":            func(order int) bool { return order == 0 },
		"LessThan":          func(order int) bool { return order < 0 },
		"LessThanEquals":    func(order int) bool { return order <= 0 },
		"GreaterThan":       func(order int) bool { return order > 0 },
		"GreaterThanEquals": func(order int) bool { return order >= 0 },
	}
	for name, fits := range orders {
		all["String"+name] = operator{isText, "a string", ordered(compareTexts, fits), true}
		all["Numeric"+name] = operator{isNumber, "a number", ordered(compareNumeric, fits), true}
		all["Timestamp"+name] = operator{isTimestamp, "an RFC 3339 timestamp", ordered(compareTimestamps, fits), true}
	}
	return all
}()

// typeTest is Is…: true asks for the type, false for any other.
func typeTest(is func(any) bool) operator {
	return operator{isTruth, "a boolean", func(value, want any) bool { return is(value) == want }, false}
}

func ordered(compare func(a, b any) (int, bool), fits func(int) bool) func(value, want any) bool {
	return func(value, want any) bool {
		order, ok := compare(value, want)
		return ok && fits(order)
	}
}

func isText(value any) bool {
	_, ok := value.(string)
	return ok
}

func isTruth(value any) bool {
	_, ok := value.(bool)
	return ok
}

func isNumber(value any) bool {
	_, ok := number(value)
	return ok
}

func isTimestamp(value any) bool {
	_, ok := timestamp(value)
	return ok
}

// timestamp reads a timestamp as a definition or its data write it: RFC 3339 with a "T" and
// an offset or "Z" (specification, "Timestamps").
func timestamp(value any) (at time.Time, ok bool) {
	text, isText := value.(string)
	if !isText {
		return time.Time{}, false
	}
	err := at.UnmarshalText([]byte(text)) // unlike time.Parse, to the letter
	return at, err == nil
}

func compareTexts(a, b any) (int, bool) {
	left, leftOK := a.(string)
	right, rightOK := b.(string)
	return strings.Compare(left, right), leftOK && rightOK
}

func compareNumeric(a, b any) (int, bool) {
	left, leftOK := number(a)
	right, rightOK := number(b)
	if !leftOK || !rightOK {
		return 0, false
	}
	return compareNumbers(left, right), true
}

func compareTimestamps(a, b any) (int, bool) {
	left, leftOK := timestamp(a)
	right, rightOK := timestamp(b)
	return left.Compare(right), leftOK && rightOK
}
