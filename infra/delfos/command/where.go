package command

import (
	"flag"
	"fmt"
	"regexp"
	"strings"
)

// stackVariable names the stack where no flag does.
const stackVariable = "DELFOS_STACK"

// where is the stack that a command is about: the local one of a data directory or,
// where stack is given, one that is deployed.
type where struct {
	dataDir string

	stack   string // name or ARN of a CloudFormation stack
	region  string // "" is the one of the AWS SDK's environment and files
	profile string // likewise

	mustSay bool // the data directory, even the default one: the environment names a stack
}

// define are the flags that say which deployed stack.
func (w *where) define(flags *flag.FlagSet) {
	flags.StringVar(&w.stack, "stack", "", "`name` of a deployed stack, instead of the local one (default $"+stackVariable+", unless --data-dir is given)")
	flags.StringVar(&w.region, "region", "", "AWS `region` of the deployed stack (default the AWS environment's or profile's)")
	flags.StringVar(&w.profile, "profile", "", "`profile` of the AWS configuration files to use (default $AWS_PROFILE)")
}

// stackName is CloudFormation's rule (API Reference, CreateStack, "StackName"), or an ARN.
var stackName = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9-]{0,127}|arn:[a-z-]+:cloudformation:\S+)$`)

// settle decides between a deployed stack and the local one by the flags that were
// given and by what the environment says.
func (w *where) settle(given map[string]bool, getenv func(string) string) error {
	named := getenv(stackVariable)
	switch {
	case given["stack"] && given["data-dir"]:
		return &usageError{"--stack is a deployed stack and --data-dir a local one: leave one out"}
	case given["stack"]:
		if !stackName.MatchString(w.stack) {
			return &usageError{fmt.Sprintf("--stack %q: want the name of a CloudFormation stack", w.stack)}
		}
	case given["data-dir"]:
		w.mustSay = named != ""
	case named != "":
		if !stackName.MatchString(named) {
			return &usageError{fmt.Sprintf("%s=%q: want the name of a CloudFormation stack", stackVariable, named)}
		}
		w.stack = named
	}
	for _, name := range []string{"region", "profile"} {
		if given[name] && w.stack == "" {
			return &usageError{fmt.Sprintf("--%s goes with a deployed stack: name it with --stack", name)}
		}
	}
	return nil
}

// isDeployed tells a stack on AWS from the local one.
func (w where) isDeployed() bool { return w.stack != "" }

// line is a command to type next on the same stack.
func (w where) line(words ...string) string {
	words = append([]string{"delfos"}, words...)
	for _, flag := range w.flags() {
		words = append(words, "--"+flag.name, shellWord(flag.value))
	}
	return "`" + strings.Join(words, " ") + "`"
}

type givenFlag struct{ name, value string }

// flags say the stack, as far as it is not the one that is meant without them.
func (w where) flags() []givenFlag {
	if !w.isDeployed() {
		if w.dataDir == "" || w.dataDir == defaultDataDir && !w.mustSay {
			return nil
		}
		return []givenFlag{{"data-dir", w.dataDir}}
	}
	flags := []givenFlag{{"stack", w.stack}}
	if w.region != "" {
		flags = append(flags, givenFlag{"region", w.region})
	}
	if w.profile != "" {
		flags = append(flags, givenFlag{"profile", w.profile})
	}
	return flags
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)

// shellWord quotes what a shell would take apart.
func shellWord(text string) string {
	if plainWord.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
