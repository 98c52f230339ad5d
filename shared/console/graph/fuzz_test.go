package graph //nolint:testpackage // the boxes are not told outside

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"delfos/infra/local/stepfunctions/asl"
)

// box is where something stands in the whole drawing.
type box struct {
	name                     string
	left, top, right, bottom float64
}

// boxes are those of a layout whose corner is at x, y; states within others' are told too.
func (l *layout) boxes(x, y float64) (here, all []box) {
	for _, n := range l.nodes {
		if n.role == roleBend {
			continue
		}
		b := box{n.label, x + n.x - n.width/2, y + n.y, x + n.x + n.width/2, y + n.y + n.height}
		if n.role == roleState {
			b.name = n.state.name
		}
		here = append(here, b)
		left := b.left + padding
		for _, inner := range n.inner {
			within, below := inner.boxes(left, b.bottom-padding-inner.height)
			all = append(all, below...)
			for _, w := range within {
				if w.left < b.left || w.right > b.right || w.top < b.top+boxHeight || w.bottom > b.bottom {
					all = append(all, box{fmt.Sprintf("%s is not within %s", w.name, b.name), 0, 0, 1e9, 1e9})
				}
			}
			left += inner.width + padding
		}
	}
	return here, append(all, here...)
}

// apart tells what overlaps: no two of one machine may.
func apart(l *layout) error {
	here, all := l.boxes(0, 0)
	for _, b := range all {
		if strings.Contains(b.name, "is not within") && b.right == 1e9 {
			return fmt.Errorf("%s", b.name)
		}
	}
	for i, a := range here {
		if a.left < 0 || a.top < 0 || a.right > l.width+1 || a.bottom > l.height {
			return fmt.Errorf("%q is outside of the drawing", a.name)
		}
		for _, b := range here[:i] {
			if a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom {
				return fmt.Errorf("%q and %q overlap", a.name, b.name)
			}
		}
	}
	for _, n := range l.nodes {
		for _, inner := range n.inner {
			if err := apart(inner); err != nil {
				return err
			}
		}
	}
	return nil
}

// count is how many states a machine has, with those within others.
func (m *machine) count() int {
	n := len(m.states)
	for _, s := range m.states {
		for _, inner := range s.inner {
			n += inner.count()
		}
	}
	return n
}

// check holds of every definition: each state is drawn once, and nothing overlaps.
func check(t rapid.TB, definition []byte) {
	m, err := parse(definition)
	if err != nil {
		return
	}
	l := layOut(m, true)
	if err := apart(l); err != nil {
		t.Error(err)
	}
	drawn := string(l.svg("x", nil))
	if got := strings.Count(drawn, `<g class="graph-node `); got != m.count() {
		t.Errorf("%d states are drawn, want %d", got, m.count())
	}
	for _, bad := range []string{"NaN", "Inf", "%!"} {
		if strings.Contains(drawn, "\""+bad) {
			t.Errorf("the drawing has %s", bad)
		}
	}
}

func FuzzDraw(f *testing.F) {
	for _, path := range []string{
		"testdata/everything.asl.json", "testdata/backfill.asl.json",
		"../../../infra/statemachine/backfill.asl.json", "../../../infra/local/stepfunctions/asl/testdata/whole.json",
	} {
		content, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(content))
	}
	f.Add(`{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"A"}}}`)
	f.Add(`{"States":{"":{"Type":"Map","Iterator":{"States":{}}},"B":{"Next":"B","End":true},"C":null}}`)
	f.Fuzz(func(t *testing.T, definition string) {
		check(t, []byte(definition))
		if _, err := asl.Parse([]byte(definition)); err != nil {
			return
		}
		if _, err := Draw([]byte(definition), "x", nil); err != nil {
			t.Errorf("the engine takes it: %v", err)
		}
	})
}

// TestAnyMachineIsDrawn makes machines with random transitions: cycles, states that nothing
// leads to, and machines within others.
func TestAnyMachineIsDrawn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) { check(t, []byte(randomMachine(t, 0))) })
}

func randomMachine(t *rapid.T, depth int) string {
	size := rapid.IntRange(1, 12).Draw(t, "size")
	name := func() string { return fmt.Sprintf("S%d", rapid.IntRange(0, size).Draw(t, "target")) }
	var states []string
	for i := range size {
		kind := rapid.SampledFrom([]string{"Task", "Choice", "Pass", "Succeed", "Map", "Parallel"}).Draw(t, "kind")
		body := fmt.Sprintf(`"Type":%q`, kind)
		switch {
		case kind == "Choice":
			body += fmt.Sprintf(`,"Choices":[{"Variable":"$.a","IsPresent":true,"Next":%q},{"Variable":"$.bcd","NumericEquals":7,"Next":%q}],"Default":%q`, name(), name(), name())
		case kind == "Map" && depth < 3:
			body += fmt.Sprintf(`,"Next":%q,"ItemProcessor":%s`, name(), randomMachine(t, depth+1))
		case kind == "Parallel" && depth < 2:
			body += fmt.Sprintf(`,"Next":%q,"Branches":[%s,%s]`, name(), randomMachine(t, depth+1), randomMachine(t, depth+2))
		case kind == "Task":
			body += fmt.Sprintf(`,"Next":%q,"Catch":[{"ErrorEquals":["States.ALL"],"Next":%q}]`, name(), name())
		default:
			body += fmt.Sprintf(`,"Next":%q`, name())
		}
		states = append(states, fmt.Sprintf(`"S%d":{%s}`, i, body))
	}
	return fmt.Sprintf(`{"StartAt":"S0","States":{%s}}`, strings.Join(states, ","))
}

// TestALargeMachineIsDrawnAsAColumn is about one that would have too many lines.
func TestALargeMachineIsDrawnAsAColumn(t *testing.T) {
	t.Parallel()
	var states []string
	for i := range 400 {
		states = append(states, fmt.Sprintf(`"S%d":{"Type":"Task","Next":"S%d","Catch":[{"ErrorEquals":["States.ALL"],"Next":"Failed"}]}`, i, i+1))
	}
	definition := `{"StartAt":"S0","States":{` + strings.Join(states, ",") + `,"S400":{"Type":"Succeed"},"Failed":{"Type":"Fail"}}}`
	check(t, []byte(definition))
	drawn, err := Draw([]byte(definition), "x", nil)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(drawn), "→ Failed") {
		t.Error("where an edge leads that is not drawn is not written")
	}
}

func TestWhatIsNoDefinitionIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "[]", "{", "{} {}", `{"States":{}}`, `{"States":3}`, strings.Repeat(`{"a":`, 600) + "1" + strings.Repeat("}", 600)} {
		if drawn, err := Draw([]byte(text), "x", nil); err == nil {
			t.Errorf("%.20q is drawn as %s", text, drawn)
		} else if !strings.Contains(err.Error(), "state machine's definition") {
			t.Errorf("%.20q: got %v", text, err)
		}
	}
}

func BenchmarkDraw(b *testing.B) {
	definition, err := os.ReadFile("testdata/backfill.asl.json")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Draw(definition, "x", nil); err != nil {
			b.Fatal(err)
		}
	}
}
