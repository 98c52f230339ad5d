package dynamodb_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"delfos/infra/local/awsjson"
	"delfos/infra/local/dynamodb"
	"delfos/shared/awsconfig"
)

// open starts a server that the test closes.
func open(t testing.TB, options dynamodb.Options) *dynamodb.Server {
	t.Helper()
	server, err := dynamodb.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() }) // some tests close it earlier
	return server
}

// serve returns the address at which the server answers.
func serve(t testing.TB, server *dynamodb.Server) string {
	t.Helper()
	listener := httptest.NewServer(awsjson.Handler(server))
	t.Cleanup(listener.Close)
	return listener.URL
}

// client is the real SDK's, without retries.
func client(url string) *sdk.Client {
	return sdk.New(sdk.Options{
		BaseEndpoint: &url,
		HTTPClient:   awsconfig.HTTPClient(),
		Region:       "eu-west-1",
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
		Retryer:      aws.NopRetryer{},
	})
}

// document is a JSON object as it came, with sets sorted.
type document = map[string]any

// post sends one operation as JSON and returns the status and the answer.
func post(t testing.TB, url, operation, body string) (int, document) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("X-Amz-Date", time.Now().UTC().Format("20060102T150405Z"))
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=local/20260101/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=00")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		t.Fatal(err)
	}
	var decoded document
	if err := json.Unmarshal(answer, &decoded); err != nil {
		t.Fatalf("%s answered %q: %v", operation, answer, err)
	}
	sortSets(decoded)
	return response.StatusCode, decoded
}

// sortSets brings the sets in a document, which have no order, into one.
func sortSets(v any) {
	switch v := v.(type) {
	case []any:
		for _, element := range v {
			sortSets(element)
		}
	case map[string]any:
		for name, member := range v {
			if set, ok := member.([]any); ok && (name == "SS" || name == "NS" || name == "BS") {
				slices.SortFunc(set, func(a, b any) int { return bytes.Compare(mustMarshal(a), mustMarshal(b)) })
			}
			sortSets(member)
		}
	}
}

func mustMarshal(v any) []byte {
	encoded, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return encoded
}
