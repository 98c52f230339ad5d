package command

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"delfos/infra/local"
)

// healthyWithin bounds the whole of a health check.
const healthyWithin = 5 * time.Second

// health asks a running stack for an answer at each of its ports; the source API's
// comes from the database.
func health(ctx context.Context, terminal Terminal, args []string) error {
	c, _, err := parse("health", args, terminal, noFlags)
	if err != nil {
		return err
	}
	stack, err := local.ReadDescriptor(c.dataDir)
	if err != nil {
		return fmt.Errorf("%w on %s: it has not started yet, or has ended", err, c.dataDir)
	}
	ctx, cancel := context.WithTimeout(ctx, healthyWithin)
	defer cancel()
	for _, url := range []string{stack.APIURL + "/health", stack.ConsoleURL + "/favicon.ico"} {
		if err := answers(ctx, url); err != nil {
			return err
		}
	}
	if _, err := connectTo(stack).pipeline(ctx); err != nil {
		return err
	}
	if c.json {
		return writeJSON(terminal.Stdout, map[string]bool{"healthy": true})
	}
	fmt.Fprintln(terminal.Stdout, "Healthy.")
	return nil
}

func answers(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body) // the status says all
	if answer.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s answers %s: `delfos logs` and the stack's output say why", url, answer.Status)
	}
	return nil
}
