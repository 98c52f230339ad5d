// Package site is what every page of the console stands in: layout, assets,
// security, sessions and the ways to answer.
//
// A page package registers its handlers on the mux that Handler serves, and answers
// with Render, Fragment, Problem and Do.
package site

import (
	"cmp"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"delfos/shared/bearer"
	"delfos/shared/console/recent"
)

// Options say what the console is of, and for whom.
type Options struct {
	Asset    string         // the turbine, as people know it
	Location *time.Location // the partitions' time zone, in which times are shown; nil means UTC
	ReadOnly bool           // shows no actions and refuses them

	// Token is what people sign in with. Where it is nil nobody signs in, and whoever
	// acts is known as "local": for one machine alone.
	Token bearer.Token
	// Secret signs sessions and forms. It has to be the same in every process that
	// serves this console, and must not be empty.
	Secret bearer.Token

	Logger  *slog.Logger
	Now     func() time.Time
	Timeout time.Duration // of one request; 0 means 25 s, below API Gateway's 30 s
	NewID   func() string // of a browser and of a request; nil means random
}

// SessionLife is how long one is signed in.
const SessionLife = 12 * time.Hour

// Site answers requests in the console's layout. Its methods may be called
// concurrently; assets are added before the first request.
type Site struct {
	Options

	// Acts are what people do, which makes old what pages keep in recent.Answers: Do
	// tells of them.
	Acts recent.Acts

	keys     *signing
	token    bearer.Check // that people sign in with; none where nobody does
	assets   assets
	layout   *template.Template
	formMark string // stands in rendered pages where a form's token belongs
	tagMark  string // likewise in the tags of parts with forms, which are this browser's
	freeze   sync.Once
}

// New makes a site. It panics where the secret is empty or cannot be read, which would
// let anybody forge a form.
func New(options Options) *Site {
	if options.Location == nil {
		options.Location = time.UTC
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.NewID == nil {
		options.NewID = randomID
	}
	options.Logger = cmp.Or(options.Logger, slog.Default())
	options.Timeout = cmp.Or(options.Timeout, 25*time.Second)
	s := &Site{Options: options, formMark: randomID(), tagMark: randomID(), assets: newAssets()}
	s.keys = newSigning(s.Secret)
	if !s.Local() {
		s.token = bearer.NewCheck(s.Token)
	}
	s.AddAssets(sub(embeddedAssets, "assets"))
	s.layout = s.Parse(sub(embeddedTemplates, "templates"), "*.html")
	return s
}

// Parse reads a page's templates, which may use Funcs, and `part` for what is polled. A
// template that is wrong is a fault in the program, so Parse panics.
func (s *Site) Parse(files fs.FS, patterns ...string) *template.Template {
	t := template.New("").Funcs(s.Funcs())
	t.Funcs(template.FuncMap{"part": func(name string, data any) (part, error) { return s.part(t, name, data) }})
	return template.Must(t.ParseFS(files, patterns...))
}

// Local tells that nobody signs in here.
func (s *Site) Local() bool { return s.Token == nil }

// Handler serves the mux's pages: secured, compressed, signed in, and with a page
// that helps where the mux knows none.
func (s *Site) Handler(mux *http.ServeMux) http.Handler {
	mux.HandleFunc("GET /assets/{hash}/{name}", s.serveAsset)
	mux.HandleFunc("GET /favicon.ico", s.serveIcon)
	mux.HandleFunc("GET /login", s.showLogin)
	mux.HandleFunc("POST /login", s.login)
	mux.HandleFunc("POST /logout", s.logout)
	pages := s.outside(s.inside(mux))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.keys.follow(r, s.Now())
		pages.ServeHTTP(w, r)
	})
}

// sub is a directory that is embedded, so that it is there.
func sub(files fs.FS, directory string) fs.FS {
	below, err := fs.Sub(files, directory)
	if err != nil {
		panic(err)
	}
	return below
}
