// Package sitetest is a browser for the tests of the console's pages: it keeps cookies
// and sends forms with the token of the page that they are on.
package sitetest

import (
	"html"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"delfos/shared/bearer"
	"delfos/shared/console/chart"
	"delfos/shared/console/graph"
	"delfos/shared/console/site"
)

// Browser is one browser in front of a site. It is for one test at a time.
type Browser struct {
	t       testing.TB
	handler http.Handler
	cookies map[string]*http.Cookie
}

// Answer is what the browser got.
type Answer struct {
	Status   int
	Location string // of a redirect
	Header   http.Header
	Body     string
}

// New makes a site with the pages that register adds.
func New(t testing.TB, options site.Options, register func(*http.ServeMux, *site.Site)) *Browser {
	t.Helper()
	options.Asset, options.Secret = "turbine-1", bearer.Fixed("a secret for tests")
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	s := site.New(options)
	s.AddAssets(chart.Assets())
	s.AddAssets(graph.Assets())
	mux := http.NewServeMux()
	register(mux, s)
	return &Browser{t: t, handler: s.Handler(mux), cookies: map[string]*http.Cookie{}}
}

// Get asks for a page; headers are names and values in turn.
func (b *Browser) Get(path string, headers ...string) Answer {
	b.t.Helper()
	return b.send(httptest.NewRequestWithContext(b.t.Context(), http.MethodGet, path, nil), headers)
}

// Fragment asks for a live part as the core module does.
func (b *Browser) Fragment(path string, headers ...string) Answer {
	b.t.Helper()
	return b.Get(path, append(headers, "Delfos-Fragment", "1")...)
}

// LivePart is what a page polls: where, and the tag of what the page came with.
type LivePart struct{ Path, Tag string }

var polled = regexp.MustCompile(`data-poll="([^"]+)"[^>]*? data-etag="([^"]+)"`)

// LiveParts finds those of a page.
func LiveParts(page string) []LivePart {
	var parts []LivePart
	for _, found := range polled.FindAllStringSubmatch(page, -1) {
		parts = append(parts, LivePart{html.UnescapeString(found[1]), html.UnescapeString(found[2])})
	}
	return parts
}

// Unchanged fails the test where a live part of a page differs from what the page came
// with, and tells how many parts there are.
func (b *Browser) Unchanged(page string) (parts int) {
	b.t.Helper()
	found := LiveParts(b.Get(page).Body)
	for _, part := range found {
		if got := b.Fragment(part.Path, "If-None-Match", part.Tag); got.Status != http.StatusNotModified {
			b.t.Errorf("%s: the first poll of %s is answered by %d and tag %s; the page has %s", page, part.Path, got.Status, got.Header.Get("ETag"), part.Tag)
		}
	}
	return len(found)
}

var token = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// Post sends a form as it stands on a page; it fails the test where that has none.
func (b *Browser) Post(page, path string, form url.Values, headers ...string) Answer {
	b.t.Helper()
	found := token.FindStringSubmatch(b.Get(page).Body)
	if found == nil {
		b.t.Fatalf("%s has no form", page)
	}
	return b.PostWith(found[1], path, form, headers...)
}

// PostWith sends a form with a token of the test's own.
func (b *Browser) PostWith(token, path string, form url.Values, headers ...string) Answer {
	b.t.Helper()
	sent := url.Values{"csrf": {token}}
	maps.Copy(sent, form)
	r := httptest.NewRequestWithContext(b.t.Context(), http.MethodPost, path, strings.NewReader(sent.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.send(r, headers)
}

func (b *Browser) send(r *http.Request, headers []string) Answer {
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	for _, cookie := range b.cookies {
		r.AddCookie(cookie)
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	answer := w.Result()
	defer answer.Body.Close()
	for _, cookie := range answer.Cookies() {
		b.cookies[cookie.Name] = cookie
	}
	return Answer{answer.StatusCode, answer.Header.Get("Location"), answer.Header, w.Body.String()}
}
