package graph_test

import (
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"delfos/shared/console/graph"
)

var update = flag.Bool("update", false, "write the goldens anew")

func read(t testing.TB, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func backfill(t testing.TB) []byte {
	t.Helper()
	return read(t, "testdata/backfill.asl.json")
}

// TestGoldens holds the drawings of the backfill's machine at the stages of an execution,
// and of one with every type of state.
func TestGoldens(t *testing.T) {
	t.Parallel()
	done := graph.Live{Status: graph.Succeeded, Note: "12 ms"}
	for name, c := range map[string]struct {
		definition []byte
		live       map[string]graph.Live
	}{
		"not_started": {backfill(t), nil},
		"running": {backfill(t), map[string]graph.Live{
			"Plan": done, "AnythingToDo": done,
			"Partitions":  {Status: graph.Running, Note: "6 of 10", Counts: &graph.Counts{Succeeded: 5, Failed: 1, Running: 2, Total: 10}},
			"Materialize": {Status: graph.Running, Note: "2 at once"},
		}},
		"failed": {backfill(t), map[string]graph.Live{
			"Plan": done, "AnythingToDo": done,
			"Partitions":  {Status: graph.Succeeded, Note: "10 of 10", Counts: &graph.Counts{Succeeded: 9, Failed: 1, Total: 10}},
			"Materialize": {Status: graph.Failed, Note: "1 failed"},
			"Summary":     {Status: graph.Failed, Note: "PartitionsFailed", Title: "1 of 10 <failed> & \"others\" not"},
		}},
		"stopped": {backfill(t), map[string]graph.Live{
			"Plan": done, "AnythingToDo": done,
			"Partitions":  {Status: graph.Cancelled, Counts: &graph.Counts{Succeeded: 4, Cancelled: 6, Total: 10}},
			"Materialize": {Status: graph.Cancelled},
		}},
		"redriven": {backfill(t), map[string]graph.Live{
			"Plan": done, "AnythingToDo": done, "Partitions": done, "Materialize": done, "Summary": done,
			"AnythingToTryAgain": done, "TryAgain": done, "Done": done,
		}},
		"everything": {read(t, "testdata/everything.asl.json"), map[string]graph.Live{"Read": {Status: graph.Failed}, "GiveUp": done}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			drawn, err := graph.Draw(c.definition, "The state machine", c.live)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, name, string(drawn))
		})
	}
}

func TestThePipelineIsDrawn(t *testing.T) {
	t.Parallel()
	drawn := graph.Pipeline("The pipeline", []graph.Station{
		{Name: "Source database", Note: "14,400 samples", Status: graph.Succeeded, Flow: "rows"},
		{Name: "Source API", Note: "answers in 12 ms", Status: graph.Succeeded, Flow: "GET /data", Href: "/api"},
		{Name: "etl", Note: "2 runs", Status: graph.Running, Flow: "COPY", Href: "/runs", Starts: []graph.Station{
			{Name: "Daily tick", Note: "next at 01:00", Status: graph.Waiting, Href: "/schedules"},
			{Name: "Backfills", Note: "1 running", Status: graph.Running, Href: "/backfills"},
		}},
		{Name: "Target database", Note: "does not answer <now>", Title: `dial "db" & more`, Status: graph.Failed},
	})
	compare(t, "pipeline", string(drawn))
}

// compare holds a drawing against its golden, and is sure that it is XML and has no style.
func compare(t *testing.T, name, drawn string) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader("<all>" + drawn + "</all>"))
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	for _, inline := range []string{" style=", "<style", "<script", " onclick=", "javascript:"} {
		if strings.Contains(drawn, inline) {
			t.Errorf("the drawing has %q", inline)
		}
	}
	path := filepath.Join("testdata", name+".svg")
	lines := strings.ReplaceAll(drawn, "><", ">\n<") + "\n"
	if *update {
		if err := os.WriteFile(path, []byte(lines), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(read(t, path)), lines); diff != "" {
		t.Errorf("the drawing differs from %s (-want +got); if it is meant, run go test -update and look at it:\n%s", path, diff)
	}
}
