package chart

import (
	"html"
	"html/template"
	"strconv"
	"strings"
)

// writer writes HTML and SVG. Everything that is not a constant of this package
// goes through attributes or text, which are escaped.
type writer struct{ strings.Builder }

// open writes a start tag with attributes in pairs of name and value. An
// attribute whose value is empty is left out.
func (w *writer) open(name string, attributes ...string) {
	w.WriteByte('<')
	w.WriteString(name)
	w.attributes(attributes)
	w.WriteByte('>')
}

// empty writes an element without content.
func (w *writer) empty(name string, attributes ...string) {
	w.WriteByte('<')
	w.WriteString(name)
	w.attributes(attributes)
	w.WriteString("/>")
}

func (w *writer) attributes(pairs []string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			continue
		}
		w.WriteByte(' ')
		w.WriteString(pairs[i])
		w.WriteString(`="`)
		w.WriteString(html.EscapeString(pairs[i+1]))
		w.WriteByte('"')
	}
}

func (w *writer) close(name string) {
	w.WriteString("</")
	w.WriteString(name)
	w.WriteByte('>')
}

func (w *writer) text(text string) { w.WriteString(html.EscapeString(text)) }

// element writes an element that holds text alone.
func (w *writer) element(name, text string, attributes ...string) {
	w.open(name, attributes...)
	w.text(text)
	w.close(name)
}

func (w *writer) html() template.HTML {
	return template.HTML(w.String()) //nolint:gosec // every value was escaped as it was written
}

// number writes a coordinate: to 2 decimals, as short as it goes.
func number(x float64) string {
	text := strconv.FormatFloat(x, 'f', 2, 64)
	text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	if text == "-0" || text == "" {
		return "0"
	}
	return text
}

// percent writes a share of the width.
func percent(share float64) string { return number(100*share) + "%" }
