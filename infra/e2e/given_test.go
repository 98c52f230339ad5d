package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/jackc/pgx/v5"

	"delfos/infra/local"
	"delfos/infra/local/awsjson"
	"delfos/infra/local/dynamodb"
	"delfos/shared/status"
)

// given is what a stack can use instead of starting its own: two databases, a
// DynamoDB and the functions.
type given struct {
	source, target string // connection strings with their passwords
	dynamoDB       string
	password       string
	functions      string
}

// give makes databases of these names on the shared stack's PostgreSQL, and an empty
// DynamoDB.
func give(t *testing.T, source, target string) given {
	t.Helper()
	_, stack := sharedStack(t)
	conn := open(t, stack.SourceDSN)
	u, err := url.Parse(stack.SourceDSN)
	if err != nil {
		t.Fatal(err)
	}
	g := given{}
	g.password, _ = u.User.Password()
	for name, dsn := range map[string]*string{source: &g.source, target: &g.target} {
		if _, err := conn.Exec(t.Context(), "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()); err != nil {
			t.Fatal(err)
		}
		u.Path = "/" + name
		*dsn = u.String()
	}
	tables, err := dynamodb.Open(dynamodb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(awsjson.Handler(tables))
	t.Cleanup(server.Close)
	g.dynamoDB = server.URL
	built, err := buildFunctions()
	if err != nil {
		t.Fatal(err)
	}
	for _, bootstrap := range built {
		g.functions = filepath.Dir(filepath.Dir(bootstrap))
	}
	return g
}

// flags are those of `up`, without the passwords.
func (g given) flags() []string {
	return []string{
		"--source-dsn", g.withoutPassword(g.source), "--target-dsn", g.withoutPassword(g.target),
		"--dynamodb-endpoint", g.dynamoDB, "--functions", g.functions,
		"--api-port", "0", "--aws-port", "0", "--console-port", "0",
	}
}

func (g given) withoutPassword(dsn string) string {
	return strings.Replace(dsn, ":"+g.password+"@", "@", 1)
}

func (g given) environment() []string {
	return []string{"DELFOS_SOURCE_PASSWORD=" + g.password, "DELFOS_TARGET_PASSWORD=" + g.password}
}

// alone runs the command as a small container does: no program is on its PATH,
// neither Go nor PostgreSQL.
func alone(t *testing.T, environment []string, args ...string) result {
	t.Helper()
	binary, err := buildOnce()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var stdout, stderr bytes.Buffer
	command := exec.CommandContext(ctx, binary, args...)
	command.Env = append(slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, "PATH=") }), environment...)
	command.Stdout, command.Stderr = &stdout, &stderr
	_ = command.Run() // the exit code says it
	return result{stdout.String(), stderr.String(), command.ProcessState.ExitCode()}
}

func TestAStackUsesDatabasesDynamoDBAndFunctionsThatItIsGiven(t *testing.T) {
	t.Parallel()
	g, dir := give(t, "given_source", "given_target"), directory(t)
	if err := os.RemoveAll(filepath.Join(dir, "functions")); err != nil {
		t.Fatal(err)
	}
	up := func(more ...string) local.Descriptor {
		t.Helper()
		var stack local.Descriptor
		args := append([]string{"up", "--detach", "--json", "--data-dir", dir, "--bind", "0.0.0.0", "--allow-host", "stack"}, append(g.flags(), more...)...)
		r := alone(t, g.environment(), args...)
		if err := json.Unmarshal([]byte(r.stdout), &stack); r.code != 0 || err != nil {
			t.Fatalf("up: exit %d, %s%s", r.code, r.stdout, r.stderr)
		}
		return stack
	}
	stack := up("--seed-days", "2")
	must(t, dir, "backfill", "--to", "2026-02-21")
	start, _ := day("2026-02-20")
	end := start.AddDate(0, 0, 2)
	compareDays := func() {
		t.Helper()
		want := oracle(t, g.source, start, end)
		if len(want) != 2*1152 {
			t.Fatalf("the given source makes %d rows, want %d", len(want), 2*1152)
		}
		compare(t, target(t, g.target, start, end), want)
	}
	compareDays()

	client := awsdynamodb.New(awsdynamodb.Options{
		Region: stack.Region, BaseEndpoint: &g.dynamoDB, Credentials: credentials.NewStaticCredentialsProvider("any", "any", ""),
	})
	tables, err := client.ListTables(t.Context(), &awsdynamodb.ListTablesInput{})
	if err != nil || !slices.Contains(tables.TableNames, stack.PartitionsTable) || !slices.Contains(tables.TableNames, stack.RunsTable) {
		t.Errorf("the given DynamoDB has the tables %v, %v; want the template's", tables, err)
	}
	for _, own := range []string{"postgres", "dynamodb", "functions"} {
		if _, err := os.Stat(filepath.Join(dir, own)); !os.IsNotExist(err) {
			t.Errorf("the stack has made %s of its own: %v", own, err)
		}
	}
	for host, want := range map[string]int{"stack:8000": http.StatusOK, "evil.example": http.StatusForbidden} {
		if got := statusUnder(t, host, stack.APIURL+"/health"); got != want {
			t.Errorf("the source API under the name %s: %d, want %d", host, got, want)
		}
	}
	if r := delfos(t, dir, "health"); r.code != 0 {
		t.Errorf("health of a running stack: exit %d, %s", r.code, r.stderr)
	}
	must(t, dir, "down")
	if r := delfos(t, dir, "health"); r.code != 1 || !strings.Contains(r.stderr, "no stack is running") {
		t.Errorf("health of a stopped stack: exit %d, %q", r.code, r.stderr)
	}

	up()
	compareDays()
	days := answer[[]status.Partition](t, dir, "status", "--from", "2026-02-20", "--to", "2026-02-21")
	if len(days) != 2 || days[0].Data != status.DataMaterialized || days[1].Data != status.DataMaterialized {
		t.Errorf("after a restart: %+v", days)
	}
}

func statusUnder(t *testing.T, host, address string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = host
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil {
		t.Error(err)
	}
	return answer.StatusCode
}

func TestWhatIsGivenAndDoesNotWorkIsSaidWithWhatToDo(t *testing.T) {
	t.Parallel()
	g, dir := give(t, "misgiven_source", "misgiven_target"), directory(t)
	nobody := httptest.NewServer(http.NotFoundHandler())
	nobody.Close()
	nowhere := strings.TrimPrefix(nobody.URL, "http://")
	for name, test := range map[string]struct {
		flags       []string
		environment []string
		says        []string
	}{
		"the wrong password": {nil, []string{"DELFOS_SOURCE_PASSWORD=wrong"}, []string{"the source database", "password authentication failed", "DELFOS_SOURCE_PASSWORD"}},
		"no such database": {
			[]string{"--target-dsn", g.withoutPassword(strings.Replace(g.target, "/misgiven_target", "/nothing", 1))},
			nil,
			[]string{"the target database", `"nothing"`, "create it", "--target-dsn"},
		},
		"no database answers": {
			[]string{"--source-dsn", fmt.Sprintf("postgres://u@%s/source", nowhere), "--wait", "1s"},
			nil,
			[]string{"the source database " + nowhere + "/source", "has not answered for 1s", "--source-dsn"},
		},
		"no DynamoDB answers": {
			[]string{"--dynamodb-endpoint", nobody.URL, "--wait", "1s"},
			nil,
			[]string{"DynamoDB at " + nobody.URL, "has not answered for 1s", "--dynamodb-endpoint"},
		},
		"no functions":    {[]string{"--functions", dir + "/none"}, nil, []string{"--functions", "none/", "delfos build"}},
		"no such address": {[]string{"--bind", "192.0.2.1"}, nil, []string{"--bind 192.0.2.1", "no such address"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"up", "--data-dir", directory(t)}, append(g.flags(), test.flags...)...)
			r := alone(t, append(g.environment(), test.environment...), args...)
			if r.code != 1 {
				t.Fatalf("exit %d, %s%s; want 1", r.code, r.stdout, r.stderr)
			}
			said := r.stderr[strings.LastIndex(strings.TrimSpace(r.stderr), "\n")+1:]
			for _, want := range test.says {
				if !strings.Contains(said, want) {
					t.Errorf("up said %q, want %q in it", said, want)
				}
			}
			if strings.Contains(r.stderr, g.password) {
				t.Errorf("up shows the password: %s", r.stderr)
			}
		})
	}
}
