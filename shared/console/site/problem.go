package site

import (
	"encoding/json"
	"html/template"
	"net/http"
	"strings"
)

// problem is what the error page says.
type problem struct {
	Status int    `json:"status"`
	Title  string `json:"title"`
	Advice string `json:"detail"`
	Links  []Link `json:"-"`
	Back   string `json:"-"` // where one came from, if from here
}

// Problem answers with the error page: what went wrong, what to do, and links that
// help. A part that is polled gets the same as a part, and who asks for JSON a
// problem document (RFC 9457).
func (s *Site) Problem(w http.ResponseWriter, r *http.Request, status int, title, advice string, links ...Link) {
	p := problem{Status: status, Title: title, Advice: advice, Links: links}
	if wantsJSON(r) {
		writeJSON(w, "application/problem+json", status, p)
		return
	}
	if from := back(r); from != "/" && from != r.URL.RequestURI() && !strings.HasPrefix(from, "/login") {
		p.Back = from
	}
	if !isFragment(r) {
		s.Render(w, r, Page{Title: title, Section: sectionOf(r.URL.Path), Template: s.layout, Name: "problem.html", Data: p, Status: status})
		return
	}
	part, err := s.execute(s.layout, "problem", p)
	if err != nil {
		part = []byte(template.HTMLEscapeString(title + ". " + advice))
	}
	s.write(w, r, status, part)
}

// wantsJSON tells that a script asks.
func wantsJSON(r *http.Request) bool {
	return strings.Contains(strings.Join(r.Header.Values("Accept"), ","), "application/json")
}

func writeJSON(w http.ResponseWriter, kind string, status int, content any) {
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(content) // the client has gone; there is nobody to tell
}
