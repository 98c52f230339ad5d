package site

import (
	"cmp"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"delfos/shared/bearer"
)

// maxName bounds the name of who signs in, in letters.
const maxName = 64

// loginForm is what the page to sign in shows.
type loginForm struct {
	Name, Next, Refused string
}

func (s *Site) showLogin(w http.ResponseWriter, r *http.Request) {
	next := localPath(r.URL.Query().Get("next"))
	if actorOf(r) != "" {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return
	}
	s.renderLogin(w, r, http.StatusOK, loginForm{Next: next})
}

func (s *Site) renderLogin(w http.ResponseWriter, r *http.Request, status int, form loginForm) {
	s.Render(w, r, Page{Title: "Sign in", Template: s.layout, Name: "login.html", Data: form, Status: status})
}

// login starts a session for who knows the token.
func (s *Site) login(w http.ResponseWriter, r *http.Request) {
	if !s.ours(w, r) {
		return
	}
	form := loginForm{Name: strings.TrimSpace(r.PostForm.Get("name")), Next: localPath(r.PostForm.Get("next"))}
	if s.Local() {
		http.Redirect(w, r, form.Next, http.StatusSeeOther)
		return
	}
	if status, refused := s.whyNot(r, form.Name); refused != "" {
		form.Refused = refused
		s.audit(r, form.Name, "sign in", refused)
		s.renderLogin(w, r, status, form)
		return
	}
	s.audit(r, form.Name, "sign in", "")
	session := cookie(r, sessionCookie, s.keys.sealSession(form.Name, s.Now().Add(SessionLife))) //nolint:gosec // cookie says why
	session.MaxAge = int(SessionLife.Seconds())
	http.SetCookie(w, session)
	http.Redirect(w, r, form.Next, http.StatusSeeOther)
}

// whyNot tells why somebody may not sign in, and "" to who may. A session is then signed
// by the token that lets them in, which may be new.
func (s *Site) whyNot(r *http.Request, name string) (status int, refused string) {
	if !goodName(name) {
		return http.StatusUnauthorized, "Your name says who did what in the audit log: 1 to 64 letters, digits or marks."
	}
	switch err := s.token.Presented(r.Context(), r.PostForm.Get("token")); {
	case errors.Is(err, bearer.ErrWrong):
		return http.StatusUnauthorized, "The token is another. It is in the secret that the stack's ConsoleToken names."
	case err != nil:
		s.Logger.ErrorContext(r.Context(), "the token could not be checked", "error", err.Error())
		return http.StatusServiceUnavailable, "The token is not the one that the console knows, and its secret cannot be read now. Try again in some seconds."
	}
	s.keys.follow(r, s.Now())
	return 0, ""
}

// logout ends the session in this browser.
func (s *Site) logout(w http.ResponseWriter, r *http.Request) {
	if !s.ours(w, r) {
		return
	}
	s.audit(r, actorOf(r), "sign out", "")
	session := cookie(r, sessionCookie, "") //nolint:gosec // likewise
	session.MaxAge = -1
	http.SetCookie(w, session)
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

// audit leaves a line in the form of the pipeline's.
func (s *Site) audit(r *http.Request, actor, action, refused string) {
	attributes := []slog.Attr{slog.String("actor", actor), slog.String("via", "console"), slog.String("action", action)}
	level := slog.LevelInfo
	if refused != "" {
		level = slog.LevelWarn
		attributes = append(attributes, slog.String("error", refused))
	}
	s.Logger.LogAttrs(r.Context(), level, "audit", attributes...)
}

// goodName tells whether a name can stand in a log and on a page.
func goodName(name string) bool {
	if name == "" || utf8.RuneCountInString(name) > maxName || !utf8.ValidString(name) {
		return false
	}
	return strings.IndexFunc(name, func(c rune) bool { return !unicode.IsPrint(c) }) < 0
}

// localPath keeps a redirect within the console: a path of this host, or the first page.
func localPath(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return cmp.Or(next, "/")
}
