// Package dynamodbtest gives tests a local DynamoDB of their own.
package dynamodbtest

import (
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"delfos/infra/local/awsjson"
	"delfos/infra/local/dynamodb"
	"delfos/shared/awsconfig"
)

// Client is a client of an empty DynamoDB, kept in memory, that goes with the test.
func Client(t testing.TB) *awsdynamodb.Client {
	t.Helper()
	server, err := dynamodb.Open(dynamodb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	endpoint := httptest.NewServer(awsjson.Handler(server))
	t.Cleanup(func() {
		endpoint.Close()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return awsdynamodb.New(awsdynamodb.Options{
		Region: "us-east-1", BaseEndpoint: &endpoint.URL, HTTPClient: awsconfig.HTTPClient(), Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
}
