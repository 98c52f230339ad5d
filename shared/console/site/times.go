package site

import (
	"html/template"
	"time"
)

// none stands where there is nothing to say.
const none = `<span class="none" title="none">–</span>`

// instant takes what templates give for a time.
func instant(t any) (time.Time, bool) {
	switch t := t.(type) {
	case time.Time:
		return t, !t.IsZero()
	case *time.Time:
		if t != nil {
			return *t, !t.IsZero()
		}
	}
	return time.Time{}, false
}

func (s *Site) when(t any) template.HTML   { return s.element(t, "2006-01-02 15:04:05", "") }
func (s *Site) minute(t any) template.HTML { return s.element(t, "2006-01-02 15:04", "") }
func (s *Site) clock(t any) template.HTML  { return s.element(t, "15:04:05", "") }
func (s *Site) date(t any) template.HTML   { return s.element(t, "2006-01-02", "") }
func (s *Site) ago(t any) template.HTML    { return s.element(t, "2006-01-02 15:04:05", " data-ago") }
func (s *Site) since(t any) template.HTML  { return s.element(t, "15:04:05", " data-since") }

// element is a time in the partitions' zone. On hover it says the zone's and UTC's;
// scripts read UTC's.
func (s *Site) element(t any, layout, attribute string) template.HTML {
	at, ok := instant(t)
	if !ok {
		return none
	}
	local, utc := at.In(s.Location), at.UTC()
	const full = "2006-01-02 15:04:05"
	title := utc.Format(full) + " UTC"
	if s.Location.String() != "UTC" {
		title = local.Format(full+" MST") + " (" + s.Location.String() + ")\n" + title
	}
	return template.HTML(`<time datetime="` + utc.Format("2006-01-02T15:04:05.000Z") + `" title="` + //nolint:gosec // digits, and a zone's name, escaped
		template.HTMLEscapeString(title) + `"` + attribute + `>` + local.Format(layout) + `</time>`)
}
