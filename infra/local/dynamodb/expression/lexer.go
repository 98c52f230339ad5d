package expression

import (
	"fmt"
	"strings"
)

type tokenKind int

const (
	endToken         tokenKind = iota
	wordToken                  // a name, a function or a keyword
	nameToken                  // #name
	valueToken                 // :value
	indexToken                 // 12
	punctuationToken           // ( ) [ ] . , + - = <> < <= > >=
)

type token struct {
	kind       tokenKind
	text       string
	start, end int // bytes in the source
}

// is tells whether the token is this punctuation.
func (t token) is(punctuation string) bool {
	return t.kind == punctuationToken && t.text == punctuation
}

// isKeyword compares without regard to case, as DynamoDB does.
func (t token) isKeyword(keyword string) bool {
	return t.kind == wordToken && strings.EqualFold(t.text, keyword)
}

// tokenize splits source; the last token is always an endToken.
func tokenize(source string) ([]token, error) {
	var tokens []token
	for at := 0; at < len(source); {
		if strings.IndexByte(" \t\r\n", source[at]) >= 0 {
			at++
			continue
		}
		next, ok := scan(source, at)
		tokens = append(tokens, next)
		if !ok {
			return nil, syntaxError(source, append(tokens, token{endToken, "<EOF>", len(source), len(source)}), len(tokens)-1)
		}
		at = next.end
	}
	return append(tokens, token{endToken, "<EOF>", len(source), len(source)}), nil
}

// scan reads the token at start; ok is false for a character that begins none.
func scan(source string, start int) (next token, ok bool) {
	kind := punctuationToken
	var length int
	switch first := source[start]; {
	case first == '#' || first == ':':
		kind, length = nameToken, 1+prefixLength(source[start+1:], isWordByte)
		if first == ':' {
			kind = valueToken
		}
		ok = length > 1
	case isDigit(first):
		kind, length, ok = indexToken, prefixLength(source[start:], isDigit), true
	case isWordByte(first):
		kind, length, ok = wordToken, prefixLength(source[start:], isWordByte), true
	case strings.HasPrefix(source[start:], "<>"), strings.HasPrefix(source[start:], "<="), strings.HasPrefix(source[start:], ">="):
		length, ok = 2, true
	default:
		length, ok = 1, strings.IndexByte("()[].,+-=<>", first) >= 0
	}
	return token{kind, source[start : start+length], start, start + length}, ok
}

func prefixLength(s string, in func(byte) bool) int {
	for i := range len(s) {
		if !in(s[i]) {
			return i
		}
	}
	return len(s)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isWordByte(c byte) bool {
	return c == '_' || isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// syntaxError says where, with the token before and after, in DynamoDB's form.
func syntaxError(source string, tokens []token, at int) error {
	from, to := tokens[max(at-1, 0)].start, tokens[min(at+1, len(tokens)-1)].end
	return fmt.Errorf("Syntax error; token: %q, near: %q", tokens[at].text, source[from:to]) //nolint:staticcheck // DynamoDB's words
}
