package command

import (
	"bytes"
	"strings"
	"testing"
)

func TestEveryVerbIsFoundByTheWordsOfItsName(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][2]string{
		"backfill --dry-run":        {"backfill", "--dry-run"},
		"schedule":                  {"schedule", ""},
		"schedule --json":           {"schedule", "--json"},
		"schedule next tick --json": {"schedule next", "tick --json"},
		"schedule noon":             {"schedule", "noon"}, // whose flags refuse it
		"next":                      {"", ""},
	} {
		v, rest, ok := findVerb(strings.Fields(line))
		if v.name != want[0] || strings.Join(rest, " ") != want[1] || ok != (want[0] != "") {
			t.Errorf("%s: %q, %q, %t; want %q", line, v.name, rest, ok, want)
		}
	}
}

func TestEveryVerbTellsItsFlags(t *testing.T) {
	t.Parallel()
	var help bytes.Buffer
	writeUsage(&help)
	for _, group := range verbGroups() {
		for _, v := range group.verbs {
			if !strings.Contains(help.String(), "\n  "+v.name) {
				t.Errorf("the help has no %s", v.name)
			}
			var out bytes.Buffer
			code := Run(t.Context(), append(strings.Fields(v.name), "-h"), Terminal{Stdout: &out, Stderr: &out})
			if code != exitDone || !strings.Contains(out.String(), "usage: delfos "+v.name) || !strings.Contains(out.String(), "-data-dir") {
				t.Errorf("delfos %s -h: exit %d\n%s", v.name, code, out.String())
			}
		}
	}
}

func TestWordsInBracketsMayBeLeftOut(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]int{"": 0, "one": 1, "one two": -1} {
		_, given, err := parseAnywhere("backfills", strings.Fields(line), Terminal{}, noFlags, "[NAME]")
		if (err != nil) != (want < 0) || err == nil && len(given) != want {
			t.Errorf("%q: %q, %v", line, given, err)
		}
	}
}
