package expression

import (
	_ "embed"
	"strings"
)

// reservedText lists the words that cannot name an attribute in an expression
// (Developer Guide, "Reserved words in DynamoDB").
//
//go:embed reserved.txt
var reservedText string

var reserved = func() map[string]bool {
	words := map[string]bool{}
	for word := range strings.FieldsSeq(reservedText) {
		words[word] = true
	}
	return words
}()

func isReserved(word string) bool { return reserved[strings.ToLower(word)] }
