package status_test

import (
	"context"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"delfos/infra/local/awsjson"
	local "delfos/infra/local/dynamodb"
	"delfos/shared/awsconfig"
	"delfos/shared/status"
	"delfos/shared/status/statustest"
)

func TestStoreOnTheLocalDynamoDB(t *testing.T) {
	t.Parallel()
	database, err := local.Open(local.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(awsjson.Handler(database))
	t.Cleanup(func() {
		server.Close()
		if err := database.Close(); err != nil {
			t.Error(err)
		}
	})
	runSuite(t, newClient(server.URL))
}

// dynoxideVariable names the binary of a DynamoDB that we did not write: npm's
// @dynoxide/linux-x64.
const dynoxideVariable = "DELFOS_DYNOXIDE"

func TestStoreOnDynoxide(t *testing.T) {
	t.Parallel()
	binary := os.Getenv(dynoxideVariable)
	if binary == "" {
		t.Skipf("SKIPPED: set %s to the binary of npm's @dynoxide/linux-x64 to run the suite on a second DynamoDB", dynoxideVariable)
	}
	runSuite(t, newClient("http://"+startDynoxide(t, binary)))
}

func runSuite(t *testing.T, client *dynamodb.Client) {
	t.Helper()
	tables, err := statustest.CreateTables(t.Context(), client, "suite")
	if err != nil {
		t.Fatal(err)
	}
	statustest.Suite(t, func(*testing.T) (*dynamodb.Client, status.Tables) { return client, tables })
}

func newClient(endpoint string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(endpoint),
		HTTPClient:   awsconfig.HTTPClient(),
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
}

// startDynoxide starts the binary on a free port, and stops it with the test.
func startDynoxide(t *testing.T, binary string) (address string) {
	t.Helper()
	address = freeAddress(t)
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	server := exec.Command(binary, "--host", "127.0.0.1", "--port", port)
	server.Stdout, server.Stderr = t.Output(), t.Output()
	if err := server.Start(); err != nil {
		t.Fatalf("%s: %v", dynoxideVariable, err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill() // it may have ended
		_ = server.Wait()         // it was killed
	})
	if err := waitFor(t.Context(), address); err != nil {
		t.Fatal(err)
	}
	return address
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }() // only its number is wanted
	return listener.Addr().String()
}

// waitFor connects until something answers, for up to ten seconds.
func waitFor(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for {
		connection, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err == nil {
			return connection.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer: %w", address, err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
