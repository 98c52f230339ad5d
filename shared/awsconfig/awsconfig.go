// Package awsconfig makes the SDK's configuration inside a Lambda function.
package awsconfig

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// FromEnvironment reads the variables that Lambda sets for every function (Lambda
// Developer Guide, "Defined runtime environment variables") and AWS_ENDPOINT_URL,
// which names another endpoint than AWS's. The SDK's own config package looks in
// many more places, none of which a function has, and makes a binary several
// megabytes larger.
func FromEnvironment(getenv func(string) string) aws.Config {
	config := aws.Config{
		Region:     getenv("AWS_REGION"),
		HTTPClient: HTTPClient(),
		Credentials: credentials.NewStaticCredentialsProvider(
			getenv("AWS_ACCESS_KEY_ID"), getenv("AWS_SECRET_ACCESS_KEY"), getenv("AWS_SESSION_TOKEN")),
	}
	if endpoint := getenv("AWS_ENDPOINT_URL"); endpoint != "" {
		config.BaseEndpoint = &endpoint
	}
	return config
}
