package site

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"net/http"
	"strings"
)

// part is what a page shows and polls, with the ETag that Fragment gives it, so that the
// first poll is answered by 304 where nothing has changed:
//
//	{{with part "runs-part" .}}<div data-poll="…" data-etag="{{.Tag}}">{{.HTML}}</div>{{end}}
type part struct {
	HTML template.HTML
	Tag  string
}

func (s *Site) part(t *template.Template, name string, data any) (part, error) {
	content, err := s.execute(t, name, data)
	return part{template.HTML(content), s.tagOf(content)}, err //nolint:gosec // a template of ours has escaped it
}

// tagOf is a part's ETag, still with the mark for whose it is, where it has forms. It is
// weak, as a compressed answer has other bytes under the same tag.
func (s *Site) tagOf(content []byte) string {
	mark := []byte(s.formMark)
	if !bytes.Contains(content, mark) {
		return `W/"` + digest(content) + `"`
	}
	// The mark is another in each process.
	return `W/"` + digest(bytes.ReplaceAll(content, mark, nil)) + "." + s.tagMark + `"`
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// Fragment answers with a part of a page, for polling: 304 where the browser has it
// already.
func (s *Site) Fragment(w http.ResponseWriter, r *http.Request, t *template.Template, name string, data any) {
	content, err := s.execute(t, name, data)
	if err != nil {
		s.broken(w, r, err)
		return
	}
	tag := string(s.forBrowser([]byte(s.tagOf(content)), r))
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", "private, no-cache")
	if hasTag(r, tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	s.write(w, r, http.StatusOK, content)
}

// hasTag tells whether the browser has the content, by the weak comparison of RFC
// 9110, section 8.8.3.2.
func hasTag(r *http.Request, tag string) bool {
	for _, line := range r.Header.Values("If-None-Match") {
		for known := range strings.SplitSeq(line, ",") {
			if known = strings.TrimSpace(known); known == "*" || strings.TrimPrefix(known, "W/") == strings.TrimPrefix(tag, "W/") {
				return true
			}
		}
	}
	return false
}

// isFragment tells that the core module asks for a part of a page.
func isFragment(r *http.Request) bool { return r.Header.Get("Delfos-Fragment") != "" }
