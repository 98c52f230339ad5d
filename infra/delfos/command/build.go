package command

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"

	"delfos/infra/local"
)

// build compiles the functions of template.yaml, for a machine that has no Go.
func build(ctx context.Context, terminal Terminal, args []string) error {
	var into string
	c, err := parse("build", args, terminal, func(flags *flag.FlagSet) {
		flags.StringVar(&into, "into", "", "`directory` that gets LogicalID/bootstrap of each function")
	})
	if err != nil {
		return err
	}
	if into == "" {
		return &usageError{"build: say where to with --into DIRECTORY"}
	}
	report := &progress{terminal: terminal}
	report.Begin("Functions")
	ids, err := local.BuildTemplate(ctx, into, report.Update)
	if err != nil {
		report.End("failed")
		return err
	}
	report.End(fmt.Sprintf("%d", len(ids)))
	if c.json {
		return writeJSON(terminal.Stdout, ids)
	}
	for _, id := range ids {
		fmt.Fprintln(terminal.Stdout, filepath.Join(into, id))
	}
	return nil
}
