package stepfunctions

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"delfos/infra/local/stepfunctions/history"
)

// arn is an ARN of Step Functions taken apart.
type arn struct {
	kind    string // "stateMachine", "execution" or "mapRun"
	machine string // name
	label   string // of a Distributed Map, or ""
	name    string // of an execution, or a Map Run's id
}

func (s *Service) arn(kind, rest string) string {
	return fmt.Sprintf("arn:aws:states:%s:%s:%s:%s", s.options.Region, s.options.AccountID, kind, rest)
}

// parseARN takes an ARN of one of the kinds apart. elsewhere is one of another
// region or account, where nothing is found.
func (s *Service) parseARN(text string, kinds ...string) (parsed arn, elsewhere bool, err error) {
	refuse := func() error {
		return apiError("InvalidArn", "Invalid Arn: '%s': want the ARN of one %s", text, strings.Join(kinds, " or "))
	}
	parts := strings.Split(text, ":")
	if len(parts) < 7 || parts[0] != "arn" || parts[2] != "states" {
		return arn{}, false, refuse()
	}
	parsed.kind = parts[5]
	parsed.machine, parsed.label, _ = strings.Cut(parts[6], "/")
	want := 8
	if parsed.kind == "stateMachine" {
		want = 7
	}
	known := false
	for _, kind := range kinds {
		known = known || kind == parsed.kind
	}
	if !known || len(parts) != want || parsed.machine == "" {
		return arn{}, false, refuse()
	}
	if want == 8 {
		parsed.name = parts[7]
	}
	return parsed, parts[3] != s.options.Region || parts[4] != s.options.AccountID, nil
}

const maxNameRunes = 80

// checkName checks a name of a state machine or an execution (API Reference,
// StartExecution, "name").
func checkName(name string) error {
	if n := utf8.RuneCountInString(name); n < 1 || n > maxNameRunes {
		return apiError("InvalidName", "Invalid Name: '%s': want 1 to %d characters, not %d", name, maxNameRunes, n)
	}
	for _, r := range name {
		if strings.ContainsRune(" \t\n\r<>{}[]?*\"#%\\^|~`$&,;:/", r) || isControl(r) {
			return apiError("InvalidName", "Invalid Name: '%s': the character %q is not allowed", name, r)
		}
	}
	return nil
}

func isControl(r rune) bool {
	return r <= 0x1f || (r >= 0x7f && r <= 0x9f) || r == 0xfffe || r == 0xffff || r == utf8.RuneError || r == 0x10ffff
}

// ARNs and names of what is in a tree.

func (t *tree) executionName(x *history.Execution) string {
	if x.Number == 0 {
		return t.entry.Name
	}
	// AWS gives children UUIDs; these tell their Map Run and their place in it.
	return fmt.Sprintf("%s-%d", t.index.MapRuns[x.MapRun-1].ID, x.Index)
}

func (t *tree) executionARN(x *history.Execution) string {
	if x.Number == 0 {
		return t.entry.ARN
	}
	return t.service.arn("execution", t.labelled(t.index.MapRuns[x.MapRun-1])+":"+t.executionName(x))
}

// labelled is the state machine's name with the label of a Map Run.
func (t *tree) labelled(run *history.MapRun) string {
	return t.index.Header.MachineName + "/" + run.Label
}

// machineARN is what the API calls an execution's state machine: that of a child
// has the label.
func (t *tree) machineARN(x *history.Execution) string {
	if x.Number == 0 {
		return t.index.Header.MachineARN
	}
	return t.service.arn("stateMachine", t.labelled(t.index.MapRuns[x.MapRun-1]))
}

func (t *tree) mapRunARN(run *history.MapRun) string {
	return t.service.arn("mapRun", t.labelled(run)+":"+run.ID)
}
