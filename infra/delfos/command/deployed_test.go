package command_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"delfos/infra/delfos/command"
)

// outputNames are the outputs of template.yaml that the command reads.
var outputNames = []string{
	"BackfillStateMachineArn", "BackfillsTableName", "ConsoleUrl", "EtlFunctionName",
	"PartitionsTableName", "PlanBackfillFunctionName", "RunsTableName", "SourceApiUrl",
}

// stackOf is an answer of DescribeStacks (CloudFormation API Reference).
func stackOf(state string, outputs ...string) string {
	var members strings.Builder
	for _, name := range outputs {
		fmt.Fprintf(&members, "<member><OutputKey>%s</OutputKey><OutputValue>its-%s</OutputValue></member>", name, name)
	}
	return `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member>` +
		`<StackName>prod</StackName><CreationTime>2026-02-20T00:00:00Z</CreationTime><StackStatus>` + state + `</StackStatus>` +
		`<Outputs>` + members.String() + `</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`
}

// refusalOf is an error of a service that speaks the query protocol.
func refusalOf(code, message string) string {
	return `<ErrorResponse><Error><Type>Sender</Type><Code>` + code + `</Code><Message>` + message + `</Message></Error><RequestId>a-request</RequestId></ErrorResponse>`
}

// cloudFormation answers DescribeStacks of stack "prod", and nothing else.
func cloudFormation(t *testing.T, answer string) string {
	t.Helper()
	return cloudFormationAnd(t, answer, http.NotFoundHandler())
}

// cloudFormationAnd has a Lambda beside it.
func cloudFormationAnd(t *testing.T, answer string, functions http.Handler) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/2015-03-31/functions/") {
			functions.ServeHTTP(w, r)
			return
		}
		body, _ := io.ReadAll(r.Body)
		form, err := url.ParseQuery(string(body))
		if err != nil || form.Get("Action") != "DescribeStacks" || form.Get("StackName") != "prod" {
			t.Errorf("%s %s was asked for: %s", r.Method, r.URL, body)
		}
		w.Header().Set("Content-Type", "text/xml")
		if strings.HasPrefix(answer, "<ErrorResponse>") {
			w.WriteHeader(http.StatusBadRequest)
		}
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// asCommand makes the test's binary the command itself.
const asCommand = "DELFOS_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		os.Exit(command.Run(context.Background(), os.Args[1:], command.System()))
	}
	os.Exit(m.Run())
}

// machine is an environment whose AWS configuration is what is said, and nothing else,
// and an empty working directory.
type machine struct {
	dir         string
	environment map[string]string
}

func newMachine(t *testing.T, environment map[string]string) machine {
	t.Helper()
	return machine{t.TempDir(), environment}
}

// slowMachine is what the command says where an answer takes long, as on a machine that is
// busy.
var slowMachine = regexp.MustCompile(`(?m)^Waiting for .*\n`)

// run carries out a command line as somebody types it.
func (m machine) run(t *testing.T, line string) (code int, stdout, stderr string) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var out, said bytes.Buffer
	process := exec.CommandContext(t.Context(), program, strings.Fields(line)...)
	process.Dir, process.Stdout, process.Stderr = m.dir, &out, &said
	process.Env = []string{asCommand + "=yes", "HOME=" + m.dir, "PATH=" + os.Getenv("PATH"), "AWS_EC2_METADATA_DISABLED=true", "AWS_MAX_ATTEMPTS=1"}
	for name, value := range m.environment {
		process.Env = append(process.Env, name+"="+value)
	}
	_ = process.Run() // its code is looked at
	return process.ProcessState.ExitCode(), out.String(), slowMachine.ReplaceAllString(said.String(), "")
}

func signedIn(endpoint string) map[string]string {
	return map[string]string{
		"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any", "AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": endpoint,
	}
}

func TestWhatADeployedStackLacksIsSaidInOneLineWithWhatToDo(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer string
		says   []string
	}{
		"no such stack":     {refusalOf("ValidationError", "Stack with id prod does not exist"), []string{"no stack prod in eu-west-1", "sam deploy --stack-name prod"}},
		"another version":   {stackOf("CREATE_COMPLETE", outputNames[1:]...), []string{"no output BackfillStateMachineArn:", "template.yaml"}},
		"another stack":     {stackOf("CREATE_COMPLETE"), []string{"SourceApiUrl, ConsoleUrl, EtlFunctionName,", "template.yaml"}},
		"its creation":      {stackOf("CREATE_IN_PROGRESS"), []string{"being changed (CREATE_IN_PROGRESS)", "try again"}},
		"a failed creation": {stackOf("ROLLBACK_COMPLETE"), []string{"nothing in it (ROLLBACK_COMPLETE)", "deploy it again"}},
		"never carried out": {stackOf("REVIEW_IN_PROGRESS"), []string{"nothing in it (REVIEW_IN_PROGRESS)", "deploy it again"}},
		"half of it":        {stackOf("DELETE_FAILED", outputNames[1:]...), []string{"not whole", "describe-stack-events --stack-name prod"}},
		"not allowed": {
			refusalOf("AccessDenied", "User: arn:aws:iam::1:user/ann is not authorized to perform: cloudformation:DescribeStacks"),
			[]string{"does not allow it: User: arn:aws:iam::1:user/ann is not authorized to perform: cloudformation:DescribeStacks", "ask for the permission"},
		},
		"expired":   {refusalOf("ExpiredToken", "The security token included in the request is expired"), []string{"credentials have expired", "sign in again"}},
		"not known": {refusalOf("InvalidClientTokenId", "The security token included in the request is invalid."), []string{"does not know the credentials", "check the keys"}},
		"else":      {refusalOf("Throttling", "Rate exceeded"), []string{"find stack prod in eu-west-1: Throttling: Rate exceeded"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, signedIn(cloudFormation(t, test.answer)))
			code, _, stderr := m.run(t, "status --stack prod")
			if code != 1 || strings.Count(stderr, "\n") != 1 || strings.Contains(stderr, "operation error") || strings.Contains(stderr, "a-request") {
				t.Errorf("exit %d, %q; want 1, and a line without the SDK's words", code, stderr)
			}
			for _, says := range test.says {
				if !strings.Contains(stderr, says) {
					t.Errorf("%q does not say %q", stderr, says)
				}
			}
		})
	}
}

// It is then that somebody has to look at it, and may have to stop what it does.
func TestAStackThatIsBeingChangedOrWasLeftHalfWayIsUsedWithAWarning(t *testing.T) {
	t.Parallel()
	for state, says := range map[string]string{
		"UPDATE_IN_PROGRESS":     "delfos: warning: stack prod is being changed (UPDATE_IN_PROGRESS)",
		"UPDATE_ROLLBACK_FAILED": "delfos: warning: stack prod is not whole (UPDATE_ROLLBACK_FAILED)",
	} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			asked := false
			functions := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				asked = true
				w.WriteHeader(http.StatusForbidden)
			})
			m := newMachine(t, signedIn(cloudFormationAnd(t, stackOf(state, outputNames...), functions)))
			_, _, stderr := m.run(t, "status --stack prod")
			if !strings.HasPrefix(stderr, says) || !asked {
				t.Errorf("it says %q, and asked the stack's parts: %t; want a warning, and that they are asked", stderr, asked)
			}
		})
	}
}

func TestWithoutCredentialsOrRegionTheCommandSaysHowToComeByThem(t *testing.T) {
	t.Parallel()
	signedOut := map[string]string{"AWS_REGION": "eu-west-1"}
	files := map[string]string{"AWS_REGION": "eu-west-1", "AWS_CONFIG_FILE": filepath.Join(t.TempDir(), "config")}
	profiles := "[profile sso]\nsso_start_url = https://example.awsapps.com/start\nsso_region = eu-west-1\nsso_account_id = 123456789012\nsso_role_name = operator\n" +
		"[profile broken]\ncredential_process = false\n"
	if err := os.WriteFile(files["AWS_CONFIG_FILE"], []byte(profiles), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		environment map[string]string
		flags       string
		says        string
	}{
		"no credentials":     {signedOut, "", "there are no AWS credentials: name a profile"},
		"no region":          {map[string]string{"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any"}, "", "say it with --region"},
		"no such profile":    {signedOut, "--profile nobody", "no profile nobody"},
		"no sign-in":         {files, "--profile sso", "run `aws sso login --profile sso`"},
		"a process fails":    {files, "--profile broken", "name another with --profile"},
		"nothing is there":   {signedIn("http://127.0.0.1:1"), "", "nothing listens there: start what answers at $AWS_ENDPOINT_URL"},
		"another region too": {signedIn("http://127.0.0.1:1"), "--region ap-south-1", "find stack prod in ap-south-1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, _, stderr := newMachine(t, test.environment).run(t, "status --stack prod "+test.flags)
			if code != 1 || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, test.says) {
				t.Errorf("exit %d, %q; want 1, and a line with %q", code, stderr, test.says)
			}
		})
	}
}

func TestTheEnvironmentNamesTheStackUnlessADirectoryIsGiven(t *testing.T) {
	t.Parallel()
	environment := signedIn(cloudFormation(t, refusalOf("ValidationError", "Stack with id prod does not exist")))
	environment["DELFOS_STACK"] = "prod"
	m := newMachine(t, environment)
	if code, _, stderr := m.run(t, "status"); code != 1 || !strings.Contains(stderr, "no stack prod") {
		t.Errorf("with %s=prod: exit %d, %s", "DELFOS_STACK", code, stderr)
	}
	if code, _, stderr := m.run(t, "status --data-dir .delfos"); code != 1 || !strings.Contains(stderr, "no stack is running on .delfos") {
		t.Errorf("with --data-dir: exit %d, %s", code, stderr)
	}
}

func TestMaterializeNeverStartsALocalStackInPlaceOfADeployedOne(t *testing.T) {
	t.Parallel()
	m := newMachine(t, signedIn(cloudFormation(t, refusalOf("ValidationError", "Stack with id prod does not exist"))))
	code, stdout, stderr := m.run(t, "materialize --partition 2026-02-20 --stack prod")
	if code != 1 || stdout != "" || !strings.Contains(stderr, "no stack prod") {
		t.Errorf("exit %d, %q, %q", code, stdout, stderr)
	}
	left, err := os.ReadDir(m.dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestTheTemplateHasTheOutputsThatTheCommandReads(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var system struct {
		Outputs map[string]yaml.Node `yaml:"Outputs"`
	}
	if err := yaml.Unmarshal(text, &system); err != nil {
		t.Fatal(err)
	}
	for _, name := range outputNames {
		if _, has := system.Outputs[name]; !has {
			t.Errorf("template.yaml has no output %s", name)
		}
	}
}
