package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"delfos/infra/local/lambda"
	"delfos/shared/etl"
	"delfos/shared/partition"
	"delfos/shared/status"
)

// within bounds every wait of these tests: they run on busy machines.
const within = time.Minute

// waitTogether has more tests run at once than there are processors, unless told
// how many: what they do is wait, for leases, retries and processes.
func waitTogether() {
	flag.Parse()
	isGiven := false
	flag.Visit(func(f *flag.Flag) { isGiven = isGiven || f.Name == "test.parallel" })
	if !isGiven {
		_ = flag.Set("test.parallel", "12") // it exists
	}
}

// deployment is an etl function of its own, for one day, behind proxies that see
// the steps of its runs.
type deployment struct {
	*world
	moments
	date string
	name string
	pids string // directory with a file named after each process id
	api  *httpProxy
	aws  *httpProxy
	db   *postgresProxy
}

// settings of a deployment that tests change.
type settings struct {
	lease   time.Duration
	timeout time.Duration
}

var deployments atomic.Int64

// deploy registers the function. A zero setting is the template's.
func (w *world) deploy(t testing.TB, date string, with settings) *deployment {
	t.Helper()
	d := &deployment{world: w, date: date, name: fmt.Sprintf("etl-%d", deployments.Add(1)), pids: t.TempDir()}
	d.api = newHTTPProxy(t, w.apiURL, apiCall, &d.moments)
	d.aws = newHTTPProxy(t, w.awsURL, awsCall, &d.moments)
	d.db = newPostgresProxy(t, fmt.Sprintf("127.0.0.1:%d", w.targetServer.Port()), &d.moments)
	environment := maps.Clone(w.etl.Environment)
	maps.Copy(environment, map[string]string{
		"AWS_ENDPOINT_URL": d.aws.server.URL, "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
		"SOURCE_API_URL": d.api.server.URL, "API_TOKEN": apiToken, "TARGET_DSN": w.targetThrough(d.db.address()),
	})
	if with.lease != 0 {
		environment["LEASE"] = with.lease.String()
	}
	if with.timeout == 0 {
		with.timeout = w.etl.Timeout
	}
	// The shell leaves its process id, and becomes the bootstrap under the same.
	launch := `: > "$0/$$" && exec "$1"`
	err := w.lambda.Register(lambda.Function{
		Name: d.name, Command: []string{"/bin/sh", "-c", launch, d.pids, w.bootstrap}, Dir: filepath.Dir(w.bootstrap),
		Environment: environment, Timeout: with.timeout,
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// processes are the function's that are there.
func (d *deployment) processes() []int {
	files, err := os.ReadDir(d.pids)
	if err != nil {
		return nil
	}
	var alive []int
	for _, file := range files {
		pid, err := strconv.Atoi(file.Name())
		if err != nil || !isAlive(pid) {
			_ = os.Remove(filepath.Join(d.pids, file.Name())) // the id may become another's
			continue
		}
		alive = append(alive, pid)
	}
	return alive
}

func isAlive(pid int) bool { return syscall.Kill(pid, 0) == nil }

// kill ends the function's processes, and returns when they are gone: what they
// have sent by then is on its way.
func (d *deployment) kill() {
	struck := d.processes()
	for _, pid := range struck {
		_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended just now
	}
	_ = poll(context.Background(), func() bool { return !slices.ContainsFunc(struck, isAlive) })
}

// outcome is how an invocation ended.
type outcome struct {
	materialization etl.Materialization
	errorType       string // "" where it succeeded
	message         string
	log             string // its last 4 KB
	began           time.Time
	took            time.Duration
}

// died tells that the process ended without an answer.
func (o outcome) died() bool { return o.errorType == "Runtime.ExitError" }

// invoke runs the function once, for the deployment's day.
func (d *deployment) invoke(ctx context.Context) (outcome, error) {
	o := outcome{began: time.Now()}
	answer, err := d.lambda.Invoke(ctx, lambda.Request{Function: d.name, Payload: fmt.Appendf(nil, `{"partition":%q}`, d.date), LogTail: true})
	o.took, o.log = time.Since(o.began), answer.LogTail
	if err != nil {
		return o, err
	}
	if answer.FunctionError == "" {
		return o, json.Unmarshal(answer.Payload, &o.materialization)
	}
	var failure struct{ ErrorType, ErrorMessage string }
	err = json.Unmarshal(answer.Payload, &failure)
	o.errorType, o.message = failure.ErrorType, failure.ErrorMessage
	return o, err
}

func (d *deployment) mustInvoke(t testing.TB) outcome {
	t.Helper()
	o, err := d.invoke(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// start invokes the function in the background.
func (d *deployment) start(t testing.TB) <-chan outcome {
	t.Helper()
	ended := make(chan outcome, 1)
	go func() {
		defer close(ended)
		o, err := d.invoke(context.WithoutCancel(t.Context()))
		if err != nil {
			o.errorType, o.message = "not invoked", err.Error()
		}
		ended <- o
	}()
	return ended
}

// publish runs the day until it is published, as its retries would: a lease may
// have to run out, or a busy machine may lose one.
func (d *deployment) publish(t testing.TB) outcome {
	t.Helper()
	var last outcome
	var err error
	waited := poll(t.Context(), func() bool {
		last, err = d.invoke(t.Context())
		return err != nil || last.errorType == ""
	})
	if err = errors.Join(waited, err); err != nil {
		t.Fatalf("publish %s: %v; the last answer: %s %s", d.date, err, last.errorType, last.message)
	}
	return last
}

// partition is the day's record.
func (d *deployment) partition(t testing.TB) status.Partition {
	t.Helper()
	p, err := d.status.Partition(t.Context(), asset, partition.MustParseKey(d.date))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// runs are the day's, newest first, as they stand now.
func (d *deployment) runs(t testing.TB) []status.Run {
	t.Helper()
	page, err := d.status.RunsOf(t.Context(), asset, partition.MustParseKey(d.date), status.Page{Limit: status.MaxPage})
	if err != nil {
		t.Fatal(err)
	}
	return page.Runs
}

// runOf is one of the day's, as it stands now.
func (d *deployment) runOf(t testing.TB, id string) status.Run {
	t.Helper()
	runs := d.runs(t)
	at := slices.IndexFunc(runs, func(run status.Run) bool { return run.ID == id })
	if at < 0 {
		t.Fatalf("run %s is not among those of %s", id, d.date)
	}
	return runs[at]
}

// awaitLeaseEnd waits until no run holds the day.
func (d *deployment) awaitLeaseEnd(t testing.TB) {
	t.Helper()
	if err := poll(t.Context(), func() bool { return !d.partition(t).LeaseLive(time.Now()) }); err != nil {
		t.Fatalf("the lease on %s does not end: %v", d.date, err)
	}
}

// failedAs expects the last run to have failed so, on record: on the run, on the
// partition, and with the reason.
func (d *deployment) failedAs(t testing.TB, o outcome, errorType string) {
	t.Helper()
	d.attemptFailedAs(t, o, errorType)
	last := d.runs(t)[0]
	if last.ID != d.partition(t).RunID || last.Outcome != status.OutcomeFailed || last.Failure == nil || last.Failure.Type != o.errorType {
		t.Errorf("the run is recorded as %s, %+v; want it failed, as the answer says", last.Outcome, last.Failure)
	}
}

// attemptFailedAs is failedAs for a run that has no record of its own.
func (d *deployment) attemptFailedAs(t testing.TB, o outcome, errorType string) {
	t.Helper()
	if o.errorType != errorType {
		t.Errorf("the run ended as %q %s; want %s", o.errorType, o.message, errorType)
	}
	p := d.partition(t)
	if p.Attempt != status.AttemptFailed || p.Failure == nil || p.Failure.Type != o.errorType || !strings.HasPrefix(o.message, p.Failure.Message) {
		t.Errorf("the partition's attempt is %s, %+v; want it failed, for the reason %q", p.Attempt, p.Failure, o.message)
	}
}

// succeededAs expects status, runs and answer to agree that this run published.
func (d *deployment) succeededAs(t testing.TB, o outcome) {
	t.Helper()
	if o.errorType != "" {
		t.Errorf("the run failed: %s %s", o.errorType, o.message)
		return
	}
	p := d.partition(t)
	if p.Data != status.DataMaterialized || p.Attempt != status.AttemptSucceeded || p.RunID != o.materialization.RunID ||
		p.Generation != o.materialization.Generation || p.Materialization == nil || p.Materialization.Fingerprint != o.materialization.Fingerprint {
		t.Errorf("the partition stands as %+v; want it published by %+v", p, o.materialization)
	}
	last := d.runs(t)[0]
	if last.ID != o.materialization.RunID || last.Outcome != status.OutcomeSucceeded {
		t.Errorf("the last run is %s, %s; want %s, succeeded", last.ID, last.Outcome, o.materialization.RunID)
	}
}

// poll asks until it is so, for at most within.
func poll(ctx context.Context, isSo func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for !isSo() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
	return nil
}
