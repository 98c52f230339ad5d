package source_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"delfos/shared/secret"
	"delfos/shared/secret/secrettest"
	"delfos/shared/source"
)

// rotating reads the API with the token of a secret, which is another one at first.
func rotating(t *testing.T, s *secrettest.Secret, api *faultyAPI, pageRows int) *source.Client {
	t.Helper()
	s.Text, s.At = "an old token", time.Unix(0, 0)
	client, _ := api.client(t, source.ClientOptions{Token: s.Token(t), PageRows: pageRows})
	return client
}

func TestARefusedTokenIsReadAnewAndTheRequestSentOnceMore(t *testing.T) {
	t.Parallel()
	for refusal, first := range map[string]fault{
		"of the API itself":           func(w http.ResponseWriter, r *http.Request, api http.Handler) { api.ServeHTTP(w, r) },
		"of the gateway's authorizer": answer(403, `{"message":"Forbidden"}`),
	} {
		t.Run(refusal, func(t *testing.T) {
			t.Parallel()
			api, s := newFaultyAPI(t, first), &secrettest.Secret{}
			client := rotating(t, s, api, 0)
			s.Text = token
			rows, fingerprint, err := readAll(t.Context(), client, day)
			if err != nil {
				t.Fatalf("the first request after the change: %v", err)
			}
			checkDay(t, rows)
			if changed, err := client.Changed(t.Context(), day, fingerprint); changed || err != nil {
				t.Errorf("Changed = %t, %v", changed, err)
			}
			if api.count() != 3 || s.Reads != 2 {
				t.Errorf("%d requests and %d readings, want 3 and 2", api.count(), s.Reads)
			}
		})
	}
}

func TestAReadingGoesOnWhenTheTokenIsChangedBetweenItsPages(t *testing.T) {
	t.Parallel()
	old := func(w http.ResponseWriter, r *http.Request, api http.Handler) {
		r.Header.Set("Authorization", "Bearer "+token) // the API has the old one yet
		api.ServeHTTP(w, r)
	}
	api, s := newFaultyAPI(t, old, old), &secrettest.Secret{}
	client := rotating(t, s, api, 500)
	s.Text = token
	rows, _, err := readAll(t.Context(), client, day)
	if err != nil {
		t.Fatal(err)
	}
	checkDay(t, rows)
	if api.count() != 4 || s.Reads != 2 {
		t.Errorf("%d requests for 3 pages and %d readings, want 4 and 2", api.count(), s.Reads)
	}
}

func TestASecondRefusalIsAnErrorThatSaysThatTheTokenWasReadAnew(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		then     secrettest.Secret // what the secret is by then
		requests int
		says     string
	}{
		"the same":   {secrettest.Secret{Text: "an old token"}, 1, "the token was read anew, and is the same"},
		"a third":    {secrettest.Secret{Text: "a third token"}, 2, "the token was read anew, and the other one is refused too"},
		"unreadable": {secrettest.Secret{Err: errors.New("throttled")}, 1, "the token could not be read anew: throttled"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api, s := newFaultyAPI(t), &secrettest.Secret{}
			client := rotating(t, s, api, 0)
			s.Text, s.Err = test.then.Text, test.then.Err
			_, err := client.Read(t.Context(), day, nil)
			refused, ok := errors.AsType[*source.UnauthorizedError](err)
			if !ok || refused.Status != 401 || api.count() != test.requests || s.Reads != 2 {
				t.Fatalf("Read = %v after %d requests and %d readings; want an UnauthorizedError after %d and 2", err, api.count(), s.Reads, test.requests)
			}
			for _, want := range []string{test.says, "status 401", "check the secret"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error %q does not say %q", err, want)
				}
			}
			for _, secret := range []string{token, "an old token", "a third token"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error shows a token: %v", err)
				}
			}
			// The one who fails again and again does not read the secret each time.
			for range 3 {
				_, _ = client.Changed(t.Context(), day, "")
			}
			if s.Reads != 2 {
				t.Errorf("%d readings within an instant, want 2", s.Reads)
			}
			s.Text, s.Err, s.At = token, nil, s.At.Add(secret.RenewEvery)
			if _, _, err := readAll(t.Context(), client, day); err != nil {
				t.Errorf("once the secret is right: %v", err)
			}
		})
	}
}
