package sts_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"

	"delfos/infra/local/endpoint"
	"delfos/infra/local/sts"
)

func TestTheAWSClientLearnsWhoItIs(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(endpoint.Handler(endpoint.Services{STS: &sts.Service{AccountID: "123456789012"}}))
	t.Cleanup(server.Close)
	client := awssts.New(awssts.Options{
		BaseEndpoint: &server.URL, Region: "eu-west-1", RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("any", "any", ""),
	})
	got, err := client.GetCallerIdentity(t.Context(), &awssts.GetCallerIdentityInput{})
	if err != nil {
		t.Fatal(err)
	}
	if *got.Account != "123456789012" || *got.Arn != "arn:aws:iam::123456789012:root" || *got.UserId != "123456789012" {
		t.Errorf("account %s, ARN %s, user id %s", *got.Account, *got.Arn, *got.UserId)
	}
	_, err = client.GetSessionToken(t.Context(), &awssts.GetSessionTokenInput{})
	if err == nil || !strings.Contains(err.Error(), "InvalidAction") || !strings.Contains(err.Error(), "GetSessionToken") {
		t.Errorf("another operation: %v", err)
	}
}

func TestAFormThatIsNotGetCallerIdentitysIsRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ form, code string }{
		"nothing":              {"", "MissingAction"},
		"another version":      {"Action=GetCallerIdentity&Version=2010-01-01", "InvalidAction"},
		"another action":       {"Action=AssumeRole&Version=2011-06-15", "InvalidAction"},
		"an unknown parameter": {"Action=GetCallerIdentity&Version=2011-06-15&Name=x", "InvalidParameterValue"},
		"a broken form":        {"Action=%zz", "MalformedQueryString"},
		"too large a form":     {"Action=" + strings.Repeat("x", 100_000), "MalformedQueryString"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(test.form))
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			answer := httptest.NewRecorder()
			(&sts.Service{AccountID: "123456789012"}).ServeHTTP(answer, request)
			if answer.Code != http.StatusBadRequest || !strings.Contains(answer.Body.String(), "<Code>"+test.code+"</Code>") {
				t.Errorf("%d %s, want %s", answer.Code, answer.Body, test.code)
			}
		})
	}
}
