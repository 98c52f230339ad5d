package awserror_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"

	"delfos/shared/awserror"
)

// ask sends a message to a service that answers as the handler does, and gives the error.
func ask(ctx context.Context, endpoint string) error {
	client := sqs.New(sqs.Options{
		Region: "us-east-1", BaseEndpoint: &endpoint, Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		}),
	})
	_, err := client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &endpoint, MessageBody: aws.String("a")})
	return fmt.Errorf("send it: %w", err)
}

func TestAnErrorSaysWhatTheServiceSaid(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		want   string
	}{
		"code and message": {500, `{"__type":"InternalServerError","message":"something broke"}`, "send it: InternalServerError: something broke"},
		"a refusal":        {400, `{"__type":"com.amazonaws.sqs#AccessDeniedException","message":"no"}`, "send it: AccessDeniedException: no"},
		"a code alone":     {500, `{"__type":"InternalServerError"}`, "send it: InternalServerError, status 500 Internal Server Error"},
		"garbage":          {200, `<html>`, "send it: deserialization failed, unexpected token at offset 0"},
		"a proxy":          {503, ``, "send it: status 503 Service Unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/x-amz-json-1.0")
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.body)) // the client notices
			}))
			t.Cleanup(server.Close)
			err := ask(t.Context(), server.URL)
			if got := awserror.Plain(err); got.Error() != test.want || !errors.Is(got, err) {
				t.Errorf("%q; want %q", got, test.want)
			}
		})
	}
}

func TestWithoutAnAnswerItIsSaidWhereItWasAskedAndWhyNoneCame(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(nil)
	server.Close()
	got := awserror.Plain(ask(t.Context(), server.URL)).Error()
	if !strings.HasPrefix(got, "send it: SQS does not answer at "+server.Listener.Addr().String()+": ") || strings.Contains(got, "operation error") {
		t.Errorf("out of reach: %q", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := awserror.Plain(ask(ctx, server.URL)).Error(); got != "send it: interrupted" {
		t.Errorf("interrupted: %q", got)
	}
}

func TestAnErrorOfNobodyElseStays(t *testing.T) {
	t.Parallel()
	for _, err := range []error{nil, errors.New("no"), &smithy.GenericAPIError{Code: "A", Message: "no"}} {
		if got := awserror.Plain(err); !errors.Is(got, err) || fmt.Sprint(got) != fmt.Sprint(err) {
			t.Errorf("%v; want %v", got, err)
		}
	}
}
