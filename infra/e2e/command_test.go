package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"delfos/shared/etl"
	"delfos/shared/status"
)

func TestOneDayGoesFromSourceToTargetWithOneCommand(t *testing.T) {
	t.Parallel()
	dir, stack := sharedStack(t)

	m := answer[etl.Materialization](t, dir, "materialize", "--partition", "2026-02-20")
	if m.RowsRead != 1440 || m.Windows != 144 || m.RowsWritten != 1152 || m.SamplesMissing != 0 || m.Coverage != 1 || m.Generation != 1 {
		t.Errorf("materialize answered %+v", m)
	}
	start, end := day("2026-02-20")
	compare(t, target(t, stack.TargetDSN, start, end), oracle(t, stack.SourceDSN, start, end))

	again := answer[etl.Materialization](t, dir, "materialize", "--partition", "2026-02-20")
	if again.Generation != 2 || again.Fingerprint != m.Fingerprint {
		t.Errorf("the same day again: generation %d, fingerprint %s; want 2 and %s", again.Generation, again.Fingerprint, m.Fingerprint)
	}
	compare(t, target(t, stack.TargetDSN, start, end), oracle(t, stack.SourceDSN, start, end))

	days := answer[[]status.Partition](t, dir, "status", "--from", "2026-02-20", "--to", "2026-02-21")
	if len(days) != 2 || days[0].Data != status.DataMaterialized || days[0].Attempt != status.AttemptSucceeded ||
		days[0].Materialization.RowsWritten != 1152 || days[1].Data != status.DataMissing {
		t.Errorf("status = %+v", days)
	}
	runs := answer[[]status.Run](t, dir, "runs", "--partition", "2026-02-20")
	if len(runs) != 2 || runs[0].ID != again.RunID || runs[0].Outcome != status.OutcomeSucceeded || runs[0].Trigger != status.TriggerManual {
		t.Errorf("runs = %+v", runs)
	}
	logs := must(t, dir, "logs", m.RunID).stdout
	if !strings.Contains(logs, "published") || !strings.Contains(logs, "platform.report") || strings.Contains(logs, again.RunID) {
		t.Errorf("logs %s printed %s", m.RunID, logs)
	}
}

func TestExitCodesTellUsageFromFailure(t *testing.T) {
	t.Parallel()
	dir, _ := sharedStack(t)
	for _, test := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"materialize"}, 2, "YYYY-MM-DD"},
		{[]string{"materialize", "--partition", "2026-02-30"}, 2, "2026-02-30"},
		{[]string{"materialize", "--partition", "2026-02-20", "extra"}, 2, "extra"},
		{[]string{"status", "--from", "2026-03-02", "--to", "2026-03-01"}, 2, "before --from"},
		{[]string{"status", "--form", "2026-03-02"}, 2, "form"},
		{[]string{"runs", "--limit", "0"}, 2, "1 to 1000"},
		{[]string{"logs"}, 2, "RUN"},
		{[]string{"materialise"}, 2, `did you mean "materialize"?`},
		{[]string{"up", "--seed-days", "-1"}, 2, "seed-days"},
		{[]string{"up", "--api-port", "70000"}, 2, "api-port"},
		{[]string{"materialize", "--partition", "2026-02-19"}, 1, "before the first partition"},
		{[]string{"materialize", "--partition", "2199-01-01"}, 1, "not over"},
		{[]string{"materialize", "--partition", "2026-03-05"}, 1, "run it with --allow-empty"},
		{[]string{"logs", "01ARZ3NDEKTSV4RRFFQ69G5FAV"}, 1, "not recorded"},
	} {
		r := delfos(t, dir, test.args...)
		said := strings.TrimSpace(r.stderr)
		if r.code != test.code || !strings.Contains(said, test.says) {
			t.Errorf("delfos %v: exit %d, %q; want %d and %q", test.args, r.code, said, test.code, test.says)
		}
	}
	if r := delfos(t, dir, "materialize", "--partition", "2026-03-05", "--json"); r.code != 1 || !strings.Contains(r.stdout, `"errorType": "EmptyPartition"`) {
		t.Errorf("a failed run with --json: exit %d, %s", r.code, r.stdout)
	}
	empty := answer[etl.Materialization](t, dir, "materialize", "--partition", "2026-03-05", "--allow-empty")
	if empty.RowsWritten != 0 || empty.RowsRead != 0 {
		t.Errorf("--allow-empty answered %+v", empty)
	}
}

func TestAClientOfTheOriginalAPIWorksUnchanged(t *testing.T) {
	t.Parallel()
	_, stack := sharedStack(t)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
		stack.APIURL+"/data?start=2026-02-20%2000:00:00&end=2026-02-20+00:10:00&variables=wind_speed&variables=power", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+stack.APIToken)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var rows []map[string]any
	body, _ := io.ReadAll(response.Body)
	if err := json.Unmarshal(body, &rows); err != nil || len(rows) != 10 {
		t.Fatalf("%s: %d rows, %v: %.300s", response.Status, len(rows), err, body)
	}
	for minute, row := range rows {
		if row["timestamp"] != fmt.Sprintf("2026-02-20T00:%02d:00Z", minute) || row["power"] == nil || row["wind_speed"] == nil || len(row) != 3 {
			t.Errorf("row %d is %v", minute, row)
		}
	}
}

func TestMaterializeWithoutAStackStartsOneForTheDuration(t *testing.T) {
	t.Parallel()
	dir := directory(t)
	m := answer[etl.Materialization](t, dir, "materialize", "--partition", "2026-02-22")
	if m.RowsWritten != 1152 {
		t.Errorf("materialize answered %+v", m)
	}
	if r := delfos(t, dir, "status"); r.code != 1 || !strings.Contains(r.stderr, "delfos up") {
		t.Errorf("afterwards status exits %d and says %q; want 1, and how to start a stack", r.code, r.stderr)
	}
	stack := bringUp(t, dir)
	days := answer[[]status.Partition](t, dir, "status", "--from", "2026-02-22", "--to", "2026-02-22")
	if days[0].Data != status.DataMaterialized {
		t.Errorf("the next stack on %s says %+v", stack.AWSEndpointURL, days[0])
	}
}

func TestTheDescriptorIsTheOwnersAlone(t *testing.T) {
	t.Parallel()
	dir, stack := sharedStack(t)
	info, err := os.Stat(filepath.Join(dir, "stack.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("stack.json: mode %v, %v; want 0600", info.Mode(), err)
	}
	if stack.PartitionsTable == "" || stack.RunsTable == "" || stack.Functions["EtlFunction"] == "" || stack.APIToken == "" {
		t.Errorf("stack.json holds %+v", stack)
	}
}
