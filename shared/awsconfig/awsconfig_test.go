package awsconfig_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"delfos/shared/awsconfig"
)

func TestClientsUseIPv6OnlyWhereTheEnvironmentSaysSoAndNoOtherEndpointIsNamed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		environment map[string]string
		want        aws.DualStackEndpointState
	}{
		"nothing said":     {nil, aws.DualStackEndpointStateUnset},
		"dual stack":       {map[string]string{"AWS_USE_DUALSTACK_ENDPOINT": "true"}, aws.DualStackEndpointStateEnabled},
		"another endpoint": {map[string]string{"AWS_USE_DUALSTACK_ENDPOINT": "true", "AWS_ENDPOINT_URL": "http://localhost:4566"}, aws.DualStackEndpointStateUnset},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := awsconfig.FromEnvironment(func(key string) string { return test.environment[key] })
			client := secretsmanager.NewFromConfig(config)
			if got := client.Options().EndpointOptions.UseDualStackEndpoint; got != test.want {
				t.Errorf("dual stack: %v, want %v", got, test.want)
			}
		})
	}
}
