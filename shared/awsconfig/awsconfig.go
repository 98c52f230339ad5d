// Package awsconfig makes the SDK's configuration inside a Lambda function.
package awsconfig

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// FromEnvironment reads the variables that Lambda sets for every function (Lambda
// Developer Guide, "Defined runtime environment variables"), AWS_ENDPOINT_URL, which
// names another endpoint than AWS's, and AWS_USE_DUALSTACK_ENDPOINT, which is "true"
// where the way to AWS is IPv6 (AWS SDKs and Tools Reference Guide, "Dual-stack and
// FIPS endpoints"). The SDK's own config package looks in many more places, none of
// which a function has, and makes a binary several megabytes larger.
func FromEnvironment(getenv func(string) string) aws.Config {
	config := aws.Config{
		Region:     getenv("AWS_REGION"),
		HTTPClient: HTTPClient(),
		Credentials: credentials.NewStaticCredentialsProvider(
			getenv("AWS_ACCESS_KEY_ID"), getenv("AWS_SECRET_ACCESS_KEY"), getenv("AWS_SESSION_TOKEN")),
	}
	switch endpoint := getenv("AWS_ENDPOINT_URL"); {
	case endpoint != "":
		config.BaseEndpoint = &endpoint
	case getenv("AWS_USE_DUALSTACK_ENDPOINT") == "true":
		config.ConfigSources = []any{dualStack{}}
	}
	return config
}

// dualStack makes the services' clients take the endpoints that have IPv6 addresses
// as well: the only way out of a VPC's subnet without a NAT gateway.
type dualStack struct{}

// GetUseDualStackEndpoint is what the services' clients look for in their sources.
func (dualStack) GetUseDualStackEndpoint(context.Context) (state aws.DualStackEndpointState, found bool, err error) {
	return aws.DualStackEndpointStateEnabled, true, nil
}
