package secretsmanager_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"delfos/infra/local/awsjson"
	"delfos/infra/local/secretsmanager"
	"delfos/shared/secret"
)

func TestASecretIsReadByNameAndByARNThroughTheSDK(t *testing.T) {
	t.Parallel()
	service := secretsmanager.New("us-east-1", "000000000000", time.Unix(0, 0))
	arn := service.Put("delfos/source", "hush")
	reader := secret.NewReader(configFor(t, service))
	for _, id := range []string{"delfos/source", arn} {
		if text, err := reader.Text(t.Context(), id); err != nil || text != "hush" {
			t.Errorf("Text(%s) = %q, %v", id, text, err)
		}
	}
}

func TestAMissingSecretIsNamed(t *testing.T) {
	t.Parallel()
	reader := secret.NewReader(configFor(t, secretsmanager.New("us-east-1", "000000000000", time.Unix(0, 0))))
	_, err := reader.Text(t.Context(), "delfos/absent")
	if err == nil || !strings.Contains(err.Error(), "delfos/absent") || !strings.Contains(err.Error(), "ResourceNotFoundException") {
		t.Errorf("Text of a secret that is not there: %v", err)
	}
}

func configFor(t *testing.T, service awsjson.Service) aws.Config {
	t.Helper()
	server := httptest.NewServer(awsjson.Handler(service))
	t.Cleanup(server.Close)
	return aws.Config{
		Region:       "us-east-1",
		BaseEndpoint: &server.URL,
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
	}
}
