package command

import (
	"bytes"
	"context"
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

func TestHelpForAVerbIsWhatItsFlagTells(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"backfill", "schedule", "schedule next"} {
		words := strings.Fields(name)
		code, told, _ := typing(append([]string{"help"}, words...)...)
		if _, want, _ := typing(append(words, "-h")...); code != exitDone || told != want {
			t.Errorf("delfos help %s: exit %d\n%s", name, code, told)
		}
	}
	if code, told, _ := typing("help"); code != exitDone || !strings.Contains(told, "Every day") {
		t.Errorf("delfos help: exit %d\n%s", code, told)
	}
}

func TestAWordThatIsNoVerbIsOneLineThatNamesTheOneThatIsMeant(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"backfil":             `there is no command "backfil": did you mean "backfill"? ` + "`delfos help` lists them",
		"Materialise --json":  `there is no command "Materialise": did you mean "materialize"? ` + "`delfos help` lists them",
		"schedul next":        `there is no command "schedul": did you mean "schedule"? ` + "`delfos help` lists them",
		"help stauts":         `there is no command "stauts": did you mean "status"? ` + "`delfos help` lists them",
		"deploy":              "there is no command \"deploy\": `delfos help` lists them",
		"xy":                  "there is no command \"xy\": `delfos help` lists them",
		"--data-dir d status": "there is no command \"--data-dir\": `delfos help` lists them",
	} {
		code, stdout, stderr := typing(strings.Fields(line)...)
		if code != exitUsage || stdout != "" || stderr != "delfos: "+want+"\n" {
			t.Errorf("delfos %s: exit %d, %q, %q; want %q", line, code, stdout, stderr, want)
		}
	}
}

func TestALineWithoutItsDaySaysWhatToType(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"materialize": "materialize: say the day: --partition YYYY-MM-DD",
		"materialize --partition 2026-02-20 extra": `materialize: want one day, got --partition 2026-02-20 and "extra"`,
		"materialize 2026-02-30":                   `materialize --partition: partition "2026-02-30": want a day that exists`,
		"schedule preview":                         "schedule preview: say the day: `delfos schedule preview YYYY-MM-DD`",
		"cancel":                                   "cancel: say which: `delfos cancel NAME`",
		"cancel one two":                           `cancel: want NAME, got ["one" "two"]`,
	} {
		code, _, stderr := typing(strings.Fields(line)...)
		if code != exitUsage || !strings.HasPrefix(stderr, "delfos: "+want) {
			t.Errorf("delfos %s: exit %d, %q; want %q", line, code, stderr, want)
		}
	}
}

func TestTheDayToRunMayBeAWord(t *testing.T) {
	t.Parallel()
	if key, err := dayToRun("", []string{"2026-02-20"}); err != nil || key.String() != "2026-02-20" {
		t.Errorf("%s, %v", key, err)
	}
}

// typing carries out a command line that needs no stack.
func typing(words ...string) (code int, stdout, stderr string) {
	var out, said bytes.Buffer
	code = Run(context.Background(), words, Terminal{Stdout: &out, Stderr: &said})
	return code, out.String(), said.String()
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
