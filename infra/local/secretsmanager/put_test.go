package secretsmanager_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"

	"delfos/infra/local/secretsmanager"
)

// newClient is the SDK's, of a service with one secret.
func newClient(t *testing.T) (client *sdk.Client, arn string) {
	t.Helper()
	service := secretsmanager.New("us-east-1", "000000000000", time.Unix(0, 0))
	arn = service.Put("token", "first")
	return sdk.NewFromConfig(configFor(t, service)), arn
}

func TestAPutValueIsCurrentAndTheOneBeforePrevious(t *testing.T) {
	t.Parallel()
	client, arn := newClient(t)
	var ids []string
	for _, text := range []string{"second", "third"} {
		put, err := client.PutSecretValue(t.Context(), &sdk.PutSecretValueInput{SecretId: &arn, SecretString: &text})
		if err != nil {
			t.Fatal(err)
		}
		if *put.ARN != arn || *put.Name != "token" || !slices.Equal(put.VersionStages, []string{"AWSCURRENT"}) {
			t.Errorf("%+v", put)
		}
		ids = append(ids, *put.VersionId)
	}
	for _, test := range []struct {
		id, stage *string
		want      string
	}{
		{nil, nil, "third"},
		{nil, aws.String("AWSCURRENT"), "third"},
		{nil, aws.String("AWSPREVIOUS"), "second"},
		{&ids[0], nil, "second"},
		{&ids[1], aws.String("AWSCURRENT"), "third"},
		{aws.String("00000000-0000-0000-0000-000000000001"), nil, "first"},
	} {
		got, err := client.GetSecretValue(t.Context(), &sdk.GetSecretValueInput{SecretId: &arn, VersionId: test.id, VersionStage: test.stage})
		if err != nil || *got.SecretString != test.want {
			t.Errorf("%+v: %v, %v", test, got, err)
		}
	}
	described, err := client.DescribeSecret(t.Context(), &sdk.DescribeSecretInput{SecretId: &arn})
	if err != nil || len(described.VersionIdsToStages) != 2 || !slices.Equal(described.VersionIdsToStages[ids[0]], []string{"AWSPREVIOUS"}) {
		t.Errorf("%+v, %v", described, err)
	}
}

func TestARequestThatIsRepeatedIsCarriedOutOnce(t *testing.T) {
	t.Parallel()
	client, arn := newClient(t)
	put := func(token, text string) (*sdk.PutSecretValueOutput, error) {
		return client.PutSecretValue(t.Context(), &sdk.PutSecretValueInput{SecretId: &arn, ClientRequestToken: &token, SecretString: &text})
	}
	const once, twice = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"
	for _, step := range []struct{ token, text, stage string }{
		{once, "second", "AWSCURRENT"}, {once, "second", "AWSCURRENT"}, {twice, "third", "AWSCURRENT"}, {once, "second", "AWSPREVIOUS"},
	} {
		answer, err := put(step.token, step.text)
		if err != nil || *answer.VersionId != step.token || !slices.Equal(answer.VersionStages, []string{step.stage}) {
			t.Errorf("%+v: %+v, %v", step, answer, err)
		}
	}
	if got, err := client.GetSecretValue(t.Context(), &sdk.GetSecretValueInput{SecretId: &arn}); err != nil || *got.SecretString != "third" {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := put(once, "other"); codeOf(err) != "ResourceExistsException" {
		t.Errorf("another text for the same version: %v", err)
	}
}

func TestWhatCannotBePutOrFoundIsRefusedAsAWSDoes(t *testing.T) {
	t.Parallel()
	client, arn := newClient(t)
	text, none, many, short := "text", "", strings.Repeat("x", 65537), "short"
	for name, test := range map[string]struct {
		input sdk.PutSecretValueInput
		code  string
	}{
		"an unknown secret": {sdk.PutSecretValueInput{SecretId: aws.String("other"), SecretString: &text}, "ResourceNotFoundException"},
		"no value":          {sdk.PutSecretValueInput{SecretId: &arn}, "InvalidRequestException"},
		"an empty one":      {sdk.PutSecretValueInput{SecretId: &arn, SecretString: &none}, "ValidationException"},
		"a large one":       {sdk.PutSecretValueInput{SecretId: &arn, SecretString: &many}, "ValidationException"},
		"a short token":     {sdk.PutSecretValueInput{SecretId: &arn, SecretString: &text, ClientRequestToken: &short}, "ValidationException"},
		"a binary one":      {sdk.PutSecretValueInput{SecretId: &arn, SecretBinary: []byte("x")}, "ValidationException"},
		"another label":     {sdk.PutSecretValueInput{SecretId: &arn, SecretString: &text, VersionStages: []string{"AWSPENDING"}}, "ValidationException"},
		"a rotation":        {sdk.PutSecretValueInput{SecretId: &arn, SecretString: &text, RotationToken: aws.String(strings.Repeat("x", 36))}, "ValidationException"},
	} {
		_, err := client.PutSecretValue(t.Context(), &test.input)
		if codeOf(err) != test.code {
			t.Errorf("%s: %v, want %s", name, err, test.code)
		}
	}
	for name, test := range map[string]struct {
		input sdk.GetSecretValueInput
		code  string
	}{
		"no version before the first": {sdk.GetSecretValueInput{SecretId: &arn, VersionStage: aws.String("AWSPREVIOUS")}, "ResourceNotFoundException"},
		"an unknown version":          {sdk.GetSecretValueInput{SecretId: &arn, VersionId: aws.String(strings.Repeat("x", 36))}, "ResourceNotFoundException"},
		"a label of another version": {
			sdk.GetSecretValueInput{SecretId: &arn, VersionId: aws.String("00000000-0000-0000-0000-000000000001"), VersionStage: aws.String("AWSPREVIOUS")},
			"InvalidRequestException",
		},
	} {
		if _, err := client.GetSecretValue(t.Context(), &test.input); codeOf(err) != test.code {
			t.Errorf("%s: %v, want %s", name, err, test.code)
		}
	}
	if _, err := client.ListSecrets(t.Context(), &sdk.ListSecretsInput{}); codeOf(err) != "UnknownOperationException" {
		t.Errorf("an operation that is not there: %v", err)
	}
}

// codeOf is the code of AWS's error; "" of none.
func codeOf(err error) string {
	if refusal, ok := errors.AsType[smithy.APIError](err); ok {
		return refusal.ErrorCode()
	}
	return ""
}
