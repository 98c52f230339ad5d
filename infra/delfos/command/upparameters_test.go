package command

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lineNumber is where template.yaml says something.
var lineNumber = regexp.MustCompile(`template\.yaml:\d+:`)

// startsWith is what `up` says of a data directory and of flags that it cannot start with.
func startsWith(t *testing.T, dir string, flags ...string) (code int, stderr string) {
	t.Helper()
	var said bytes.Buffer
	terminal := Terminal{Stdout: &said, Stderr: &said, Getenv: func(string) string { return "" }, Now: testClock}
	args := append([]string{"up", "--data-dir", dir, "--api-port", "0", "--aws-port", "0", "--console-port", "0"}, flags...)
	code = Run(t.Context(), args, terminal)
	return code, lineNumber.ReplaceAllString(said.String(), "template.yaml:")
}

func TestEachWrongParameterIsToldOnceWithItsValueAndRule(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		pairs []string
		want  string
	}{
		"one that much else comes of": {
			[]string{"Architecture=arm64x"},
			"delfos: up --parameter Architecture=arm64x: want one of x86_64, arm64\n",
		},
		"several": {
			[]string{"FunctionMemory=much", "Tick=hourly", "SweepDays=x", "Lease=5", "AlarmEmail=a b"},
			"delfos: up --parameter Lease=5: want 1s to 99s\n" +
				"delfos: up --parameter Tick=hourly: want one of daily, every-minute\n" +
				"delfos: up --parameter SweepDays=x: want a number\n" +
				"delfos: up --parameter 'AlarmEmail=a b': want an e-mail address\n" +
				"delfos: up --parameter FunctionMemory=much: want a number\n",
		},
		"one that there is not": {
			[]string{"Nope=1"},
			"delfos: up --parameter Nope=1: template.yaml has no parameter of that name\n",
		},
		"what the etl refuses": {
			[]string{"FirstPartition=2026-02-30", "Variables=sunshine"},
			"delfos: up --parameter Variables=sunshine: want some of wind_speed, power, ambient_temperature, each once\n" +
				"delfos: up --parameter FirstPartition=2026-02-30: want a day that exists, as YYYY-MM-DD\n",
		},
		"a rule of several": {
			[]string{"SubnetIds=subnet-1"},
			"delfos: template.yaml: the rule Subnets: SecurityGroupIds is needed where SubnetIds is given\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var flags []string
			for _, pair := range test.pairs {
				flags = append(flags, "--parameter", pair)
			}
			code, stderr := startsWith(t, t.TempDir(), flags...)
			if diff := cmp.Diff(test.want, stderr); code != exitFailed || diff != "" {
				t.Errorf("exit %d (-want +got):\n%s", code, diff)
			}
		})
	}
}

func TestAWrongParameterOfBeforeIsNotSaidToBeTyped(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "choices.json"), []byte(`{"parameters": {"Tick": "hourly"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stderr := startsWith(t, dir)
	want := "delfos: parameter Tick=hourly, as before or by default: want one of daily, every-minute: give another with `delfos up --parameter Tick=…`\n"
	if code != exitFailed || !strings.HasPrefix(stderr, "  Parameters: Tick=hourly, as before") || !strings.HasSuffix(stderr, want) {
		t.Errorf("exit %d, %s; want %s", code, stderr, want)
	}
}

func TestADetachedStackThatCannotStartSaysAllThatIsWrong(t *testing.T) {
	t.Parallel()
	for log, want := range map[string][]string{
		"  PostgreSQL: failed\ndelfos: no PostgreSQL\n":          {"no PostgreSQL"},
		"  Tables: 3\ndelfos: this is wrong\ndelfos: and this\n": {"this is wrong", "and this"},
		"panic: oh\n\n\tmain.go:1\n":                             {"main.go:1"},
		"":                                                       {""},
	} {
		path := filepath.Join(t.TempDir(), "up.log")
		if err := os.WriteFile(path, []byte(log), 0o600); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, lastWords(path)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", log, diff)
		}
	}
}
