package e2e

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"delfos/infra/local"
	"delfos/shared/awsconfig"
	"delfos/shared/etl"
)

// rotation changes the tokens of a stack whose sandboxes go on.
type rotation struct {
	dir     string
	stack   local.Descriptor
	secrets *secretsmanager.Client
	logs    *cloudwatchlogs.Client
}

func newRotation(t *testing.T, flags ...string) rotation {
	t.Helper()
	dir, stack := startStack(t, flags...)
	for _, schedule := range []string{"tick", "sweep"} { // which would start sandboxes at their hour
		must(t, dir, "schedule", "off", schedule)
	}
	cfg := aws.Config{
		Region: stack.Region, BaseEndpoint: &stack.AWSEndpointURL, HTTPClient: awsconfig.HTTPClient(),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	}
	return rotation{dir, stack, secretsmanager.NewFromConfig(cfg), cloudwatchlogs.NewFromConfig(cfg)}
}

// secret is the text of the secret with this logical id.
func (r rotation) secret(t *testing.T, id string) string {
	t.Helper()
	found, err := r.secrets.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("delfos-" + id)})
	if err != nil {
		t.Fatal(err)
	}
	return *found.SecretString
}

// change puts another text into the secret, as an operator does.
func (r rotation) change(t *testing.T, id, text string) {
	t.Helper()
	_, err := r.secrets.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: aws.String("delfos-" + id), SecretString: &text})
	if err != nil {
		t.Fatal(err)
	}
}

// runs has a day run whole.
func (r rotation) runs(t *testing.T, when string) {
	t.Helper()
	if m := answer[etl.Materialization](t, r.dir, "materialize", "--partition", "2026-02-20"); m.RowsRead != 1440 {
		t.Errorf("%s a run read %d rows, want 1440", when, m.RowsRead)
	}
}

// reads is what the API answers to a token.
func (r rotation) reads(t *testing.T, when, token string, want int) {
	t.Helper()
	const data = "/data?start=2026-02-20&end=2026-02-21&variables=power"
	if status, _, body := asked(t, "GET", r.stack.APIURL+data, "Authorization", "Bearer "+token); status != want {
		t.Errorf("%s: %d %.200s, want %d", when, status, body, want)
	}
}

// sandboxes is how many of each function have been started.
func (r rotation) sandboxes(t *testing.T) map[string]int {
	t.Helper()
	counts, starts := map[string]int{}, `"platform.initStart"`
	for id, name := range r.stack.Functions {
		group := "/aws/lambda/" + name
		found, err := r.logs.FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &group, FilterPattern: &starts})
		if err == nil { // a function that was never started has no log group
			counts[id] = len(found.Events)
		}
	}
	return counts
}

// person uses the console with a browser of their own.
type person struct {
	client  *http.Client
	console string
}

func newPerson(t *testing.T, console string) person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return person{&http.Client{Jar: jar}, console}
}

// sees is the page that the console shows in the end, and where.
func (p person) sees(t *testing.T, request *http.Request) (path, page string) {
	t.Helper()
	response, err := p.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.Request.URL.Path, string(content)
}

func (p person) opens(t *testing.T, path string) (where, page string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.console+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return p.sees(t, request)
}

var csrf = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// signsIn tells where that leads: back to the form where the token is refused.
func (p person) signsIn(t *testing.T, token string) (path string) {
	t.Helper()
	_, form := p.opens(t, "/login")
	found := csrf.FindStringSubmatch(form)
	if found == nil {
		t.Fatalf("there is no form to sign in: %s", form)
	}
	fields := url.Values{"csrf": {found[1]}, "name": {"ana"}, "token": {token}, "next": {"/api"}}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.console+"/login", strings.NewReader(fields.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	path, _ = p.sees(t, request)
	return path
}

// looks has somebody who is signed in see what the source API says of itself.
func (p person) looks(t *testing.T, when string) {
	t.Helper()
	if where, page := p.opens(t, "/api"); where != "/api" || !strings.Contains(page, "ambient_temperature") {
		t.Errorf("%s the console shows, at %s: %s", when, where, page)
	}
}

func TestTheAPIsTokenIsChangedWithoutAGapAndWithoutANewSandbox(t *testing.T) {
	t.Parallel()
	for authorizer, wrong := range map[string]int{"lambda": 403, "none": 401} {
		t.Run(authorizer, func(t *testing.T) {
			t.Parallel()
			r := newRotation(t, "--parameter", "SourceApiAuthorizer="+authorizer)
			someone := newPerson(t, r.stack.ConsoleURL)
			r.runs(t, "before")
			someone.looks(t, "before")
			r.reads(t, "the token that up made", r.stack.APIToken, 200)
			before := r.sandboxes(t)

			const changed = "a-token-that-somebody-has-chosen"
			r.change(t, "ApiToken", changed)
			r.runs(t, "right after the change")
			someone.looks(t, "right after the change")
			r.reads(t, "the new token", changed, 200)
			// The authorizer's answer to the old one is remembered, and the API knows better.
			r.reads(t, "the old token, once the API has heard of the new one", r.stack.APIToken, 401)
			r.runs(t, "once the API has heard of the new token")
			someone.looks(t, "once the API has heard of the new token")
			r.reads(t, "a wrong token", "wrong", wrong)

			for id, count := range r.sandboxes(t) {
				if count != before[id] {
					t.Errorf("%s has had %d sandboxes, and %d before the change", id, count, before[id])
				}
			}
		})
	}
}

func TestTheConsolesTokenIsChangedAndEndsTheSessionsOfTheOldOne(t *testing.T) {
	t.Parallel()
	r := newRotation(t, "--parameter", "ConsoleSignIn=token")
	old, ana, ben := r.secret(t, "ConsoleToken"), newPerson(t, r.stack.ConsoleURL), newPerson(t, r.stack.ConsoleURL)
	if where := ana.signsIn(t, old); where != "/api" {
		t.Fatalf("the token leads to %s", where)
	}
	before := r.sandboxes(t)
	r.change(t, "ConsoleToken", "a token for people")
	if where := ben.signsIn(t, "a token for people"); where != "/api" {
		t.Errorf("the new token leads to %s", where)
	}
	ben.looks(t, "with the new token")
	if where, _ := ana.opens(t, "/api"); where != "/login" {
		t.Errorf("the session of the old token leads to %s", where)
	}
	if where := ana.signsIn(t, old); where != "/login" {
		t.Errorf("the old token leads to %s", where)
	}
	if after := r.sandboxes(t); after["ConsoleFunction"] != before["ConsoleFunction"] {
		t.Errorf("%d sandboxes of the console, and %d before the change", after["ConsoleFunction"], before["ConsoleFunction"])
	}
}
