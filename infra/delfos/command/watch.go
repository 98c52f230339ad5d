package command

import (
	"context"
	"fmt"
	"strings"
	"time"

	"delfos/infra/local"
	"delfos/infra/local/lambda"
	"delfos/infra/local/stepfunctions"
)

// watch shows what the functions do, until the context ends or the stack breaks.
func watch(ctx context.Context, terminal Terminal, stack *local.Stack) error {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	var shown string
	for {
		select {
		case <-ctx.Done():
			if terminal.Live {
				fmt.Fprintln(terminal.Stderr)
			}
			return nil
		case err := <-stack.Failed():
			return fmt.Errorf("%w: start the stack again with `delfos up`", err)
		case <-ticker.C:
		}
		line := activity(stack.Functions(), stack.Executions())
		if line == shown {
			continue
		}
		shown = line
		if terminal.Live {
			live := terminal.Now().UTC().Format("15:04:05Z") + "  " + line
			fmt.Fprint(terminal.Stderr, "\r"+clearLine+cutTo(live, terminal.Width()-1)) // a line that wraps cannot be written over
		} else {
			fmt.Fprintln(terminal.Stderr, terminal.Now().UTC().Format("15:04:05Z"), line)
		}
	}
}

// activity is one line about what has been at work.
func activity(functions map[string]lambda.Stats, executions stepfunctions.Stats) string {
	var parts []string
	if executions.Running > 0 {
		parts = append(parts, fmt.Sprintf("backfills %d running (%d partitions at work, %d waiting)",
			executions.Running, executions.Children, executions.Waiting))
	}
	for _, id := range sortedKeys(functions) {
		if f := functions[id]; f.Invocations > 0 {
			parts = append(parts, functionActivity(strings.TrimSuffix(id, "Function"), f))
		}
	}
	if len(parts) == 0 {
		return "idle"
	}
	return strings.Join(parts, " · ")
}

func functionActivity(name string, f lambda.Stats) string {
	said := fmt.Sprintf("%s %d", name, f.Invocations)
	if f.Busy > 0 {
		said += fmt.Sprintf(", %d running", f.Busy)
	}
	if f.Errors > 0 {
		said += fmt.Sprintf(", %d errors", f.Errors)
	}
	return said + fmt.Sprintf(", last %d ms", f.LastDuration.Milliseconds())
}
