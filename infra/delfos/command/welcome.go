package command

import (
	"cmp"
	"fmt"
	"io"
	"time"

	"delfos/infra/local"
)

// commandVariable says how the command is typed where that is not in a clone.
const commandVariable = "DELFOS_COMMAND"

// typed is what stands before a verb that is to be typed next.
func (t Terminal) typed() string {
	return cmp.Or(t.getenv(commandVariable), "go run ./infra/delfos")
}

// onDirectory is the flag that says the data directory, where it has to be said.
func onDirectory(terminal Terminal, given, inUse string) string {
	if given == defaultDataDir && terminal.getenv(stackVariable) == "" {
		return ""
	}
	return " --data-dir " + shellWord(inUse)
}

// writeAddresses says where everything is.
func writeAddresses(w io.Writer, d local.Descriptor, dataDir string) {
	fmt.Fprintf(w, `
  Console       %s
  Source API    %s/docs
  AWS endpoint  %s   (aws --endpoint-url %s …)
  Addresses, passwords and the API's token are in %s/stack.json
`, d.ConsoleURL, d.APIURL, d.AWSEndpointURL, d.AWSEndpointURL, dataDir)
}

// welcome says where everything is and what to type next.
func welcome(terminal Terminal, stack *local.Stack, options local.Options, took time.Duration) {
	given := options.DataDir
	if options.Ephemeral {
		given = stack.DataDir()
	}
	first := stack.FirstPartition()
	last := first.AddDays(max(stack.SeedDays(), 1) - 1)
	fmt.Fprintf(terminal.Stdout, "\nReady in %.1f s.\n", took.Seconds())
	writeAddresses(terminal.Stdout, stack.Descriptor(), stack.DataDir())
	fmt.Fprint(terminal.Stdout, "\nNext, in another terminal:\n\n")
	for _, verb := range []string{"materialize --partition " + first.String(), "backfill --to " + last.String(), "status", "schedule"} {
		fmt.Fprintf(terminal.Stdout, "  %s %s%s\n", terminal.typed(), verb, onDirectory(terminal, given, stack.DataDir()))
	}
	fmt.Fprint(terminal.Stdout, "\nCtrl-C stops everything.\n")
}
