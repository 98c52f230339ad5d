package site

import (
	"context"
	"net/http"
	"sync"
	"time"

	"delfos/shared/bearer"
)

// signing has the keys of the secret as it is now. Another one ends all sessions.
type signing struct {
	secret bearer.Token

	mu   sync.RWMutex
	text string // that the keys are of
	now  keys
	old  keys // of the secret before, for the forms that browsers still show
}

func newSigning(secret bearer.Token) *signing {
	text := ""
	if secret != nil {
		text, _ = secret.Text(context.Background()) // as it was read, or it is empty
	}
	if text == "" {
		panic("site: the secret that signs forms and sessions is empty")
	}
	made := newKeys(text)
	return &signing{secret: secret, text: text, now: made, old: made}
}

// follow has a request's session opened by the keys of the secret as it was not long ago,
// or as it is now where a session is none of theirs: another process of the console may
// have made it after the secret was changed. Where the secret cannot be read, what was
// known holds.
func (s *signing) follow(r *http.Request, now time.Time) {
	s.take(s.secret.Text(r.Context()))
	session, err := r.Cookie(cookieName(r, sessionCookie))
	if err == nil && s.openSession(session.Value, now) == "" {
		s.renew(r.Context())
	}
}

// renew takes the secret as it is now.
func (s *signing) renew(ctx context.Context) { s.take(s.secret.Renewed(ctx)) }

func (s *signing) take(text string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil || text == "" || sameSecret(text, s.text) {
		return
	}
	s.text, s.old, s.now = text, s.now, newKeys(text)
}

func (s *signing) both() (now, old keys) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.now, s.old
}

func (s *signing) sealSession(actor string, until time.Time) string {
	now, _ := s.both()
	return now.sealSession(actor, until)
}

func (s *signing) openSession(sealed string, at time.Time) (actor string) {
	now, _ := s.both()
	return now.openSession(sealed, at)
}

func (s *signing) formToken(b browser) string {
	now, _ := s.both()
	return now.formToken(b)
}

// formTokenIs holds for the forms of the secret before too: each is its browser's alone,
// and who sends it is in a session of the secret as it is now.
func (s *signing) formTokenIs(b browser, token string) bool {
	now, old := s.both()
	return now.formTokenIs(b, token) || old.formTokenIs(b, token)
}
