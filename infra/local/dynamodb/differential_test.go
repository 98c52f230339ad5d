package dynamodb_test

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"delfos/infra/local/dynamodb"
)

// secondDynamoDB starts the binary that DELFOS_DYNOXIDE names, in memory, and
// returns where it answers. It is npm's @dynoxide/linux-x64, a DynamoDB that we did
// not write.
func secondDynamoDB(t *testing.T) string {
	t.Helper()
	binary := os.Getenv("DELFOS_DYNOXIDE")
	if binary == "" {
		t.Skip("DELFOS_DYNOXIDE is not set: it names the dynoxide binary of npm's @dynoxide/linux-x64, which this suite compares with")
	}
	port := freePort(t)
	var output bytes.Buffer
	command := exec.CommandContext(t.Context(), binary, "--host", "127.0.0.1", "--port", strconv.Itoa(port))
	command.Stdout, command.Stderr = &output, &output
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill() // it may have ended by itself
		_ = command.Wait()         // reports the kill
	})
	url := fmt.Sprintf("http://127.0.0.1:%d", port)
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		response, err := http.Get(url)
		if err == nil {
			_ = response.Body.Close() // nothing in it matters
			return url
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not answer within 10 s: %v\n%s", binary, err, output.String())
		}
	}
}

// freePort is one that was free a moment ago: dynoxide does not tell which port it
// was given for 0.
func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }() // only its number is wanted
	return listener.Addr().(*net.TCPAddr).Port
}

// TestBothDynamoDBsAgreeOnTheConformanceSteps plays the steps of the other tests on
// both. Errors are compared by their type alone. Where a step says how the other
// one differs, AWS's documentation or the recorded behaviour of AWS decided for
// what the conformance tests want.
func TestBothDynamoDBsAgreeOnTheConformanceSteps(t *testing.T) {
	t.Parallel()
	url := secondDynamoDB(t)
	for name, steps := range map[string][]step{
		"conditions": conditionSteps, "updates": updateSteps, "items": itemSteps, "queries": querySteps,
	} {
		ours := serve(t, open(t, dynamodb.Options{}))
		for _, s := range steps {
			// Tables of the name would meet in the other one.
			body := strings.Replace(s.body, `"things"`, quote("things-"+name), 1)
			_, want := post(t, url, s.operation, body)
			_, got := post(t, ours, s.operation, body)
			if diff := cmp.Diff(essence(want), essence(got)); (diff == "") != (s.elsewhere == "") {
				t.Errorf("%s %s\nother %s\n ours %s\nthe step says of the other one: %q", s.operation, s.body, mustMarshal(want), mustMarshal(got), s.elsewhere)
			}
		}
	}
}

// essence leaves of an answer what two DynamoDBs have to agree on.
func essence(answer document) any {
	kind, failed := answer["__type"].(string)
	if failed {
		_, bare, found := strings.Cut(kind, "#")
		if !found {
			bare = kind
		}
		return document{"error": bare, "item": answer["Item"]}
	}
	delete(answer, "TableDescription")
	return answer
}

// TestBothDynamoDBsAgreeOnRandomOperations plays random writes and reads on both.
func TestBothDynamoDBsAgreeOnRandomOperations(t *testing.T) {
	t.Parallel()
	url := secondDynamoDB(t)
	ours := serve(t, open(t, dynamodb.Options{}))
	number := 0
	rapid.Check(t, func(r *rapid.T) {
		number++
		table := fmt.Sprintf("random-%d", number)
		operations := append([]operation{createRandom}, rapid.SliceOfN(operationGenerator(), 1, 60).Draw(r, "operations")...)
		for _, o := range operations {
			body := strings.Replace(o.body, `"random"`, quote(table), 1)
			_, want := post(t, url, o.name, body)
			_, got := post(t, ours, o.name, body)
			if diff := cmp.Diff(essence(want), essence(got)); diff != "" {
				r.Fatalf("%s %s (-other +ours)\n%s", o.name, o.body, diff)
			}
		}
	})
}
