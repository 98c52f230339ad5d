package authorizer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"delfos/shared/authorizer"
	"delfos/shared/bearer"
	"delfos/shared/secret"
	"delfos/shared/telemetry"
)

const token = "s3cret"

// asked is what API Gateway asks of a request with these identity sources.
func asked(identity ...string) events.APIGatewayV2CustomAuthorizerV2Request {
	return events.APIGatewayV2CustomAuthorizerV2Request{
		Version: "2.0", Type: "REQUEST", IdentitySource: identity, RouteKey: "ANY /data",
		RequestContext: events.APIGatewayV2HTTPRequestContext{RequestID: "JKJaXmPLvHcESHA="},
	}
}

func TestARequestIsLetThroughByTheTokenAlone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		identity []string
		want     string
		logged   string
	}{
		"the token":       {[]string{"Bearer s3cret"}, `{"isAuthorized":true}`, "the request is let through"},
		"another case":    {[]string{"bearer s3cret"}, `{"isAuthorized":true}`, "the request is let through"},
		"a wrong token":   {[]string{"Bearer s3cret2"}, `{"isAuthorized":false}`, "the bearer token is wrong"},
		"an empty token":  {[]string{"Bearer "}, `{"isAuthorized":false}`, "the bearer token is wrong"},
		"another scheme":  {[]string{"Basic s3cret"}, `{"isAuthorized":false}`, "there is no bearer token"},
		"an empty header": {[]string{""}, `{"isAuthorized":false}`, "there is no bearer token"},
		"no header":       {nil, `{"isAuthorized":false}`, "there is no bearer token"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			answer, err := authorizer.New(bearer.Fixed(token), telemetry.NewLogger(&log, slog.LevelInfo))(t.Context(), asked(test.identity...))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := json.Marshal(answer); err != nil || string(got) != test.want {
				t.Errorf("%s, %v; want %s", got, err, test.want)
			}
			for _, want := range []string{test.logged, "ANY /data", "JKJaXmPLvHcESHA="} {
				if !strings.Contains(log.String(), want) {
					t.Errorf("the log %s does not say %q", log.String(), want)
				}
			}
			if strings.Contains(log.String(), token) {
				t.Errorf("the log shows a token: %s", log.String())
			}
		})
	}
}

func TestAnAuthorizerThatIsAskedOtherwiseIsAnErrorAndLetsNobodyThrough(t *testing.T) {
	t.Parallel()
	older := asked("Bearer s3cret")
	older.Version = "1.0"
	for says, request := range map[string]events.APIGatewayV2CustomAuthorizerV2Request{
		"authorizerPayloadFormatVersion": older,
		"2 identity sources":             asked("Bearer s3cret", "Bearer s3cret"),
	} {
		answer, err := authorizer.New(bearer.Fixed(token), slog.New(slog.DiscardHandler))(t.Context(), request)
		if err == nil || !strings.Contains(err.Error(), says) || answer.IsAuthorized {
			t.Errorf("%+v, %v; want an error that says %q", answer, err, says)
		}
	}
}

func TestAChangedTokenIsLetThroughAtOnceAndTheOldOneNoMore(t *testing.T) {
	t.Parallel()
	texts, at := []string{"old", "new"}, time.Unix(0, 0)
	var unreadable error
	keeper := secret.NewKeeper(func(context.Context, string) (string, error) {
		if unreadable != nil {
			return "", unreadable
		}
		text := texts[0]
		texts = append(texts[1:], text)
		return text, nil
	}, func() time.Time { return at })
	rotating, err := keeper.Token(t.Context(), "", "arn")
	if err != nil {
		t.Fatal(err)
	}
	handler := authorizer.New(rotating, slog.New(slog.DiscardHandler))
	for _, step := range []struct {
		token string
		want  bool
	}{{"old", true}, {"new", true}, {"old", false}, {"new", true}} {
		if answer, err := handler(t.Context(), asked("Bearer "+step.token)); err != nil || answer.IsAuthorized != step.want {
			t.Errorf("%s: %+v, %v; want %t", step.token, answer, err, step.want)
		}
	}
	at, unreadable = at.Add(time.Minute), errors.New("throttled")
	if answer, err := handler(t.Context(), asked("Bearer old")); !errors.Is(err, unreadable) || answer.IsAuthorized {
		t.Errorf("where nobody can know: %+v, %v; want an error, which API Gateway does not remember", answer, err)
	}
	if answer, err := handler(t.Context(), asked("Bearer new")); err != nil || !answer.IsAuthorized {
		t.Errorf("the known one meanwhile: %+v, %v", answer, err)
	}
}

func TestTheEventFilesAreRequestsToTheAuthorizer(t *testing.T) {
	t.Parallel()
	handler := authorizer.New(bearer.Fixed("local-token"), slog.New(slog.DiscardHandler))
	for file, want := range map[string]bool{"right": true, "wrong": false} {
		text, err := os.ReadFile("../../functions/authorizeapi/events/" + file + ".json")
		if err != nil {
			t.Fatal(err)
		}
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.DisallowUnknownFields()
		var request events.APIGatewayV2CustomAuthorizerV2Request
		if err := decoder.Decode(&request); err != nil {
			t.Fatal(err)
		}
		if answer, err := handler(t.Context(), request); err != nil || answer.IsAuthorized != want {
			t.Errorf("%s: %+v, %v", file, answer, err)
		}
	}
}
