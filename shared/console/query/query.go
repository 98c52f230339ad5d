// Package query reads what stands after the question mark of a page's address, and
// says what is wrong with it.
package query

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"delfos/shared/console/site"
	"delfos/shared/partition"
)

// maxText bounds a parameter that can be anything.
const maxText = 2048

// Reader reads the parameters of one request.
type Reader struct {
	path     string
	values   url.Values
	known    []string
	problems []string
}

// Of reads the request's query.
func Of(r *http.Request) *Reader { return &Reader{path: r.URL.Path, values: r.URL.Query()} }

// Text is a parameter that can be anything; "" where it is missing.
func (q *Reader) Text(name string) string {
	q.known = append(q.known, name)
	values := q.values[name]
	switch {
	case len(values) > 1:
		q.refuse(name, "it is there %d times; want it once", len(values))
	case len(values) == 1 && len(values[0]) > maxText:
		q.refuse(name, "it has %d bytes; want at most %d", len(values[0]), maxText)
	case len(values) == 1:
		return strings.TrimSpace(values[0])
	}
	return ""
}

// OneOf is a parameter that is one of some words; "" where it is missing.
func (q *Reader) OneOf(name string, words ...string) string {
	text := q.Text(name)
	if text == "" || slices.Contains(words, text) {
		return text
	}
	q.refuse(name, "%q is none of %s", text, strings.Join(words, ", "))
	return ""
}

// Day is a parameter that is a day; zero where it is missing.
func (q *Reader) Day(name string) partition.Key {
	text := q.Text(name)
	if text == "" {
		return partition.Key{}
	}
	key, err := partition.ParseKey(text)
	if err != nil {
		q.refuse(name, "%q is no day that exists; want it as 2026-02-21", text)
	}
	return key
}

// Whole is a parameter that is a whole number of a range; missing is the number named.
func (q *Reader) Whole(name string, low, high, missing int) int {
	text := q.Text(name)
	if text == "" {
		return missing
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		q.refuse(name, "%q is no whole number from %d to %d", text, low, high)
		return missing
	}
	return n
}

func (q *Reader) refuse(name, format string, args ...any) {
	q.problems = append(q.problems, name+": "+fmt.Sprintf(format, args...))
}

// Err is nil, or a *site.Refusal that names every parameter that is wrong and every
// one that nothing has asked for, and links to the page without.
func (q *Reader) Err() error {
	for name := range q.values {
		if !slices.Contains(q.known, name) {
			q.refuse(name, "there is no such parameter; there are %s", strings.Join(q.known, ", "))
		}
	}
	if len(q.problems) == 0 {
		return nil
	}
	slices.Sort(q.problems)
	return &site.Refusal{
		Status: http.StatusBadRequest, Title: "This address asks for what there is not",
		Advice: strings.Join(q.problems, ". ") + ".",
		Links:  []site.Link{{Text: "The page without parameters", URL: strings.TrimSuffix(q.path, "/fragment")}},
	}
}
