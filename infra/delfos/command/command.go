// Package command is the delfos command: its verbs, flags, output and exit codes.
package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1 // the run failed, or the command could not be carried out
	exitUsage  = 2 // the command line is wrong
	exitBusy   = 3 // another run holds the partition
)

// Terminal is the world that a command speaks to.
type Terminal struct {
	Stdout, Stderr io.Writer
	Now            func() time.Time
	Colour         bool // on Stdout
	Live           bool // Stderr is a terminal: lines may be written over
}

// System is the terminal that the process was started on. NO_COLOR
// (no-color.org) turns colour off.
func System() Terminal {
	return Terminal{
		Stdout: os.Stdout,
		Stderr: os.Stderr,
		Now:    time.Now,
		Colour: term.IsTerminal(int(os.Stdout.Fd())) && os.Getenv("NO_COLOR") == "",
		Live:   term.IsTerminal(int(os.Stderr.Fd())),
	}
}

// verb is one subcommand.
type verb struct {
	name, synopsis, summary string
	run                     func(ctx context.Context, terminal Terminal, args []string) error
}

func verbs() []verb {
	return []verb{
		{"up", "[--detach] [--fresh] [--ephemeral] [--seed-days N] …", "run the whole pipeline on this machine, until Ctrl-C", up},
		{"down", "", "stop the stack, and whatever a killed one left running", down},
		{"materialize", "--partition D [--allow-empty]", "run the etl for one day, and show what it published", materialize},
		{"status", "[--from D] [--to D]", "show what is materialized, missing and failed", showStatus},
		{"runs", "[--partition D] [--limit N]", "list runs, newest first", showRuns},
		{"logs", "RUN", "print what a run logged", showLogs},
	}
}

// Run carries out one command line and returns the exit code.
func Run(ctx context.Context, args []string, terminal Terminal) int {
	err := dispatch(ctx, args, terminal)
	var wrong *usageError
	var coded *exitError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &wrong):
		fmt.Fprintln(terminal.Stderr, "delfos:", wrong.message)
		return exitUsage
	case errors.As(err, &coded):
		if coded.cause != nil {
			fmt.Fprintln(terminal.Stderr, "delfos:", oneLine(coded.cause))
		}
		return coded.code
	default:
		fmt.Fprintln(terminal.Stderr, "delfos:", oneLine(withAdvice(err)))
		return exitFailed
	}
}

func dispatch(ctx context.Context, args []string, terminal Terminal) error {
	if len(args) == 0 {
		writeUsage(terminal.Stderr)
		return &usageError{"say what to do"}
	}
	if args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		writeUsage(terminal.Stdout)
		return nil
	}
	for _, v := range verbs() {
		if v.name == args[0] {
			return v.run(ctx, terminal, args[1:])
		}
	}
	writeUsage(terminal.Stderr)
	return &usageError{fmt.Sprintf("there is no command %q", args[0])}
}

func writeUsage(w io.Writer) {
	fmt.Fprint(w, "usage: delfos COMMAND [flags]\n\n")
	for _, v := range verbs() {
		fmt.Fprintf(w, "  %-12s %s\n  %-12s   %s\n", v.name, v.synopsis, "", v.summary)
	}
	fmt.Fprint(w, "\nEach command takes --data-dir (default .delfos), --json, and -h for its flags.\n"+
		"Exit codes: 0 done, 1 failed, 2 wrong usage, 3 another run holds the partition.\n")
}

// usageError is a command line that cannot be carried out.
type usageError struct{ message string }

func (e *usageError) Error() string { return e.message }

// exitError ends the command with a code of its own.
type exitError struct {
	code  int
	cause error // nil where everything has been said already
}

func (e *exitError) Error() string { return fmt.Sprintf("exit %d: %v", e.code, e.cause) }

// defaultDataDir is beside template.yaml, where the command is run from a clone.
const defaultDataDir = ".delfos"

// common are the flags that every command has.
type common struct {
	dataDir string
	json    bool
}

// parse reads a verb's flags. Words beyond the flags must be as many as named.
func parse(name string, args []string, terminal Terminal, define func(*flag.FlagSet), words ...string) (common, []string, error) {
	var c common
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&c.dataDir, "data-dir", defaultDataDir, "`directory` of the local stack's state")
	flags.BoolVar(&c.json, "json", false, "print JSON")
	define(flags)
	given, err := parseInterspersed(flags, args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(terminal.Stdout, "usage: delfos %s %s\n", name, strings.Join(append([]string{"[flags]"}, words...), " "))
		flags.SetOutput(terminal.Stdout)
		flags.PrintDefaults()
		return c, nil, &exitError{code: exitDone}
	}
	if err != nil {
		return c, nil, &usageError{fmt.Sprintf("%s: %v; `delfos %s -h` lists the flags", name, err, name)}
	}
	if len(given) != len(words) {
		want := "no further words"
		if len(words) > 0 {
			want = strings.Join(words, " ")
		}
		return c, nil, &usageError{fmt.Sprintf("%s: want %s, got %q", name, want, given)}
	}
	return c, given, nil
}

func noFlags(*flag.FlagSet) {}

// parseInterspersed lets flags follow words, as people type them.
func parseInterspersed(flags *flag.FlagSet, args []string) (words []string, err error) {
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		if flags.NArg() == 0 {
			return words, nil
		}
		words = append(words, flags.Arg(0))
		args = flags.Args()[1:]
	}
}
