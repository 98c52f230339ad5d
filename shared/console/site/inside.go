package site

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
)

// inside decides who gets to the pages, and answers for those that there are not.
func (s *Site) inside(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.URL.RawQuery) > maxQueryBytes {
			s.Problem(w, r, http.StatusRequestURITooLong, "This address is too long",
				fmt.Sprintf("What stands after the question mark has %d bytes; the most is %d.", len(r.URL.RawQuery), maxQueryBytes))
			return
		}
		handler, pattern := mux.Handler(r)
		if !public(r.URL.Path) && actorOf(r) == "" {
			s.refuseStranger(w, r)
			return
		}
		if pattern == "" {
			s.unmatched(w, r, handler)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// public tells what those who have not signed in may see.
func public(path string) bool {
	return path == "/login" || isAsset(path)
}

// isAsset tells that a file is the same for everybody.
func isAsset(path string) bool {
	return path == "/favicon.ico" || strings.HasPrefix(path, "/assets/")
}

// refuseStranger sends people to sign in and back to where they were going; a part
// that is polled, and a form, learn that the session is over.
func (s *Site) refuseStranger(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet && !isFragment(r) && !wantsJSON(r) {
		http.Redirect(w, r, loginURL(r.URL.RequestURI()), http.StatusSeeOther) //nolint:gosec // to /login alone
		return
	}
	s.Problem(w, r, http.StatusUnauthorized, "You are signed out",
		"Nothing was done. Sign in again, and repeat what you were doing.", Link{"Sign in", loginURL(back(r))})
}

// back is the page that a form or a part belongs to.
func back(r *http.Request) string {
	from, err := url.Parse(r.Referer())
	if err != nil || from.Path == "" {
		return "/"
	}
	return from.RequestURI()
}

func loginURL(next string) string {
	if next == "/" || next == "" {
		return "/login"
	}
	return "/login?next=" + url.QueryEscape(next)
}

// unmatched answers what the mux has no handler for: it knows whether it is the
// method alone.
func (s *Site) unmatched(w http.ResponseWriter, r *http.Request, handler http.Handler) {
	mux := &answer{header: http.Header{}}
	handler.ServeHTTP(mux, r)
	switch mux.status {
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", mux.header.Get("Allow"))
		s.Problem(w, r, http.StatusMethodNotAllowed, "This address does not take "+r.Method,
			"It takes "+mux.header.Get("Allow")+". If you followed a link to get here, go to the page and use its buttons.")
	case http.StatusNotFound:
		s.notFound(w, r)
	default: // a redirect to a cleaner path
		maps.Copy(w.Header(), mux.header)
		w.WriteHeader(mux.status)
	}
}

// notFound is the page for an address that is none, with where one may have meant.
func (s *Site) notFound(w http.ResponseWriter, r *http.Request) {
	links := []Link{{"Overview", "/"}}
	for _, section := range sections {
		if name := strings.TrimPrefix(section.Path, "/"); name != "" && strings.Contains(r.URL.Path, name[:len(name)-1]) {
			links = append([]Link{{section.Title, section.Path}}, links...)
		}
	}
	s.Problem(w, r, http.StatusNotFound, "There is no such page",
		fmt.Sprintf("Nothing is at %s. Days are at /partitions/2026-02-21, runs at /runs/ID and backfills at /backfills/NAME.", r.URL.Path), links...)
}
