package local

import (
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// steps are the steps that were reported, with their outcomes.
type steps []string

// Begin hears of a step.
func (s *steps) Begin(step string) { *s = append(*s, step+": ") }

// Update is not listened to.
func (s *steps) Update(string) {}

// End hears of its outcome.
func (s *steps) End(outcome string) { (*s)[len(*s)-1] += outcome }

func TestParametersOfBeforeAreToldWhereNobodyHasGivenThemAnew(t *testing.T) {
	t.Parallel()
	const before = `{"parameters": {"Tick": "every-minute", "Lease": "9s"}}`
	const advice = ", as before (give another with `--parameter Name=value`; `--fresh` forgets them, and all data)"
	for name, test := range map[string]struct {
		kept  string
		given map[string]string
		fresh bool
		told  steps
		used  map[string]string
	}{
		"at first":     {"", map[string]string{"Tick": "daily"}, false, nil, map[string]string{"Tick": "daily"}},
		"none before":  {`{"seed_days": 3}`, nil, false, nil, map[string]string{}},
		"both":         {before, nil, false, steps{"Parameters: Lease=9s Tick=every-minute" + advice}, map[string]string{"Lease": "9s", "Tick": "every-minute"}},
		"one is anew":  {before, map[string]string{"Tick": "daily"}, false, steps{"Parameters: Lease=9s" + advice}, map[string]string{"Lease": "9s", "Tick": "daily"}},
		"all are anew": {before, map[string]string{"Tick": "daily", "Lease": "9s"}, false, nil, map[string]string{"Lease": "9s", "Tick": "daily"}},
		"fresh":        {before, nil, true, nil, map[string]string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var told steps
			s := &Stack{state: state{t.TempDir()}, options: Options{Parameters: test.given, Fresh: test.fresh, Reporter: &told, Now: time.Now}}
			if test.kept != "" {
				if err := os.WriteFile(s.state.choices(), []byte(test.kept), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.recall(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.told, told); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.used, s.choices.Parameters); diff != "" {
				t.Errorf("used (-want +got):\n%s", diff)
			}
		})
	}
}
