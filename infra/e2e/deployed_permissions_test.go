package e2e

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// operator is what somebody has to be allowed for each verb of the command. The README
// has it, too.
var (
	everywhere = []string{"cloudformation:DescribeStacks"}
	configured = append([]string{"lambda:GetFunctionConfiguration"}, everywhere...)
	scheduled  = append([]string{"scheduler:ListSchedules", "scheduler:GetSchedule"}, configured...)
	watched    = append([]string{"states:DescribeExecution", "states:ListMapRuns", "states:DescribeMapRun", "dynamodb:Query"}, everywhere...)
	known      = slices.Concat(watched, configured, []string{"dynamodb:GetItem"})
	planned    = append([]string{"lambda:InvokeFunction on PlanBackfillFunction"}, everywhere...)

	operator = map[string][]string{
		"health":             configured,
		"materialize":        append([]string{"lambda:InvokeFunction on EtlFunction"}, everywhere...),
		"status":             append([]string{"dynamodb:Query"}, configured...),
		"runs":               append([]string{"dynamodb:Query", "dynamodb:GetItem", "states:DescribeExecution"}, configured...),
		"logs":               append([]string{"dynamodb:GetItem", "logs:GetLogEvents"}, configured...),
		"backfill --dry-run": planned,
		"backfill":           slices.Concat(planned, watched, []string{"states:StartExecution"}),
		"backfills":          append([]string{"states:ListExecutions", "states:GetExecutionHistory"}, known...),
		"cancel":             append([]string{"states:StopExecution"}, known...),
		"retry":              append([]string{"states:RedriveExecution"}, known...),
		"schedule":           scheduled,
		"schedule next":      scheduled,
		"schedule preview":   append([]string{"dynamodb:Query", "dynamodb:GetItem"}, scheduled...),
		"schedule history":   append([]string{"dynamodb:Query", "dynamodb:GetItem", "states:ListExecutions"}, scheduled...),
		"schedule on":        append([]string{"scheduler:UpdateSchedule"}, scheduled...),
		"schedule off":       append([]string{"scheduler:UpdateSchedule"}, scheduled...),
	}
)

// needed is what the verbs have asked AWS for, by verb.
type needed map[string]map[string]bool

func (n needed) add(verb string, calls []string) {
	if n[verb] == nil {
		n[verb] = map[string]bool{}
	}
	for _, call := range calls {
		n[verb][call] = true
	}
}

// check compares it with what operators are allowed. Some verbs need some of that only
// now and then, as where a day has failed; but nothing is allowed that none needs.
func (n needed) check(t *testing.T) {
	t.Helper()
	allowed, used := map[string]bool{}, map[string]bool{}
	for verb, actions := range operator {
		for _, action := range actions {
			allowed[action] = true
		}
		for action := range n[verb] {
			used[action] = true
			if !slices.Contains(actions, action) {
				t.Errorf("delfos %s needs %s, which operators are not said to need for it", verb, action)
			}
		}
		if len(n[verb]) == 0 {
			t.Errorf("delfos %s has asked AWS for nothing", verb)
		}
	}
	if diff := cmp.Diff(allowed, used); diff != "" {
		t.Errorf("operators' actions (-allowed +needed):\n%s", diff)
	}
}
