package command

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// An invocation may last 15 minutes (Lambda Developer Guide, "Lambda quotas").
func TestAnInvocationIsNotCutShort(t *testing.T) { //nolint:paralleltest // it sets the process's environment
	for name, value := range map[string]string{"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any", "AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "", "AWS_PROFILE": ""} {
		t.Setenv(name, value)
	}
	w := where{stack: "prod"}
	cfg, err := w.config(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	sender := connectTo(w, cfg, resources{}).lambda.Options().HTTPClient
	client, ok := sender.(*awshttp.BuildableClient)
	if !ok {
		t.Fatalf("requests to AWS are sent by a %T", sender)
	}
	if readTimeout, set := client.GetReadTimeout(); client.GetTimeout() != 0 || client.GetTransport().ResponseHeaderTimeout != 0 || set && readTimeout > 0 {
		t.Errorf("an answer has to come within %v, its head within %v, its next byte within %v",
			client.GetTimeout(), client.GetTransport().ResponseHeaderTimeout, readTimeout)
	}
	if keepAlive := client.GetDialer().KeepAlive; keepAlive <= 0 || keepAlive > time.Minute {
		t.Errorf("a connection that waits is kept alive each %v", keepAlive)
	}
}

func TestAnInvocationThatFailsOnTheWayIsNotTriedAgainButAReadIs(t *testing.T) {
	t.Parallel()
	var invocations, reads atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			invocations.Add(1)
		} else {
			reads.Add(1)
		}
		w.WriteHeader(http.StatusInternalServerError)
	}))
	t.Cleanup(server.Close)
	conn := connectTo(where{stack: "prod"}, aws.Config{
		Region: "eu-west-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("any", "any", ""),
	}, resources{etlName: "etl"})
	if _, err := conn.lambda.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: &conn.etlName}); err == nil || invocations.Load() != 1 {
		t.Errorf("%d invocations: %v", invocations.Load(), err)
	}
	if _, err := conn.open(t.Context(), Terminal{}); err == nil || reads.Load() < 2 {
		t.Errorf("%d reads: %v", reads.Load(), err)
	}
}

func TestADeployedStackThatIsAboutToWakeIsHealthyWhenItHas(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) < 3 {
			w.Header().Set("Retry-After", "2")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(server.Close)
	var waits []time.Duration
	f, _, _ := testFollower(&fakeMachine{}, false)
	wait := f.terminal.Wait
	f.terminal.Wait = func(ctx context.Context, d time.Duration) error {
		waits = append(waits, d)
		return wait(ctx, d)
	}
	deployed := connection{where: where{stack: "prod"}}
	if err := deployed.answers(t.Context(), f.terminal, server.URL); err != nil || !slices.Equal(waits, []time.Duration{2 * time.Second, 2 * time.Second}) {
		t.Errorf("%v, after waits of %v", err, waits)
	}
	asked.Store(0)
	if err := (connection{}).answers(t.Context(), f.terminal, server.URL); err == nil || asked.Load() != 1 {
		t.Errorf("a local stack that answers 503 was asked %d times: %v", asked.Load(), err)
	}
}
