package site

import (
	"context"
	"net/http"
	"time"
)

// browser is what is known of who asks.
type browser struct {
	id    string // of the cookie that forms are bound to
	actor string // who acts; "" is somebody who has not signed in
}

type browserKey struct{}

// withBrowser finds who asks by the cookies, and gives a browser that comes for the
// first time its own.
func (s *Site) withBrowser(w http.ResponseWriter, r *http.Request) *http.Request {
	known := browser{id: s.browserID(r)}
	if known.id == "" && !isAsset(r.URL.Path) { // those are for anybody's cache to keep
		known.id = s.NewID()
		http.SetCookie(w, cookie(r, browserCookie, known.id))
	}
	if s.Local() {
		known.actor = "local"
	} else if value, err := r.Cookie(cookieName(r, sessionCookie)); err == nil {
		known.actor = s.keys.openSession(value.Value, s.Now())
	}
	if _, err := r.Cookie(cookieName(r, actedCookie)); err == nil && known.actor != "" {
		s.Acts.Happened()
	}
	return r.WithContext(context.WithValue(r.Context(), browserKey{}, known))
}

// actedLife is longer than pages keep how things stand. Who has done something can be
// answered next by another process of the console, which learns of it by the cookie.
const actedLife = 3 * time.Second

// acted makes old what is kept in this process, and soon in the one that answers next.
func (s *Site) acted(w http.ResponseWriter, r *http.Request) {
	s.Acts.Happened()
	note := cookie(r, actedCookie, "yes") //nolint:gosec // cookie says why
	note.MaxAge = int(actedLife.Seconds())
	http.SetCookie(w, note)
}

func browserOf(r *http.Request) browser {
	known, _ := r.Context().Value(browserKey{}).(browser)
	return known
}

func actorOf(r *http.Request) string { return browserOf(r).actor }

// The console's cookies. Their names begin with __Host- where the browser came by
// https, which keeps other hosts of the domain from setting them.
const (
	browserCookie = "delfos_browser"
	sessionCookie = "delfos_session"
	actedCookie   = "delfos_acted"
)

func cookieName(r *http.Request, name string) string {
	if secure(r) {
		return "__Host-" + name
	}
	return name
}

// cookie is one that no script can read, and that other sites send with links alone,
// which change nothing: with SameSite=Strict, who follows one would be signed out. It
// goes when the browser does.
func cookie(r *http.Request, name, value string) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure where the browser came by https; localhost has none
		Name: cookieName(r, name), Value: value, Path: "/",
		HttpOnly: true, Secure: secure(r), SameSite: http.SameSiteLaxMode,
	}
}

// browserID is the cookie's, if it looks like one of ours.
func (s *Site) browserID(r *http.Request) string {
	value, err := r.Cookie(cookieName(r, browserCookie))
	if err != nil || len(value.Value) < 16 || len(value.Value) > 64 {
		return ""
	}
	return value.Value
}
