package site

import (
	"bytes"
	"html/template"
	"net/http"
	"strings"
)

// Page is what Render puts into the layout.
type Page struct {
	Title    string             // of the browser's window; the page's h1 is its template's
	Section  string             // which entry of the navigation is current, such as "partitions"; "" is none
	Template *template.Template // parsed by Site.Parse
	Name     string             // of the template within it that is the page's content
	Data     any
	Status   int      // 0 means 200
	Scripts  []string // modules that the page loads besides the core; names of assets
	Styles   []string // likewise
	Keys     []Key    // what the page adds to the help on keys
}

// Key is one line of the help on keys.
type Key struct {
	Keys string // such as "j" or "Shift ↑"
	What string
}

// Link leads somewhere.
type Link struct {
	Text, URL string
}

// section is an entry of the navigation.
type section struct {
	Name, Title, Path, Key string
}

var sections = []section{
	{"overview", "Overview", "/", "o"},
	{"partitions", "Partitions", "/partitions", "p"},
	{"runs", "Runs", "/runs", "r"},
	{"backfills", "Backfills", "/backfills", "b"},
	{"schedules", "Schedules", "/schedules", "s"},
	{"api", "API", "/api", "a"},
}

// sectionOf is where an address belongs; "" is nowhere.
func sectionOf(path string) string {
	for _, s := range sections {
		if path == s.Path || s.Path != "/" && strings.HasPrefix(path, s.Path+"/") {
			return s.Name
		}
	}
	return ""
}

// frame is what the layout shows around a page.
type frame struct {
	Page
	Asset    string
	Zone     string
	Sections []section
	Actor    string
	CanLeave bool // there is a session to end
	ReadOnly bool
	Path     string   // of the page
	Modules  []string // that the core module imports
	Content  template.HTML
}

var coreModules = []string{"forms.js", "keys.js", "live.js", "morph.js", "say.js", "times.js"}

// Render answers with a page in the layout. The page is rendered whole before
// anything is sent: a template that fails becomes a page that says so, not half a
// page.
func (s *Site) Render(w http.ResponseWriter, r *http.Request, page Page) {
	content, err := s.execute(page.Template, page.Name, page.Data)
	if err != nil {
		s.broken(w, r, err)
		return
	}
	known := browserOf(r)
	whole, err := s.execute(s.layout, "layout.html", frame{
		Page: page, Asset: s.Asset, Zone: s.Location.String(), Sections: sections, Actor: known.actor,
		CanLeave: !s.Local() && known.actor != "", ReadOnly: s.ReadOnly, Path: r.URL.Path, Modules: coreModules,
		Content: template.HTML(content), //nolint:gosec // a template of ours has escaped it
	})
	if err != nil {
		s.broken(w, r, err)
		return
	}
	s.write(w, r, page.Status, whole)
}

func (s *Site) execute(t *template.Template, name string, data any) ([]byte, error) {
	var buffer bytes.Buffer
	err := t.ExecuteTemplate(&buffer, name, data)
	return buffer.Bytes(), err
}

// broken answers for a template that failed.
func (s *Site) broken(w http.ResponseWriter, r *http.Request, err error) {
	s.Logger.ErrorContext(r.Context(), "a page could not be rendered", "path", r.URL.Path, "error", err.Error())
	s.Problem(w, r, http.StatusInternalServerError, "This page could not be shown",
		"The console's own template failed; its log says where. Other pages work.")
}

// forBrowser puts the token of who asks where forms have their mark, and what tells
// it from others' where tags have theirs.
func (s *Site) forBrowser(page []byte, r *http.Request) []byte {
	if mark := []byte(s.formMark); bytes.Contains(page, mark) {
		page = bytes.ReplaceAll(page, mark, []byte(s.keys.formToken(browserOf(r))))
	}
	if mark := []byte(s.tagMark); bytes.Contains(page, mark) {
		page = bytes.ReplaceAll(page, mark, []byte(digest([]byte(s.keys.formToken(browserOf(r))))))
	}
	return page
}

func (s *Site) write(w http.ResponseWriter, r *http.Request, status int, page []byte) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if status != 0 {
		w.WriteHeader(status)
	}
	_, _ = w.Write(s.forBrowser(page, r)) //nolint:gosec // templates have escaped it, and it goes to memory
}
