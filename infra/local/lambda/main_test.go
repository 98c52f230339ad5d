package lambda_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/awsjson"
	"delfos/infra/local/lambda"
	"delfos/infra/local/logs"
)

// binaries is where the functions under testdata are built, once.
var binaries string

func TestMain(m *testing.M) {
	if address := os.Getenv("PARENT_OF_A_FUNCTION"); address != "" {
		beParent(address)
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "lambda-test-")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary directory
	if err := os.Chmod(dir, 0o755); err != nil {
		panic(err)
	}
	binaries = dir
	build := exec.CommandContext(context.Background(), "go", "build", "-o", dir, "./testdata/bootstrap", "./testdata/rawbootstrap")
	if output, err := build.CombinedOutput(); err != nil {
		panic(fmt.Sprintf("%v\n%s", err, output))
	}
	return m.Run()
}

func bootstrap() lambda.Function {
	return lambda.Function{Name: "it", Command: []string{filepath.Join(binaries, "bootstrap")}}
}

func rawBootstrap() lambda.Function {
	return lambda.Function{Name: "it", Command: []string{filepath.Join(binaries, "rawbootstrap")}}
}

// fixture is a Service with one function, "it".
type fixture struct {
	*lambda.Service
	logs *logs.Store
}

func start(t testing.TB, function lambda.Function, change ...func(*lambda.Options)) fixture {
	t.Helper()
	store, err := logs.Open(logs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	options := lambda.Options{Region: "eu-west-1", AccountID: "123456789012", Logs: store, Logger: slog.New(slog.DiscardHandler)}
	for _, one := range change {
		one(&options)
	}
	service, err := lambda.New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := service.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := service.Register(function); err != nil {
		t.Fatal(err)
	}
	return fixture{service, store}
}

// event is what testdata/bootstrap understands.
type event struct {
	Do      string
	Text    string
	Size    int
	Address string
}

func (f fixture) invoke(t *testing.T, e event) lambda.Response {
	t.Helper()
	payload, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	response, err := f.Invoke(t.Context(), lambda.Request{Function: "it", Payload: payload})
	if err != nil {
		t.Fatal(err)
	}
	return response
}

// background invokes and gives the response later.
func (f fixture) background(t *testing.T, e event) <-chan lambda.Response {
	t.Helper()
	later := make(chan lambda.Response, 1)
	go func() {
		defer close(later)
		payload, _ := json.Marshal(e)
		response, err := f.Invoke(context.WithoutCancel(t.Context()), lambda.Request{Function: "it", Payload: payload})
		if err == nil {
			later <- response
		}
	}()
	return later
}

// A line is a log event as the function's log has it.
type line struct {
	Type   string
	Time   string
	Record struct {
		RequestID string `json:"requestId"`
		Status    string
		ErrorType string `json:"errorType"`
		Metrics   map[string]float64
	}
	Text string // of a line that is not JSON
}

// log reads the whole log of the function, oldest first.
func (f fixture) log(t *testing.T) []line {
	t.Helper()
	answer, err := f.logs.Call(t.Context(), "FilterLogEvents", []byte(`{"logGroupName":"/aws/lambda/it"}`))
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	var page struct{ Events []struct{ Message string } }
	if err := json.Unmarshal(encoded, &page); err != nil {
		t.Fatal(err)
	}
	lines := make([]line, len(page.Events))
	for i, one := range page.Events {
		if json.Unmarshal([]byte(one.Message), &lines[i]) != nil || lines[i].Type == "" {
			lines[i] = line{Text: one.Message}
		}
	}
	return lines
}

// summary is the log without what changes from run to run.
func summary(lines []line) []string {
	var short []string
	for _, one := range lines {
		short = append(short, strings.TrimSpace(one.Type+" "+one.Record.Status+one.Text))
	}
	return short
}

// A meeting is where processes connect to: when one ends, its connection does.
type meeting struct {
	net.Listener
	address string
}

func meet(t *testing.T) meeting {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() }) // nothing is lost with it
	return meeting{listener, listener.Addr().String()}
}

type visitor struct {
	net.Conn
	lines *bufio.Reader
	pid   int
}

// next waits for a process to connect.
func (m meeting) next(t *testing.T) visitor {
	t.Helper()
	connection, err := m.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() }) // nothing is lost with it
	lines := bufio.NewReader(connection)
	text, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		t.Fatal(err)
	}
	return visitor{connection, lines, pid}
}

// letGo lets a process answer that holds.
func (v visitor) letGo(t *testing.T) {
	t.Helper()
	if _, err := v.Write([]byte{1}); err != nil {
		t.Fatal(err)
	}
}

// awaitDeath returns when the process has ended.
func (v visitor) awaitDeath(t *testing.T) {
	t.Helper()
	if line, err := v.lines.ReadString('\n'); err == nil {
		t.Fatalf("process %d is alive and says %q", v.pid, line)
	}
}

func wantRefusal(t *testing.T, err error, errorType string, status int) *awsjson.Error {
	t.Helper()
	var refused *awsjson.Error
	if !errors.As(err, &refused) || refused.Type != errorType || refused.Status != status {
		t.Fatalf("got %v, want %s with status %d", err, errorType, status)
	}
	return refused
}

func wantJSON(t *testing.T, got []byte, want any) {
	t.Helper()
	var decoded any
	if err := json.Unmarshal(got, &decoded); err != nil {
		t.Fatalf("%s: %v", got, err)
	}
	if diff := cmp.Diff(want, decoded); diff != "" {
		t.Error(diff)
	}
}

// synchronized collects slog's output from many goroutines.
type synchronized struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (s *synchronized) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buffer.Write(p)
}

func (s *synchronized) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buffer.String()
}

// beParent is another process, which runs a function and is killed.
func beParent(address string) {
	store, err := logs.Open(logs.Options{})
	if err != nil {
		panic(err)
	}
	service, err := lambda.New(lambda.Options{Region: "eu-west-1", AccountID: "123456789012", Logs: store})
	if err != nil {
		panic(err)
	}
	if err := service.Register(lambda.Function{Name: "it", Command: []string{os.Getenv("BOOTSTRAP")}}); err != nil {
		panic(err)
	}
	payload, _ := json.Marshal(event{Do: "hang", Address: address})
	_, err = service.Invoke(context.Background(), lambda.Request{Function: "it", Payload: payload})
	panic(fmt.Sprint("the function answered: ", err, runtime.GOOS))
}
