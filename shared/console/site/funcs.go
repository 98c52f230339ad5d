package site

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strings"
)

// Funcs are what templates write with. Times take a time.Time or a *time.Time, and
// none is a dash; states take any type whose text is the state's name.
//
//	when, minute, clock, date a time in the partitions' zone, UTC on hover
//	ago, since               the same, which the core module keeps as "3 min ago", or counts up
//	duration                 27 ms, 1.4 s, 2 min 05 s, 3 h 12 min
//	number, decimal, percent 14,400; decimal 3 x; percent of 0.25 is 25 %
//	bytes, plural            1.2 MB; plural 3 "day" "days" is "3 days"
//	badge, mark, label, kind a state as badge, as icon alone, as word, as class
//	icon, asset              an icon of this package; an asset's URL
//	url                      a path and its query: url "/runs" "partition" x
//	csrf                     the field that every form that posts must have
//	writable                 whether there are actions at all
//	pretty, dict             JSON, indented; a map of names and values for a template
//	sentence                 an error's text as a sentence
func (s *Site) Funcs() template.FuncMap {
	return template.FuncMap{
		"when": s.when, "minute": s.minute, "clock": s.clock, "date": s.date, "ago": s.ago, "since": s.since,
		"duration": Duration, "number": Number, "decimal": decimal, "percent": percent, "bytes": byteSize, "plural": plural,
		"badge": badge, "mark": mark, "label": label, "kind": kind,
		"icon": icon, "asset": s.AssetURL, "url": address,
		"csrf":     func() template.HTML { return s.csrfField() },
		"writable": func() bool { return !s.ReadOnly },
		"pretty":   pretty, "dict": dict,
		"sentence": func(text any) string { return sentence(fmt.Sprint(text)) },
	}
}

// csrfField holds the mark that forBrowser replaces: the functions of a template
// know nothing of the request.
func (s *Site) csrfField() template.HTML {
	return template.HTML(`<input type="hidden" name="csrf" value="` + s.formMark + `">`) //nolint:gosec // the mark is letters and digits
}

func badge(state any) (template.HTML, error) {
	w := wordFor(fmt.Sprint(state))
	drawing, err := icon(w.Icon)
	return template.HTML(`<span class="badge `+w.Kind+`">`) + drawing + //nolint:gosec // escaped here, the rest are constants
		template.HTML(template.HTMLEscapeString(w.Label)+`</span>`), err //nolint:gosec // likewise
}

func mark(state any) (template.HTML, error) {
	w := wordFor(fmt.Sprint(state))
	drawing, err := icon(w.Icon)
	name := template.HTMLEscapeString(w.Label)
	return template.HTML(`<span class="mark `+w.Kind+`" role="img" aria-label="`+name+`" title="`+name+`">`) + //nolint:gosec // escaped here
		drawing + `</span>`, err
}

func label(state any) string { return wordFor(fmt.Sprint(state)).Label }

func kind(state any) string { return wordFor(fmt.Sprint(state)).Kind }

// address makes a path with a query of names and values in turn; empty values are
// left out, so that a URL says what is chosen and no more.
func address(path string, pairs ...any) (string, error) {
	if len(pairs)%2 != 0 {
		return "", errors.New("url: want names and values in turn")
	}
	var query []string
	for pair := range slices.Chunk(pairs, 2) {
		if value := fmt.Sprint(pair[1]); value != "" {
			query = append(query, url.QueryEscape(fmt.Sprint(pair[0]))+"="+url.QueryEscape(value))
		}
	}
	if len(query) == 0 {
		return path, nil
	}
	return path + "?" + strings.Join(query, "&"), nil
}

// dict lets a template give another one several values.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, errors.New("dict: want names and values in turn")
	}
	named := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: the name %v is no text", pairs[i])
		}
		named[name] = pairs[i+1]
	}
	return named, nil
}

// pretty indents JSON, given as text or as a value; text that is none stays as it is.
func pretty(content any) string {
	var text []byte
	switch content := content.(type) {
	case string:
		text = []byte(content)
	case []byte:
		text = content
	case json.RawMessage:
		text = content
	default:
		encoded, err := json.Marshal(content)
		if err != nil {
			return fmt.Sprint(content)
		}
		text = encoded
	}
	var indented bytes.Buffer
	if json.Indent(&indented, text, "", "  ") != nil {
		return string(text)
	}
	return indented.String()
}
