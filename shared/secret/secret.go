// Package secret reads secrets from AWS Secrets Manager, so that no secret stands
// in a template or an environment variable on AWS.
package secret

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// Reader reads the current version of secrets.
type Reader struct {
	client *secretsmanager.Client
}

// NewReader makes a Reader of an AWS account, or of the local endpoint that the
// configuration names.
func NewReader(cfg aws.Config) *Reader {
	return &Reader{secretsmanager.NewFromConfig(cfg)}
}

// Text returns the secret's text. The error names the secret, never its value.
func (r *Reader) Text(ctx context.Context, arn string) (string, error) {
	answer, err := r.client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &arn})
	if err != nil {
		return "", fmt.Errorf("read secret %s (does it exist, and may this function read it?): %w", arn, err)
	}
	if answer.SecretString == nil {
		return "", fmt.Errorf("read secret %s: it is binary, want text", arn)
	}
	return *answer.SecretString, nil
}
