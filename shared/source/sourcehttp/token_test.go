package sourcehttp_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"delfos/shared/secret"
	"delfos/shared/source/sourcehttp"
)

// aSecret is what the API reads its token from.
type aSecret struct {
	text  string
	err   error
	reads int
	at    time.Time
}

func (s *aSecret) read(context.Context, string) (string, error) {
	s.reads++
	return s.text, s.err
}

func (s *aSecret) now() time.Time { return s.at }

// rotating is an API whose token is the secret's, and what it logs.
func (s *aSecret) rotating(t *testing.T) (ask, *bytes.Buffer) {
	t.Helper()
	s.text, s.at = "an old token", time.Unix(0, 0)
	rotating, err := secret.NewKeeper(s.read, s.now).Token(t.Context(), "", "arn")
	if err != nil {
		t.Fatal(err)
	}
	log := &bytes.Buffer{}
	api := newAPI(t, sourcehttp.Options{Token: rotating, Logger: slog.New(slog.NewTextHandler(log, nil))})
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
			s := &aSecret{}
			way, _ := s.rotating(t)
			way.is(t, "an old token", 200)
			s.text = "a new token"
			if isAskedWithTheNew {
				way.is(t, "a new token", 200)
			} else {
				s.at = s.at.Add(secret.KeepFor - 1)
				way.is(t, "an old token", 200)
				s.at = s.at.Add(1)
			}
			way.is(t, "an old token", 401)
			way.is(t, "a new token", 200)
		})
	}
}

func TestStrangersHaveTheTokenReadOnceInTenSeconds(t *testing.T) {
	t.Parallel()
	s := &aSecret{}
	way, _ := s.rotating(t)
	for range 3 {
		for range 5 {
			way.is(t, "wrong", 401)
			way.is(t, "an old token", 200)
		}
		s.at = s.at.Add(secret.RenewEvery)
	}
	if s.reads != 1+3 {
		t.Errorf("%d readings, want one at the start and one in each 10 s", s.reads)
	}
}

func TestTheKnownTokenHoldsWhileItsSecretCannotBeReadAndAnotherIsNotCalledWrong(t *testing.T) {
	t.Parallel()
	s := &aSecret{}
	way, log := s.rotating(t)
	s.text, s.err, s.at = "a new token", errors.New("throttled"), s.at.Add(time.Hour)
	way.is(t, "an old token", 200)
	got := way(t, "GET", dayTarget, "Authorization", "Bearer a new token")
	if got.status != 503 || got.header.Get("Retry-After") != "2" || problemOf(t, got).Type != "urn:problem-type:delfos:unchecked-token" {
		t.Errorf("%d %v %s, want a 503 that is worth trying again", got.status, got.header, got.body)
	}
	if !strings.Contains(log.String(), "throttled") || strings.Contains(log.String(), "token=") || strings.Contains(log.String(), "a new token") {
		t.Errorf("the log has to say why, and no token: %s", log)
	}
	s.err, s.at = nil, s.at.Add(secret.RenewEvery)
	way.is(t, "a new token", 200)
	way.is(t, "an old token", 401)
}

func TestACursorHoldsUnderAnotherToken(t *testing.T) {
	t.Parallel()
	s := &aSecret{}
	way, _ := s.rotating(t)
	first := newAPI(t, sourcehttp.Options{})
	first.minutes(t)
	link := next(ask(first.overHTTP).get(t, dayTarget+"&limit=10"))
	if got := way(t, "GET", link, "Authorization", "Bearer an old token"); got.status != 200 {
		t.Errorf("%d %s, want the next page", got.status, got.body)
	}
}
