package command

import (
	"context"
	"fmt"
	"io"
	"strings"
)

// verb is one subcommand.
type verb struct {
	name, synopsis, summary string
	run                     func(ctx context.Context, terminal Terminal, args []string) error
}

// verbGroup is what one reads about together in the help.
type verbGroup struct {
	title string
	verbs []verb
}

func verbGroups() []verbGroup {
	return []verbGroup{
		{"The stack", []verb{
			{"up", "[--detach] [--fresh] [--ephemeral] [--seed-days N] …", "run the whole pipeline on this machine, until Ctrl-C", up},
			{"health", "", "tell whether the running stack answers: exit code 0 or 1", health},
			{"build", "--into DIRECTORY", "build the functions, for `up --functions DIRECTORY`", build},
			{"down", "", "stop the stack, and whatever a killed one left running", down},
		}},
		{"One day", []verb{
			{"materialize", "--partition D [--allow-empty]", "run the etl for one day, and show what it published", materialize},
			{"status", "[--from D] [--to D]", "show what is materialized, stale, missing and failed", showStatus},
			{"runs", "[--partition D] [--backfill NAME] [--limit N]", "list runs, newest first", showRuns},
			{"logs", "RUN", "print what a run logged", showLogs},
		}},
		{"Many days", []verb{
			{"backfill", "[--from D] [--to D] [--last-days N] [--select …] [--dry-run] …", "plan which days to run, show why, run them and follow it", runBackfill},
			{"backfills", "[NAME] [--watch] [--limit N] [--state S]", "list backfills, or tell all about one", showBackfills},
			{"cancel", "NAME [--reason TEXT]", "stop a backfill, and wait until none of its runs goes on", cancel},
			{"retry", "NAME [--no-wait]", "run again just what failed or was cancelled of a backfill", retry},
		}},
		{"Every day", []verb{
			{"schedule", "", "list what runs by itself, and when next", listSchedules},
			{"schedule next", "[NAME] [--count N]", "list the next ticks", showNextTicks},
			{"schedule on", "NAME", "let a schedule run", switchOn},
			{"schedule off", "NAME", "keep a schedule from running", switchOff},
			{"schedule preview", "D", "show what the schedules of a day run", previewDay},
			{"schedule history", "[NAME] [--limit N]", "list the ticks that there were", showHistory},
		}},
	}
}

// findVerb looks for the verb that a command line begins with, of one word or of
// two, and returns what follows it.
func findVerb(args []string) (v verb, rest []string, ok bool) {
	for words := min(2, len(args)); words > 0; words-- {
		name := strings.Join(args[:words], " ")
		for _, group := range verbGroups() {
			for _, v := range group.verbs {
				if v.name == name {
					return v, args[words:], true
				}
			}
		}
	}
	return verb{}, nil, false
}

// help tells of one verb what its -h tells, and of none all that there are.
func help(ctx context.Context, words []string, terminal Terminal) error {
	if len(words) == 0 || strings.HasPrefix(words[0], "-") {
		writeUsage(terminal.Stdout)
		return nil
	}
	v, _, ok := findVerb(words)
	if !ok {
		return noSuchVerb(words[0])
	}
	return v.run(ctx, terminal, []string{"-h"})
}

func writeUsage(w io.Writer) {
	fmt.Fprint(w, "usage: delfos COMMAND [flags]\n")
	for _, group := range verbGroups() {
		fmt.Fprintf(w, "\n%s\n", group.title)
		for _, v := range group.verbs {
			fmt.Fprintf(w, "%s\n  %-17s   %s\n", strings.TrimRight(fmt.Sprintf("  %-17s %s", v.name, v.synopsis), " "), "", v.summary)
		}
	}
	fmt.Fprint(w, `
Days are written YYYY-MM-DD. Each command takes --json, and -h for its flags.
The stack is the local one of --data-dir (default .delfos). All but up, build and
down take --stack NAME (default $DELFOS_STACK) instead, for one that is deployed with
CloudFormation, and --region and --profile, as the AWS CLI has them.
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 another run holds the partition,
130 Ctrl-C while watching a backfill, which goes on.
`)
}
