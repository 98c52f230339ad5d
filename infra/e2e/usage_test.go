package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"delfos/infra/local"
	"delfos/shared/awsconfig"
	"delfos/shared/etl"
	"delfos/shared/partition"
	"delfos/shared/status"
)

func TestAPartitionThatAnotherRunHoldsIsExitCodeThree(t *testing.T) {
	t.Parallel()
	dir, stack := sharedStack(t)
	store := status.New(dynamodb.New(dynamodb.Options{
		Region: stack.Region, BaseEndpoint: &stack.AWSEndpointURL, HTTPClient: awsconfig.HTTPClient(), Credentials: credentials.NewStaticCredentialsProvider("any", "any", ""),
	}), status.Tables{Partitions: stack.PartitionsTable, Runs: stack.RunsTable})
	until := time.Now().Add(time.Hour)
	_, _, err := store.Claim(t.Context(), status.Claim{
		Asset: "turbine-1", Partition: partition.MustParseKey("2026-02-25"), RunID: "01ARZ3NDEKTSV4RRFFQ69G5FAV", Now: time.Now(), LeaseUntil: until,
	})
	if err != nil {
		t.Fatal(err)
	}
	r := delfos(t, dir, "materialize", "--partition", "2026-02-25")
	if r.code != 3 || !strings.Contains(r.stderr, "01ARZ3NDEKTSV4RRFFQ69G5FAV") || !strings.Contains(r.stderr, until.UTC().Format(time.RFC3339)) {
		t.Errorf("exit %d, %q; want 3, the owner and when its lease ends", r.code, r.stderr)
	}
}

func TestADataDirectoryIsUsedAsBefore(t *testing.T) {
	t.Parallel()
	dir, _ := startStack(t, "--seed-days", "0", "--parameter", "PartitionTimeZone=America/Sao_Paulo")
	must(t, dir, "down")
	if r := delfos(t, dir, "materialize", "--partition", "2026-02-20"); r.code != 1 || !strings.Contains(r.stderr, "EmptyPartition") {
		t.Errorf("materialize on a directory without data: exit %d, %q", r.code, r.stderr)
	}
	r := delfos(t, dir, "up", "--detach", "--api-port", "0", "--aws-port", "0", "--console-port", "0", "--parameter", "PartitionTimeZone=UTC")
	if r.code != 1 || !strings.Contains(r.stderr, "America/Sao_Paulo") || !strings.Contains(r.stderr, "--fresh") {
		t.Errorf("up with another time zone: exit %d, %q", r.code, r.stderr)
	}
	bringUp(t, dir, "--fresh", "--seed-days", "1", "--parameter", "PartitionTimeZone=UTC")
	if m := answer[etl.Materialization](t, dir, "materialize", "--partition", "2026-02-20"); m.RowsRead != 1440 {
		t.Errorf("after --fresh: %+v", m)
	}
}

func TestFreshLosesNothingWhereItCannotStart(t *testing.T) {
	t.Parallel()
	dir, stack := startStack(t, "--seed-days", "1")
	must(t, dir, "materialize", "--partition", "2026-02-20")
	must(t, dir, "down")
	for _, wrong := range [][]string{
		{"--aws-port", portOf(t, startOther(t))},
		{"--parameter", "Variables=sunshine"},
		{"--parameter", "Nonsense=1"},
	} {
		args := append([]string{"up", "--detach", "--fresh", "--api-port", "0", "--aws-port", "0", "--console-port", "0"}, wrong...)
		if r := delfos(t, dir, args...); r.code != 1 || strings.Count(strings.TrimSpace(r.stderr), "\n") > 0 {
			t.Errorf("delfos %v: exit %d, %q; want one line", args, r.code, r.stderr)
		}
	}
	again := bringUp(t, dir)
	start, end := day("2026-02-20")
	compare(t, target(t, again.TargetDSN, start, end), oracle(t, again.SourceDSN, start, end))
	if again.TargetDSN != stack.TargetDSN || again.APIToken != stack.APIToken {
		t.Error("connection strings and token do not outlast a restart")
	}
}

// startOther is another program with a port.
func startOther(t *testing.T) string {
	t.Helper()
	_, other := startStack(t, "--seed-days", "0")
	return other.AWSEndpointURL
}

func portOf(t *testing.T, url string) string {
	t.Helper()
	return regexp.MustCompile(`\d+$`).FindString(url)
}

func TestADayOfSecondsComesInPagesThatLambdaCanAnswer(t *testing.T) {
	t.Parallel()
	dir, stack := startStack(t, "--seed-days", "0")
	start, end := day("2026-02-20")
	_, err := open(t, stack.SourceDSN).Exec(t.Context(), `
		INSERT INTO data SELECT at, 8 + sin(extract(epoch FROM at) / 7), 900 + 100 * cos(extract(epoch FROM at) / 11), 12.5
		FROM generate_series($1::timestamptz, $2::timestamptz - interval '1 second', '1 second') AS at`, start, end)
	if err != nil {
		t.Fatal(err)
	}
	rows, pages := 0, 0
	next := "/data?start=2026-02-20&end=2026-02-21&variables=wind_speed&variables=power&variables=ambient_temperature"
	for ; next != ""; pages++ {
		var page []json.RawMessage
		var size int
		page, next, size = getPage(t, stack, next)
		rows += len(page)
		if size > 6_000_000 || len(page) == 0 || pages > 20 {
			t.Fatalf("page %d has %d bytes and %d rows", pages, size, len(page))
		}
	}
	m := answer[etl.Materialization](t, dir, "materialize", "--partition", "2026-02-20")
	if rows != 86_400 || pages < 2 || m.RowsRead != 86_400 || m.RowsWritten != 1152 || m.Coverage != 1 {
		t.Errorf("%d rows in %d pages; materialized %+v", rows, pages, m)
	}
	compare(t, target(t, stack.TargetDSN, start, end), oracle(t, stack.SourceDSN, start, end))
}

var nextLink = regexp.MustCompile(`^<([^>]+)>; rel="next"$`)

func getPage(t *testing.T, stack local.Descriptor, path string) (page []json.RawMessage, next string, size int) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, stack.APIURL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+stack.APIToken)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&page); err != nil {
		t.Fatalf("%s: %s: %v", path, response.Status, err)
	}
	if link := nextLink.FindStringSubmatch(response.Header.Get("Link")); link != nil {
		next = link[1]
	}
	return page, next, int(response.ContentLength)
}

func TestUpInTheForegroundEndsWithCtrlCAndAnEphemeralOneLeavesNothing(t *testing.T) {
	t.Parallel()
	binary, err := buildOnce()
	if err != nil {
		t.Fatal(err)
	}
	temporary, err := emptyDirectory()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(temporary) })
	up := exec.CommandContext(t.Context(), binary, "up", "--ephemeral", "--json", "--seed-days", "1")
	up.Env = append(os.Environ(), "TMPDIR="+temporary)
	stdout, err := up.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := up.Start(); err != nil {
		t.Fatal(err)
	}
	var stack local.Descriptor
	if err := json.NewDecoder(stdout).Decode(&stack); err != nil {
		t.Fatal(err)
	}
	var days int
	if err := open(t, stack.SourceDSN).QueryRow(t.Context(), `SELECT count(*) / 1440 FROM data`).Scan(&days); err != nil || days != 1 {
		t.Errorf("%d days in the source, %v", days, err)
	}
	if err := up.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := up.Wait(); err != nil {
		t.Errorf("after Ctrl-C: %v", err)
	}
	left, err := filepath.Glob(filepath.Join(temporary, "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
