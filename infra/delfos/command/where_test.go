package command

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestAHintLeadsToTheSameStack(t *testing.T) {
	t.Parallel()
	for want, w := range map[string]where{
		"`delfos cancel b`":                                                       {dataDir: defaultDataDir},
		"`delfos cancel b --data-dir .delfos`":                                    {dataDir: defaultDataDir, mustSay: true},
		"`delfos cancel b --data-dir 'my data'`":                                  {dataDir: "my data"},
		"`delfos cancel b --stack prod`":                                          {dataDir: defaultDataDir, stack: "prod"},
		"`delfos cancel b --stack prod --region eu-west-1 --profile 'ann'\\''s'`": {stack: "prod", region: "eu-west-1", profile: "ann's"},
	} {
		if got := w.line("cancel", "b"); got != want {
			t.Errorf("%+v: %s, want %s", w, got, want)
		}
	}
}

func TestAStackIsDeployedOrLocalAsTheFlagsAndThenTheEnvironmentSay(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ flags, variable, stack, hint, refused string }{
		{flags: "", hint: "`delfos runs`"},
		{flags: "--stack prod", stack: "prod", hint: "`delfos runs --stack prod`"},
		{flags: "--stack prod", variable: "other", stack: "prod", hint: "`delfos runs --stack prod`"},
		{flags: "", variable: "prod", stack: "prod", hint: "`delfos runs --stack prod`"},
		{flags: "--profile ann", variable: "prod", stack: "prod", hint: "`delfos runs --stack prod --profile ann`"},
		{flags: "--data-dir .delfos", variable: "prod", hint: "`delfos runs --data-dir .delfos`"},
		{
			flags: "--stack arn:aws:cloudformation:us-east-1:123456789012:stack/prod/1a", stack: "arn:aws:cloudformation:us-east-1:123456789012:stack/prod/1a",
			hint: "`delfos runs --stack arn:aws:cloudformation:us-east-1:123456789012:stack/prod/1a`",
		},
		{flags: "--stack prod --data-dir .delfos", refused: "leave one out"},
		{flags: "--stack=", refused: "want the name"},
		{flags: "--stack --json", refused: "want the name"},
		{flags: "--stack my_stack", refused: "want the name"},
		{flags: "", variable: "my stack", refused: stackVariable},
		{flags: "--region eu-west-1", refused: "name it with --stack"},
		{flags: "--data-dir d --profile ann", variable: "prod", refused: "name it with --stack"},
	} {
		terminal := Terminal{Getenv: func(name string) string {
			return map[string]string{stackVariable: test.variable}[name]
		}}
		c, _, err := parseAnywhere("runs", strings.Fields(test.flags), terminal, noFlags)
		if test.refused != "" {
			if _, usage := errors.AsType[*usageError](err); !usage || !strings.Contains(err.Error(), test.refused) {
				t.Errorf("%q, %q: %v; want a word on usage with %q", test.flags, test.variable, err, test.refused)
			}
			continue
		}
		if err != nil || c.stack != test.stack || c.line("runs") != test.hint {
			t.Errorf("%q, %q: stack %q, %s, %v; want %q, %s", test.flags, test.variable, c.stack, c.line("runs"), err, test.stack, test.hint)
		}
	}
}

func TestEveryVerbButThoseThatMakeALocalStackTakesADeployedOne(t *testing.T) {
	t.Parallel()
	local := []string{"up", "build", "down"}
	for _, group := range verbGroups() {
		for _, v := range group.verbs {
			var out bytes.Buffer
			terminal := Terminal{Stdout: &out, Stderr: &out}
			words := strings.Fields(v.name)
			_ = Run(t.Context(), append(slices.Clone(words), "-h"), terminal)
			for _, flag := range []string{"-stack", "-region", "-profile"} {
				if has := strings.Contains(out.String(), "\n  "+flag+" "); has == slices.Contains(local, v.name) {
					t.Errorf("delfos %s takes %s: %t", v.name, flag, has)
				}
			}
			if !slices.Contains(local, v.name) {
				continue
			}
			out.Reset()
			if code := Run(t.Context(), append(words, "--stack", "prod"), terminal); code != exitUsage || !strings.Contains(out.String(), "-stack") {
				t.Errorf("delfos %s --stack prod: exit %d, %s", v.name, code, &out)
			}
		}
	}
}
