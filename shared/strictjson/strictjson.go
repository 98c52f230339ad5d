// Package strictjson reads JSON objects whose members are all known: what is
// unknown, named twice or of another type is refused by name, and all at once.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Object is a JSON object that is being read. What is wrong with it gathers in Err.
type Object struct {
	members  map[string]json.RawMessage
	known    []string
	problems []error
}

// Parse reads an object of at most so many bytes, and nothing else.
func Parse(raw []byte, mostBytes int) (*Object, error) {
	if len(raw) > mostBytes {
		return nil, fmt.Errorf("it has %d bytes; want at most %d", len(raw), mostBytes)
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if begin, err := decoder.Token(); err != nil || begin != json.Delim('{') {
		return nil, fmt.Errorf("it is %s; want a JSON object", brief(raw))
	}
	o := &Object{members: map[string]json.RawMessage{}}
	for decoder.More() {
		if err := o.member(decoder); err != nil {
			return nil, fmt.Errorf("it is not JSON: %w", err)
		}
	}
	if _, err := decoder.Token(); err != nil {
		return nil, fmt.Errorf("it is not JSON: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON object")
	}
	return o, nil
}

func (o *Object) member(decoder *json.Decoder) error {
	token, err := decoder.Token()
	if err != nil {
		return err
	}
	name, ok := token.(string)
	if !ok {
		return fmt.Errorf("%v where a member's name should be", token)
	}
	var value json.RawMessage
	if err := decoder.Decode(&value); err != nil {
		return err
	}
	if _, twice := o.members[name]; twice {
		o.Refuse("%q: it is there twice", name)
	}
	o.members[name] = value
	return nil
}

// Refuse adds to what is wrong: a sentence that begins with the member's name.
func (o *Object) Refuse(format string, args ...any) {
	o.problems = append(o.problems, fmt.Errorf(format, args...))
}

// Err is all that is wrong, members that were not asked for among it; nil where
// nothing is.
func (o *Object) Err() error {
	var unknown []error
	for _, name := range slices.Sorted(maps.Keys(o.members)) {
		if !slices.Contains(o.known, name) {
			unknown = append(unknown, fmt.Errorf("%q: there is no such member; want some of %s", brief([]byte(name)), strings.Join(o.known, ", ")))
		}
	}
	return joined(append(unknown, o.problems...))
}

// joined is all of the errors in one line.
func joined(problems []error) error {
	if len(problems) == 0 {
		return nil
	}
	var texts []string
	for _, problem := range problems {
		texts = append(texts, problem.Error())
	}
	return errors.New(strings.Join(texts, "; "))
}

// Member is a member as it stands; nil where it is not there.
func (o *Object) Member(name string) json.RawMessage {
	if !slices.Contains(o.known, name) {
		o.known = append(o.known, name)
	}
	return o.members[name]
}

// Text is a string of at most so many characters, none of which controls a terminal
// or ends a line; empty where it is not there.
func (o *Object) Text(name string, most int) string {
	raw := o.Member(name)
	if raw == nil {
		return ""
	}
	var value *string
	if err := json.Unmarshal(raw, &value); err != nil || value == nil {
		o.Refuse("%s: it is %s; want a string, or leave it out", name, brief(raw))
		return ""
	}
	if length := utf8.RuneCountInString(*value); length > most {
		o.Refuse("%s: it has %d characters; want at most %d", name, length, most)
		return ""
	}
	if strings.ContainsFunc(*value, unicode.IsControl) {
		o.Refuse("%s: it has a control character; want one line of text", name)
		return ""
	}
	return *value
}

// OneOf is one of the words; the first of them where it is not there.
func (o *Object) OneOf(name string, words ...string) string {
	if o.Member(name) == nil {
		return words[0]
	}
	raw := o.Member(name)
	var value string
	if err := json.Unmarshal(raw, &value); err != nil || !slices.Contains(words, value) {
		o.Refuse("%s: it is %s; want %s, or leave it out", name, brief(raw), orOf(words))
		return words[0]
	}
	return value
}

// Int is a whole number from least to most; otherwise where it is not there.
func (o *Object) Int(name string, least, most, otherwise int) int {
	raw := o.Member(name)
	if raw == nil {
		return otherwise
	}
	var value *int
	if err := json.Unmarshal(raw, &value); err != nil || value == nil || *value < least || *value > most {
		o.Refuse("%s: it is %s; want a whole number from %d to %d, or leave it out", name, brief(raw), least, most)
		return otherwise
	}
	return *value
}

func orOf(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// brief is a value as an error can hold it.
func brief(raw []byte) string {
	const most = 60
	text := strings.ToValidUTF8(string(raw), "\uFFFD")
	if text == "" {
		return "empty"
	}
	if utf8.RuneCountInString(text) > most {
		return string([]rune(text)[:most]) + "…"
	}
	return text
}

// Parsed is a string as parse reads it; zero where it is not there. want is the rule
// that a refusal tells.
func Parsed[T any](o *Object, name, want string, parse func(string) (T, error)) T {
	var none T
	raw := o.Member(name)
	if raw == nil {
		return none
	}
	var text *string
	if err := json.Unmarshal(raw, &text); err != nil || text == nil {
		o.Refuse("%s: it is %s; want %s, or leave it out", name, brief(raw), want)
		return none
	}
	value, err := parse(*text)
	if err != nil {
		o.Refuse("%s: it is %s; want %s, or leave it out", name, brief(raw), want)
		return none
	}
	return value
}
