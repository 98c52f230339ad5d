package site_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"delfos/shared/bearer"
	"delfos/shared/console/recent"
	"delfos/shared/console/site"
	"delfos/shared/pipeline"
)

var start = time.Date(2026, 2, 26, 1, 2, 3, 0, time.UTC)

// console is a site with a few pages, and a browser in front of it.
type console struct {
	handler http.Handler
	now     atomic.Int64 // seconds after start
	log     bytes.Buffer
	acted   []string // the names of who has acted
	fails   error    // what the next action answers
	data    any      // of the page and the part
	cookies map[string]*http.Cookie
}

const pages = `
{{define "page"}}<h1>{{.}}</h1><form method="post" action="/act">{{csrf}}</form>{{end}}
{{define "part"}}<p>{{.}}</p>{{csrf}}{{end}}
{{define "plain"}}<p>{{.}}</p>{{end}}
{{define "live"}}{{with part "part" .}}<div data-poll="/part" data-etag="{{.Tag}}">{{.HTML}}</div>{{end}}{{with part "plain" .}}<div data-poll="/plain" data-etag="{{.Tag}}">{{.HTML}}</div>{{end}}{{end}}
{{define "broken"}}<h1>half a page</h1>{{.NoSuchField}}{{end}}
{{define "long"}}{{range 400}}<p>the same again and again</p>{{end}}{{end}}`

func newConsole(t *testing.T, options site.Options) *console {
	t.Helper()
	c := &console{data: "content", cookies: map[string]*http.Cookie{}}
	options.Asset = "turbine-1"
	if options.Secret == nil {
		options.Secret = bearer.Fixed("a secret for tests")
	}
	options.Logger = slog.New(slog.NewTextHandler(&c.log, nil))
	options.Now = func() time.Time { return start.Add(time.Duration(c.now.Load()) * time.Second) }
	s := site.New(options)
	templates := s.Parse(fstest.MapFS{"pages.html": {Data: []byte(pages)}}, "*.html")
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		s.Render(w, r, site.Page{Title: "First", Section: "overview", Template: templates, Name: "page", Data: c.data})
	})
	mux.HandleFunc("GET /part", func(w http.ResponseWriter, r *http.Request) { s.Fragment(w, r, templates, "part", c.data) })
	mux.HandleFunc("GET /plain", func(w http.ResponseWriter, r *http.Request) { s.Fragment(w, r, templates, "plain", c.data) })
	mux.HandleFunc("GET /live", func(w http.ResponseWriter, r *http.Request) {
		s.Render(w, r, site.Page{Title: "Live", Template: templates, Name: "live", Data: c.data})
	})
	kept := recent.New[any](&s.Acts, options.Now, time.Hour)
	mux.HandleFunc("GET /kept", func(w http.ResponseWriter, r *http.Request) {
		data, _ := kept.Get(r.Context(), "", time.Hour, func(context.Context) (any, error) { return c.data, nil })
		s.Fragment(w, r, templates, "plain", data)
	})
	mux.HandleFunc("GET /broken", func(w http.ResponseWriter, r *http.Request) {
		s.Render(w, r, site.Page{Title: "Broken", Template: templates, Name: "broken", Data: 1})
	})
	mux.HandleFunc("GET /long", func(w http.ResponseWriter, r *http.Request) {
		s.Render(w, r, site.Page{Title: "Long", Template: templates, Name: "long"})
	})
	mux.HandleFunc("GET /panic", func(http.ResponseWriter, *http.Request) { panic("a fault") })
	mux.HandleFunc("POST /act", func(w http.ResponseWriter, r *http.Request) {
		s.Do(w, r, func(_ context.Context, who pipeline.Actor) (string, error) {
			if c.fails != nil {
				return "", c.fails
			}
			c.acted = append(c.acted, who.String())
			return r.PostForm.Get("to"), nil
		})
	})
	c.handler = s.Handler(mux)
	return c
}

// reply is what came back; a compressed body is decompressed.
type reply struct {
	status int
	header http.Header
	body   string
	gzip   bool
}

// send makes one request as a browser would, with its cookies; headers are names and
// values in turn.
func (c *console) send(t *testing.T, method, target string, form url.Values, headers ...string) reply {
	t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, target, body)
	r.Host = "console.example.com"
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	for _, cookie := range c.cookies {
		r.AddCookie(cookie)
	}
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	for _, cookie := range w.Result().Cookies() {
		c.cookies[cookie.Name] = cookie
		if cookie.MaxAge < 0 {
			delete(c.cookies, cookie.Name)
		}
	}
	got := reply{w.Code, w.Header(), w.Body.String(), w.Header().Get("Content-Encoding") == "gzip"}
	if got.gzip {
		reader, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(reader)
		if err != nil {
			t.Fatal(err)
		}
		got.body = string(plain)
	}
	return got
}

func (c *console) get(t *testing.T, target string, headers ...string) reply {
	t.Helper()
	return c.send(t, http.MethodGet, target, nil, headers...)
}

var formToken = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// token is that of the form on a page.
func (c *console) token(t *testing.T, page string) string {
	t.Helper()
	found := formToken.FindStringSubmatch(c.get(t, page).body)
	if found == nil {
		t.Fatalf("%s has no form", page)
	}
	return found[1]
}

// signIn signs in and gives what came back.
func (c *console) signIn(t *testing.T, name, token, next string) reply {
	t.Helper()
	return c.send(t, http.MethodPost, "/login",
		url.Values{"csrf": {c.token(t, "/login")}, "name": {name}, "token": {token}, "next": {next}})
}

var errPlain = errors.New("a plain error")
