package machine_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delfos/shared/pipeline/machine"
)

func backfillMachine(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile("../../../infra/statemachine/backfill.asl.json")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestTheBackfillsMachineIsDrawn(t *testing.T) {
	t.Parallel()
	g, err := machine.Parse(backfillMachine(t))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	nodes := map[string]machine.Node{}
	for _, node := range g.Nodes {
		names = append(names, node.Name)
		nodes[node.Name] = node
	}
	if diff := cmp.Diff([]string{"Plan", "AnythingToDo", "Partitions", "NothingToDo", "Summary"}, names[:5]); diff != "" {
		t.Errorf("the first states (-wanted +drawn):\n%s", diff)
	}
	if inner := nodes["Partitions"].Inner; inner == nil || inner.StartAt != "Materialize" || !inner.Nodes[0].Retries ||
		!strings.HasPrefix(inner.Nodes[0].Resource, "lambda:invoke ") || !inner.Nodes[0].End {
		t.Errorf("what the map does is drawn as %+v", inner)
	}
	if !nodes["Done"].End || nodes["Plan"].End {
		t.Error("the ends are not where they are")
	}
	edges := []machine.Edge{}
	for _, edge := range g.Edges {
		if edge.From == "AnythingToDo" {
			edges = append(edges, edge)
		}
	}
	if diff := cmp.Diff([]machine.Edge{
		{From: "AnythingToDo", To: "Partitions", Kind: machine.Choice, Label: "$.todo[0] IsPresent true"},
		{From: "AnythingToDo", To: "NothingToDo", Kind: machine.Default, Label: "otherwise"},
	}, edges); diff != "" {
		t.Errorf("the ways out of a choice (-wanted +drawn):\n%s", diff)
	}
}

func TestWhatIsNoMachineIsRefused(t *testing.T) {
	t.Parallel()
	deep := `{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}`
	for range 6 {
		deep = `{"StartAt":"M","States":{"M":{"Type":"Map","End":true,"ItemProcessor":` + deep + `}}}`
	}
	for _, text := range []string{``, `[]`, `{}`, `{"StartAt":"B","States":{"A":{"Type":"Pass"}}}`, deep} {
		if _, err := machine.Parse([]byte(text)); err == nil {
			t.Errorf("%.80s is drawn", text)
		}
	}
}

func TestStatesTellHowTheyStand(t *testing.T) {
	t.Parallel()
	at := func(second int) time.Time { return time.Date(2026, 2, 27, 1, 0, second, 0, time.UTC) }
	event := func(id int64, kind, state, failure string) machine.Event {
		return machine.Event{ID: id, Previous: id - 1, At: at(int(id)), Type: kind, State: state, Error: failure}
	}
	failing := []machine.Event{
		event(1, "ExecutionStarted", "", ""),
		event(2, "TaskStateEntered", "Plan", ""),
		event(3, "TaskScheduled", "", ""),
		event(4, "TaskFailed", "", "SourceUnavailable"),
		event(5, "TaskScheduled", "", ""),
		event(6, "TaskSucceeded", "", ""),
		event(7, "TaskStateExited", "Plan", ""),
		event(8, "TaskStateEntered", "Summary", ""),
		event(9, "TaskScheduled", "", ""),
		event(10, "TaskFailed", "", "PartitionsFailed"),
		event(11, "ExecutionFailed", "", "PartitionsFailed"),
	}
	for name, test := range map[string]struct {
		events []machine.Event
		want   map[string]machine.State
	}{
		"nothing yet": {failing[:1], map[string]machine.State{}},
		"a task that is tried again": {failing[:5], map[string]machine.State{
			"Plan": {Name: "Plan", Standing: machine.Running, Entered: 1, Retries: 1, EnteredAt: at(2), Error: "SourceUnavailable"},
		}},
		"a failure": {failing, map[string]machine.State{
			"Plan":    {Name: "Plan", Standing: machine.Succeeded, Entered: 1, Retries: 1, EnteredAt: at(2), EndedAt: at(7), Error: "SourceUnavailable"},
			"Summary": {Name: "Summary", Standing: machine.Failed, Entered: 1, Failures: 1, EnteredAt: at(8), EndedAt: at(11), Error: "PartitionsFailed"},
		}},
		"a redrive": {append(failing[7:11:11], event(12, "ExecutionRedriven", "", "")), map[string]machine.State{
			"Summary": {Name: "Summary", Standing: machine.Running, Entered: 1, Failures: 1, EnteredAt: at(12)},
		}},
		"a stop": {append(failing[:2:2], event(3, "ExecutionAborted", "", "Cancelled")), map[string]machine.State{
			"Plan": {Name: "Plan", Standing: machine.Cancelled, Entered: 1, EnteredAt: at(2), EndedAt: at(3)},
		}},
		"a timeout": {append(failing[:2:2], event(3, "ExecutionTimedOut", "", "States.Timeout")), map[string]machine.State{
			"Plan": {Name: "Plan", Standing: machine.Failed, Entered: 1, Failures: 1, EnteredAt: at(2), EndedAt: at(3), Error: "States.Timeout"},
		}},
		"a loop": {append(failing[1:7:7], event(12, "TaskStateEntered", "Plan", "")), map[string]machine.State{
			"Plan": {Name: "Plan", Standing: machine.Running, Entered: 2, Retries: 1, EnteredAt: at(12)},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, machine.States(test.events)); diff != "" {
				t.Errorf("(-wanted +told):\n%s", diff)
			}
		})
	}
}

func TestAStateTookUntilItsEndOrNow(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 2, 27, 1, 0, 0, 0, time.UTC)
	s := machine.State{EnteredAt: began}
	if took := s.Took(began.Add(time.Minute)); took != time.Minute {
		t.Errorf("one that runs took %s", took)
	}
	s.EndedAt = began.Add(time.Second)
	if took := s.Took(began.Add(time.Minute)); took != time.Second {
		t.Errorf("one that has ended took %s", took)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(backfillMachine(f))
	f.Add([]byte(`{"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Variable":"$.a","Next":"A"}],"Default":"A"}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		g, err := machine.Parse(text)
		if err == nil && len(g.Nodes) == 0 {
			t.Error("a machine without a state")
		}
	})
}
