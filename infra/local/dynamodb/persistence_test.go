package dynamodb_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/dynamodb"
	"delfos/infra/local/journal"
)

const createRuns = `{"TableName":"Runs","BillingMode":"PAY_PER_REQUEST",
	"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"},{"AttributeName":"day","AttributeType":"S"}],
	"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],
	"GlobalSecondaryIndexes":[{"IndexName":"by-day","KeySchema":[{"AttributeName":"day","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}]}`

// do carries out an operation that must succeed.
func do(t testing.TB, server *dynamodb.Server, operation, body string) document {
	t.Helper()
	answer, err := server.Call(t.Context(), operation, []byte(body))
	if err != nil {
		t.Fatalf("%s %s: %v", operation, body, err)
	}
	var decoded document
	if err := json.Unmarshal(mustMarshal(answer), &decoded); err != nil {
		t.Fatal(err)
	}
	return decoded
}

func putRun(t testing.TB, server *dynamodb.Server, id, day string, n int) {
	t.Helper()
	do(t, server, "PutItem", fmt.Sprintf(`{"TableName":"Runs","Item":{"id":{"S":%q},"day":{"S":%q},"n":{"N":"%d"}}}`, id, day, n))
}

// tableFile is the path of the one table in dir.
func tableFile(t testing.TB, dir string) string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil || len(paths) != 1 {
		t.Fatalf("%s holds the tables %v (%v), want one", dir, paths, err)
	}
	return paths[0]
}

func TestTablesSurviveAReopening(t *testing.T) {
	t.Parallel()
	options := dynamodb.Options{Dir: filepath.Join(t.TempDir(), "state", "dynamodb")}
	server := open(t, options)
	do(t, server, "CreateTable", createRuns)
	do(t, server, "UpdateTimeToLive", `{"TableName":"Runs","TimeToLiveSpecification":{"AttributeName":"expires","Enabled":true}}`)
	putRun(t, server, "one", "2026-02-20", 1)
	putRun(t, server, "two\nlines", "2026-02-20", 2)
	putRun(t, server, "gone", "2026-02-20", 3)
	do(t, server, "DeleteItem", `{"TableName":"Runs","Key":{"id":{"S":"gone"}}}`)
	do(t, server, "UpdateItem", `{"TableName":"Runs","Key":{"id":{"S":"one"}},"UpdateExpression":"SET n = n + :n","ExpressionAttributeValues":{":n":{"N":"41"}}}`)
	questions := []operation{
		{name: "DescribeTable", body: `{"TableName":"Runs"}`},
		{name: "DescribeTimeToLive", body: `{"TableName":"Runs"}`},
		{name: "Scan", body: `{"TableName":"Runs"}`},
		{name: "Query", body: `{"TableName":"Runs","IndexName":"by-day","KeyConditionExpression":"#d = :d","ExpressionAttributeNames":{"#d":"day"},"ExpressionAttributeValues":{":d":{"S":"2026-02-20"}}}`},
	}
	var before []document
	for _, q := range questions {
		before = append(before, do(t, server, q.name, q.body))
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	server = open(t, options)
	for i, q := range questions {
		if diff := cmp.Diff(before[i], do(t, server, q.name, q.body)); diff != "" {
			t.Errorf("%s (-before +after)\n%s", q.name, diff)
		}
	}
}

func TestFilesAreForTheirOwnerAlone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "dynamodb")
	do(t, open(t, dynamodb.Options{Dir: dir}), "CreateTable", createRuns)
	for _, path := range []string{tableFile(t, dir), filepath.Join(dir, "lock")} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, want 0600", path, info.Mode().Perm())
		}
	}
}

func TestADirectoryInUseIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open(t, dynamodb.Options{Dir: dir})
	_, err := dynamodb.Open(dynamodb.Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "in use") {
		t.Errorf("got %v, want an error that says that %s is in use", err, dir)
	}
}

func TestADeletedTableStaysDeletedAndItsNameIsFree(t *testing.T) {
	t.Parallel()
	options := dynamodb.Options{Dir: t.TempDir()}
	server := open(t, options)
	do(t, server, "CreateTable", createRuns)
	putRun(t, server, "one", "2026-02-20", 1)
	do(t, server, "DeleteTable", `{"TableName":"Runs"}`)
	do(t, server, "CreateTable", createRuns)
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	server = open(t, options)
	tableFile(t, options.Dir)
	if got := do(t, server, "Scan", `{"TableName":"Runs"}`)["Count"]; got != 0.0 {
		t.Errorf("the new table of the name has %v items, want none", got)
	}
}

// TestTablesOfOneNameInOtherLettersStayApart holds where file names have no case.
func TestTablesOfOneNameInOtherLettersStayApart(t *testing.T) {
	t.Parallel()
	options := dynamodb.Options{Dir: t.TempDir()}
	server := open(t, options)
	names := []string{"Runs", "runs", "...", strings.Repeat("r", 255)}
	for _, name := range names {
		do(t, server, "CreateTable", strings.Replace(createRuns, `"Runs"`, quote(name), 1))
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	got := do(t, open(t, options), "ListTables", `{}`)
	if diff := cmp.Diff(document{"TableNames": []any{"...", "Runs", names[3], "runs"}}, got); diff != "" {
		t.Error(diff)
	}
}

// TestATornLastWriteIsDroppedAndNothingElse cuts the file at every byte of its last
// record.
func TestATornLastWriteIsDroppedAndNothingElse(t *testing.T) {
	t.Parallel()
	options := dynamodb.Options{Dir: t.TempDir()}
	server := open(t, options)
	do(t, server, "CreateTable", createRuns)
	putRun(t, server, "one", "2026-02-20", 1)
	path := tableFile(t, options.Dir)
	acknowledged := fileSize(t, path)
	putRun(t, server, "two", "2026-02-21", 2)
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for cut := acknowledged; cut < len(whole); cut++ {
		if err := os.WriteFile(path, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		server := open(t, options)
		got := do(t, server, "Scan", `{"TableName":"Runs","ProjectionExpression":"id"}`)
		want := document{"Items": []any{document{"id": document{"S": "one"}}}, "Count": 1.0, "ScannedCount": 1.0}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("cut at byte %d: %s", cut, diff)
		}
		if err := server.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestACreationThatWasNeverFinishedIsForgotten(t *testing.T) {
	t.Parallel()
	options := dynamodb.Options{Dir: t.TempDir()}
	server := open(t, options)
	do(t, server, "CreateTable", createRuns)
	path := tableFile(t, options.Dir)
	if err := errors.Join(server.Close(), os.Truncate(path, 40)); err != nil {
		t.Fatal(err)
	}
	server = open(t, options)
	do(t, server, "CreateTable", createRuns)
	if got := tableFile(t, options.Dir); got == path {
		t.Errorf("the torn file %s is still in use", path)
	}
}

func TestADamagedFileIsNamedWithItsOffset(t *testing.T) {
	t.Parallel()
	options := dynamodb.Options{Dir: t.TempDir()}
	server := open(t, options)
	do(t, server, "CreateTable", createRuns)
	path := tableFile(t, options.Dir)
	offset := fileSize(t, path)
	putRun(t, server, "one", "2026-02-20", 1)
	putRun(t, server, "two", "2026-02-20", 2)
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	content[offset+20] ^= 1
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = dynamodb.Open(options)
	var damage *journal.DamageError
	if !errors.As(err, &damage) || damage.Path != path || damage.Offset != int64(offset) {
		t.Errorf("got %v, want a DamageError for byte %d of %s", err, offset, path)
	}
}

func TestAFileOfHistoryIsCompactedAtOpen(t *testing.T) {
	t.Parallel()
	options := dynamodb.Options{Dir: t.TempDir()}
	server := open(t, options)
	do(t, server, "CreateTable", createRuns)
	for n := range 3000 {
		putRun(t, server, fmt.Sprint("run-", n%10), "2026-02-20", n)
	}
	path := tableFile(t, options.Dir)
	before := fileSize(t, path)
	want := do(t, server, "Scan", `{"TableName":"Runs"}`)
	if err := errors.Join(server.Close(), os.WriteFile(path+".tmp", []byte("left by a kill"), 0o600)); err != nil {
		t.Fatal(err)
	}
	server = open(t, options)
	if after := fileSize(t, path); after > before/100 {
		t.Errorf("the file has %d bytes after %d, want less than a hundredth", after, before)
	}
	if diff := cmp.Diff(want, do(t, server, "Scan", `{"TableName":"Runs"}`)); diff != "" {
		t.Error(diff)
	}
	if _, err := os.Stat(path + ".tmp"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the leftover of an interrupted compaction is still there: %v", err)
	}
}

func fileSize(t testing.TB, path string) int {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return int(info.Size())
}

// writerDirectory tells this test binary, started again, to write until it is
// killed.
const writerDirectory = "DELFOS_DYNAMODB_TEST_WRITER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(writerDirectory); dir != "" {
		writeUntilKilled(dir)
	}
	slog.SetDefault(slog.New(slog.DiscardHandler)) // the torn files warn a hundred times
	os.Exit(m.Run())
}

// writeUntilKilled counts up in one item and says each number once it is
// acknowledged.
func writeUntilKilled(dir string) {
	server, err := dynamodb.Open(dynamodb.Options{Dir: dir})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for {
		answer, err := server.Call(context.Background(), "UpdateItem", []byte(`{"TableName":"Runs","Key":{"id":{"S":"counter"}},
			"UpdateExpression":"ADD n :one SET filler = :filler","ReturnValues":"UPDATED_NEW",
			"ExpressionAttributeValues":{":one":{"N":"1"},":filler":{"S":"`+strings.Repeat("p", 2000)+`"}}}`))
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(counted(answer))
	}
}

func counted(answer any) string {
	var decoded struct{ Attributes, Item map[string]struct{ N string } }
	if err := json.Unmarshal(mustMarshal(answer), &decoded); err != nil {
		panic(err)
	}
	return decoded.Attributes["n"].N + decoded.Item["n"].N
}

// TestEveryAcknowledgedWriteSurvivesAKill kills a writing process at other moments.
func TestEveryAcknowledgedWriteSurvivesAKill(t *testing.T) {
	t.Parallel()
	options := dynamodb.Options{Dir: t.TempDir()}
	server := open(t, options)
	do(t, server, "CreateTable", createRuns)
	for acknowledgements := 1; acknowledgements < 200; acknowledgements += 23 {
		if err := server.Close(); err != nil {
			t.Fatal(err)
		}
		last := killAfter(t, options.Dir, acknowledgements)
		server = open(t, options)
		answer, err := server.Call(t.Context(), "GetItem", []byte(`{"TableName":"Runs","Key":{"id":{"S":"counter"}}}`))
		if err != nil {
			t.Fatal(err)
		}
		var said, kept int
		if _, err := fmt.Sscan(last+" "+counted(answer), &said, &kept); err != nil {
			t.Fatalf("the writer said %q and the table holds %q: %v", last, counted(answer), err)
		}
		if kept < said {
			t.Fatalf("the writer was told that %d was written, and after its death the table holds %d", said, kept)
		}
	}
}

// killAfter starts a writer, kills it after so many acknowledgements, and returns
// the last one that it gave.
func killAfter(t *testing.T, dir string, acknowledgements int) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	writer := exec.CommandContext(ctx, os.Args[0])
	writer.Env = append(os.Environ(), writerDirectory+"="+dir)
	output, err := writer.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := writer.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(output)
	last := ""
	for count := 1; lines.Scan(); count++ {
		last = lines.Text()
		if count == acknowledgements {
			if err := writer.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = writer.Wait() // it says that the process was killed
	return last
}
