package sourcehttp_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"delfos/shared/secret"
	"delfos/shared/secret/secrettest"
	"delfos/shared/source/sourcehttp"
)

// rotating is an API whose token is the secret's, and what it logs.
func rotating(t *testing.T, s *secrettest.Secret) (ask, *bytes.Buffer) {
	t.Helper()
	s.Text, s.At = "an old token", time.Unix(0, 0)
	log := &bytes.Buffer{}
	api := newAPI(t, sourcehttp.Options{Token: s.Token(t), Logger: slog.New(slog.NewTextHandler(log, nil))})
	return api.overLambda, log
}

// is what the API answers to a token.
func (way ask) is(t *testing.T, token string, want int) {
	t.Helper()
	if got := way(t, "GET", dayTarget, "Authorization", "Bearer "+token); got.status != want {
		t.Errorf("%s: %d %s, want %d", token, got.status, got.body, want)
	}
}

func TestANewTokenHoldsAtOnceAndTheOldOneForTwoMinutesAtMost(t *testing.T) {
	t.Parallel()
	for name, isAskedWithTheNew := range map[string]bool{"once the new one came": true, "of itself": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &secrettest.Secret{}
			way, _ := rotating(t, s)
			way.is(t, "an old token", 200)
			s.Text = "a new token"
			if isAskedWithTheNew {
				way.is(t, "a new token", 200)
			} else {
				s.At = s.At.Add(secret.KeepFor - 1)
				way.is(t, "an old token", 200)
				s.At = s.At.Add(1)
			}
			way.is(t, "an old token", 401)
			way.is(t, "a new token", 200)
		})
	}
}

func TestStrangersHaveTheTokenReadOnceInTenSeconds(t *testing.T) {
	t.Parallel()
	s := &secrettest.Secret{}
	way, _ := rotating(t, s)
	for range 3 {
		for range 5 {
			way.is(t, "wrong", 401)
			way.is(t, "an old token", 200)
		}
		s.At = s.At.Add(secret.RenewEvery)
	}
	if s.Reads != 1+3 {
		t.Errorf("%d readings, want one at the start and one in each 10 s", s.Reads)
	}
}

func TestTheKnownTokenHoldsWhileItsSecretCannotBeReadAndAnotherIsNotCalledWrong(t *testing.T) {
	t.Parallel()
	s := &secrettest.Secret{}
	way, log := rotating(t, s)
	s.Text, s.Err, s.At = "a new token", errors.New("throttled"), s.At.Add(time.Hour)
	way.is(t, "an old token", 200)
	got := way(t, "GET", dayTarget, "Authorization", "Bearer a new token")
	if got.status != 503 || got.header.Get("Retry-After") != "2" || problemOf(t, got).Type != "urn:problem-type:delfos:unchecked-token" {
		t.Errorf("%d %v %s, want a 503 that is worth trying again", got.status, got.header, got.body)
	}
	if !strings.Contains(log.String(), "throttled") || strings.Contains(log.String(), "token=") || strings.Contains(log.String(), "a new token") {
		t.Errorf("the log has to say why, and no token: %s", log)
	}
	s.Err, s.At = nil, s.At.Add(secret.RenewEvery)
	way.is(t, "a new token", 200)
	way.is(t, "an old token", 401)
}

func TestACursorHoldsUnderAnotherToken(t *testing.T) {
	t.Parallel()
	s := &secrettest.Secret{}
	way, _ := rotating(t, s)
	first := newAPI(t, sourcehttp.Options{})
	first.minutes(t)
	link := next(ask(first.overHTTP).get(t, dayTarget+"&limit=10"))
	if got := way(t, "GET", link, "Authorization", "Bearer an old token"); got.status != 200 {
		t.Errorf("%d %s, want the next page", got.status, got.body)
	}
}
