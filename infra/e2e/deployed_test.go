package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"delfos/infra/local"
)

// deployed is a stack as the command finds it by its name: through the AWS APIs alone,
// from a directory where nothing is.
type deployed struct {
	stack local.Descriptor

	empty    string // the working directory
	endpoint string

	mu    sync.Mutex
	asked map[string]bool // "dynamodb:Query", since the last command began
}

func newDeployed(t *testing.T, flags ...string) *deployed {
	t.Helper()
	_, stack := startStack(t, flags...)
	upstream, err := url.Parse(stack.AWSEndpointURL)
	if err != nil {
		t.Fatal(err)
	}
	d := &deployed{stack: stack, empty: t.TempDir()}
	forward := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(upstream) },
		Transport: transparent.Transport,
		ErrorLog:  slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // of commands that are interrupted
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		d.note(action(r, body))
		r.Body = io.NopCloser(bytes.NewReader(body))
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	d.endpoint = server.URL
	return d
}

func (d *deployed) note(action string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked[action] = true
}

// start prepares a command line, as somebody types it who is signed in to AWS.
func (d *deployed) start(ctx context.Context, t *testing.T, args ...string) (command *exec.Cmd, stdout, stderr *bytes.Buffer) {
	t.Helper()
	binary, err := buildOnce()
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	command = exec.CommandContext(ctx, binary, args...)
	command.Dir, command.Stdout, command.Stderr = d.empty, stdout, stderr
	command.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + d.empty, "AWS_EC2_METADATA_DISABLED=true", "AWS_ENDPOINT_URL=" + d.endpoint,
		"AWS_ACCESS_KEY_ID=any", "AWS_SECRET_ACCESS_KEY=any", "AWS_REGION=" + d.stack.Region, "DELFOS_STACK=",
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = map[string]bool{}
	return command, stdout, stderr
}

// run carries a command out on the stack.
func (d *deployed) run(t *testing.T, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	command, stdout, stderr := d.start(ctx, t, append(args, "--stack", "delfos")...)
	var exit *exec.ExitError
	if err := command.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatalf("delfos %s: %v", strings.Join(args, " "), err)
	}
	return result{stdout.String(), stderr.String(), command.ProcessState.ExitCode()}
}

// says runs a command that must exit with a code, and say all this.
func (d *deployed) says(t *testing.T, code int, line string, wanted ...string) result {
	t.Helper()
	r := d.run(t, strings.Fields(line)...)
	for _, want := range append(wanted, "") {
		if r.code != code || !strings.Contains(r.stdout+r.stderr, want) {
			t.Errorf("delfos %s --stack delfos: exit %d\n%s%s\nwant exit %d, and %q", line, r.code, r.stdout, r.stderr, code, want)
		}
	}
	return r
}

// answerOf runs a command with --json and decodes what it prints.
func answerOf[T any](t *testing.T, d *deployed, line string) T {
	t.Helper()
	var value T
	r := d.says(t, 0, line+" --json")
	if err := json.Unmarshal([]byte(r.stdout), &value); err != nil {
		t.Fatalf("delfos %s --json printed %q: %v", line, r.stdout, err)
	}
	return value
}

// calls are what the last command asked AWS for, as IAM names it.
func (d *deployed) calls() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Sorted(maps.Keys(d.asked))
}

// services are the prefixes of IAM by those of X-Amz-Target.
var services = map[string]string{"DynamoDB_20120810": "dynamodb", "AWSStepFunctions": "states", "Logs_20140328": "logs"}

// action is the IAM action that a request needs (Service Authorization Reference).
func action(r *http.Request, body []byte) string {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		prefix, operation, _ := strings.Cut(target, ".")
		return services[prefix] + ":" + operation
	}
	form, _ := url.ParseQuery(string(body))
	path := r.URL.Path
	switch {
	case form.Get("Action") != "":
		return "cloudformation:" + form.Get("Action")
	case strings.HasSuffix(path, "-EtlFunction/invocations"):
		return "lambda:InvokeFunction on EtlFunction"
	case strings.HasSuffix(path, "-PlanBackfillFunction/invocations"):
		return "lambda:InvokeFunction on PlanBackfillFunction"
	case strings.HasSuffix(path, "/configuration"):
		return "lambda:GetFunctionConfiguration"
	case path == "/schedules":
		return "scheduler:ListSchedules"
	case strings.HasPrefix(path, "/schedules/") && r.Method == http.MethodGet:
		return "scheduler:GetSchedule"
	case strings.HasPrefix(path, "/schedules/") && r.Method == http.MethodPut:
		return "scheduler:UpdateSchedule"
	default:
		return r.Method + " " + path
	}
}
