package site_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"delfos/shared/bearer"
	"delfos/shared/console/site"
	"delfos/shared/secret"
)

const secretToken = "a token for people"

func TestStrangersAreSentToSignInAndBack(t *testing.T) {
	t.Parallel()
	c := newConsole(t, site.Options{Token: bearer.Fixed(secretToken)})
	got := c.get(t, "/part?x=1")
	if got.status != http.StatusSeeOther || got.header.Get("Location") != "/login?next=%2Fpart%3Fx%3D1" {
		t.Fatalf("%d to %q", got.status, got.header.Get("Location"))
	}
	page := c.get(t, got.header.Get("Location"))
	if page.status != http.StatusOK || !strings.Contains(page.body, `value="/part?x=1"`) || strings.Contains(page.body, "<nav") {
		t.Errorf("%d %s", page.status, page.body)
	}
	if in := c.signIn(t, "ana", secretToken, "/part?x=1"); in.status != http.StatusSeeOther || in.header.Get("Location") != "/part?x=1" {
		t.Fatalf("%d to %q", in.status, in.header.Get("Location"))
	}
	if part := c.get(t, "/part?x=1"); part.status != http.StatusOK {
		t.Errorf("signed in: %d", part.status)
	}
	if again := c.get(t, "/login"); again.status != http.StatusSeeOther {
		t.Errorf("the form for who is signed in: %d", again.status)
	}
}

func TestAWrongTokenOrNameIsRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ name, token, want string }{
		"another token":    {"ana", "another", "The token is another"},
		"no token":         {"ana", "", "The token is another"},
		"the token's half": {"ana", secretToken[:5], "The token is another"},
		"no name":          {" ", secretToken, "Your name says"},
		"a long name":      {strings.Repeat("a", 65), secretToken, "Your name says"},
		"a name of lines":  {"ana\nmallory", secretToken, "Your name says"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newConsole(t, site.Options{Token: bearer.Fixed(secretToken)})
			got := c.signIn(t, test.name, test.token, "/")
			if got.status != http.StatusUnauthorized || !strings.Contains(got.body, test.want) {
				t.Errorf("%d %s", got.status, got.body)
			}
			if strings.Contains(got.body, secretToken) || strings.Contains(c.log.String(), secretToken) {
				t.Error("the token is told")
			}
			if !strings.Contains(c.log.String(), "level=WARN msg=audit") {
				t.Error("the log does not tell of the attempt")
			}
			if c.get(t, "/").status != http.StatusSeeOther {
				t.Error("they are in nonetheless")
			}
		})
	}
}

func TestASessionEndsAfterTwelveHours(t *testing.T) {
	t.Parallel()
	c := newConsole(t, site.Options{Token: bearer.Fixed(secretToken)})
	c.signIn(t, "ana", secretToken, "/")
	for _, test := range []struct {
		seconds int64
		want    int
	}{{12*3600 - 1, http.StatusOK}, {12 * 3600, http.StatusSeeOther}} {
		c.now.Store(test.seconds)
		if got := c.get(t, "/"); got.status != test.want {
			t.Errorf("after %d s: %d, want %d", test.seconds, got.status, test.want)
		}
	}
	polled := c.get(t, "/part", "Delfos-Fragment", "1")
	if polled.status != http.StatusUnauthorized || !strings.Contains(polled.body, "You are signed out") {
		t.Errorf("a part after it: %d %s", polled.status, polled.body)
	}
}

func TestASessionCannotBeMadeUp(t *testing.T) {
	t.Parallel()
	c := newConsole(t, site.Options{Token: bearer.Fixed(secretToken)})
	c.signIn(t, "ana", secretToken, "/")
	good := c.cookies["delfos_session"].Value
	parts := strings.Split(good, ".")
	for _, value := range []string{
		"", "ana", parts[0] + "." + parts[1], parts[0] + ".99999999999." + parts[2], "cm9vdA." + parts[1] + "." + parts[2],
		parts[0] + "." + parts[1] + ".", good + "x", "..", good + "." + parts[2],
	} {
		c.cookies["delfos_session"].Value = value
		if got := c.get(t, "/"); got.status != http.StatusSeeOther {
			t.Errorf("%q lets in: %d", value, got.status)
		}
	}
}

func TestCookiesAreOutOfReach(t *testing.T) {
	t.Parallel()
	c := newConsole(t, site.Options{Token: bearer.Fixed(secretToken)})
	c.signIn(t, "ana", secretToken, "/")
	for _, name := range []string{"delfos_browser", "delfos_session"} {
		cookie := c.cookies[name]
		if cookie == nil || !cookie.HttpOnly || cookie.Secure || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || cookie.Domain != "" {
			t.Errorf("%s: %+v", name, cookie)
		}
	}
	c.get(t, "/login", "X-Forwarded-Proto", "https")
	cookie := c.cookies["__Host-delfos_browser"]
	if cookie == nil || !cookie.Secure || !cookie.HttpOnly {
		t.Errorf("over https: %+v", cookie)
	}
}

func TestWhoIsSignedInActs(t *testing.T) {
	t.Parallel()
	c := newConsole(t, site.Options{Token: bearer.Fixed(secretToken)})
	before := c.token(t, "/login")
	c.signIn(t, "Ana María", secretToken, "/")
	if got := c.send(t, http.MethodPost, "/act", url.Values{"csrf": {before}}); got.status != http.StatusForbidden {
		t.Errorf("the token from before the session: %d", got.status)
	}
	if got := c.send(t, http.MethodPost, "/act", url.Values{"csrf": {c.token(t, "/")}}); got.status != http.StatusSeeOther || len(c.acted) != 1 || c.acted[0] != "Ana María with console" {
		t.Errorf("%d, acted %q", got.status, c.acted)
	}
}

func TestSigningOutEndsTheSession(t *testing.T) {
	t.Parallel()
	c := newConsole(t, site.Options{Token: bearer.Fixed(secretToken)})
	c.signIn(t, "ana", secretToken, "/")
	if got := c.send(t, http.MethodPost, "/logout", url.Values{}); got.status != http.StatusForbidden {
		t.Errorf("another site signs one out: %d", got.status)
	}
	if got := c.send(t, http.MethodPost, "/logout", url.Values{"csrf": {c.token(t, "/")}}); got.status != http.StatusSeeOther {
		t.Errorf("%d", got.status)
	}
	if got := c.get(t, "/"); got.status != http.StatusSeeOther {
		t.Errorf("still in: %d", got.status)
	}
}

func TestAStrangersFormIsRefused(t *testing.T) {
	t.Parallel()
	c := newConsole(t, site.Options{Token: bearer.Fixed(secretToken)})
	got := c.send(t, http.MethodPost, "/act", url.Values{"csrf": {c.token(t, "/login")}})
	if got.status != http.StatusUnauthorized || len(c.acted) != 0 || !strings.Contains(got.body, "Nothing was done") {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// rotating is what the console's secret is; the tests' clock is the keeper's.
type rotating struct {
	text  string
	err   error
	reads int
}

// signedBy is a console whose token is the secret's, as a process of it that starts now.
func (s *rotating) signedBy(t *testing.T) *console {
	t.Helper()
	var c *console
	keeper := secret.NewKeeper(func(context.Context, string) (string, error) { s.reads++; return s.text, s.err }, func() time.Time {
		if c == nil {
			return start
		}
		return start.Add(time.Duration(c.now.Load()) * time.Second)
	})
	token, err := keeper.Token(t.Context(), "", "arn")
	if err != nil {
		t.Fatal(err)
	}
	c = newConsole(t, site.Options{Token: token, Secret: token})
	return c
}

// isIn tells whether who was signed in still is.
func (c *console) isIn(t *testing.T, when string, want bool) {
	t.Helper()
	if got := c.get(t, "/"); (got.status == http.StatusOK) != want {
		t.Errorf("%s: %d, want that they are in: %t", when, got.status, want)
	}
}

func TestANewTokenSignsInAtOnceAndEndsTheSessionsOfTheOldOne(t *testing.T) {
	t.Parallel()
	s := &rotating{text: "old"}
	c := s.signedBy(t)
	c.signIn(t, "ana", "old", "/")
	c.isIn(t, "signed in", true)
	ana := c.cookies["delfos_session"]
	s.text = "new"
	c.isIn(t, "while nobody knows of the new token", true)
	delete(c.cookies, "delfos_session")
	if in := c.signIn(t, "ben", "new", "/"); in.status != http.StatusSeeOther {
		t.Fatalf("the new token: %d %s", in.status, in.body)
	}
	c.isIn(t, "by the new token", true)
	if got := c.send(t, http.MethodPost, "/act", url.Values{"csrf": {c.token(t, "/")}}); got.status != http.StatusSeeOther {
		t.Errorf("a form of the new session: %d", got.status)
	}
	c.cookies["delfos_session"] = ana
	c.isIn(t, "the old session", false)
	if in := c.signIn(t, "eve", "old", "/"); in.status != http.StatusUnauthorized {
		t.Errorf("the old token: %d", in.status)
	}
}

func TestAnOldTokenAndItsSessionsEndWithinTwoMinutes(t *testing.T) {
	t.Parallel()
	s := &rotating{text: "old"}
	c := s.signedBy(t)
	form := c.token(t, "/login")
	c.signIn(t, "ana", "old", "/")
	s.text = "new"
	c.now.Add(int64(secret.KeepFor.Seconds()) - 1)
	c.isIn(t, "a second before", true)
	c.now.Add(1)
	c.isIn(t, "then", false)
	in := c.send(t, http.MethodPost, "/login", url.Values{"csrf": {form}, "name": {"ana"}, "token": {"old"}, "next": {"/"}})
	if in.status != http.StatusUnauthorized {
		t.Errorf("the old token, by a form from before: %d %s", in.status, in.body)
	}
	in = c.send(t, http.MethodPost, "/login", url.Values{"csrf": {form}, "name": {"ana"}, "token": {"new"}, "next": {"/"}})
	if in.status != http.StatusSeeOther {
		t.Errorf("the new token, by a form from before: %d %s", in.status, in.body)
	}
	c.isIn(t, "by the new token", true)
}

func TestASessionOfTheNewTokenHoldsInAProcessThatHasTheOldOneYet(t *testing.T) {
	t.Parallel()
	s := &rotating{text: "old"}
	warm := s.signedBy(t)
	s.text = "new"
	cold := s.signedBy(t)
	cold.signIn(t, "ana", "new", "/")
	form := cold.token(t, "/")
	warm.cookies = cold.cookies
	if got := warm.send(t, http.MethodPost, "/act", url.Values{"csrf": {form}}); got.status != http.StatusSeeOther {
		t.Errorf("a form of the other process: %d %s", got.status, got.body)
	}
	warm.isIn(t, "in the other process", true)
}

func TestStrangersHaveTheConsolesTokenReadOnceInTenSeconds(t *testing.T) {
	t.Parallel()
	s := &rotating{text: "old"}
	c := s.signedBy(t)
	for range 3 {
		for range 5 {
			c.signIn(t, "eve", "wrong", "/")
			c.get(t, "/", "Cookie", "delfos_session=made.99999999999.up")
			c.get(t, "/assets/x/site.js")
		}
		c.now.Add(int64(secret.RenewEvery.Seconds()))
	}
	if s.reads != 1+3 {
		t.Errorf("%d readings, want one at the start and one in each 10 s", s.reads)
	}
}

func TestSessionsHoldWhileTheSecretCannotBeRead(t *testing.T) {
	t.Parallel()
	s := &rotating{text: "old"}
	c := s.signedBy(t)
	c.signIn(t, "ana", "old", "/")
	s.text, s.err = "new", errors.New("throttled")
	c.now.Add(int64(secret.KeepFor.Seconds()))
	c.isIn(t, "in the outage", true)
	delete(c.cookies, "delfos_session")
	if in := c.signIn(t, "ana", "new", "/"); in.status != http.StatusServiceUnavailable || !strings.Contains(in.body, "Try again") {
		t.Errorf("another token in the outage: %d %s", in.status, in.body)
	}
	if in := c.signIn(t, "ana", "old", "/"); in.status != http.StatusSeeOther {
		t.Errorf("the known token in the outage: %d", in.status)
	}
	if strings.Contains(c.log.String(), "token=") || !strings.Contains(c.log.String(), "throttled") {
		t.Errorf("the log has to say why, and no token: %s", c.log.String())
	}
}
