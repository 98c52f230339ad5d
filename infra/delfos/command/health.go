package command

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"delfos/infra/local"
)

// The whole of a health check is bounded. A deployed stack's functions may have to be
// started, and its databases to be woken.
const (
	healthyWithin      = 5 * time.Second
	healthyOnAWSWithin = time.Minute
)

// health asks a stack for an answer at each of its ports; the source API's comes from
// the database.
func health(ctx context.Context, terminal Terminal, args []string) error {
	c, _, err := parseAnywhere("health", args, terminal, noFlags)
	if err != nil {
		return err
	}
	conn, err := connectToCheck(ctx, terminal, c.where)
	if err != nil {
		return err
	}
	if err := conn.check(ctx, terminal); err != nil {
		return err
	}
	if c.json {
		return writeJSON(terminal.Stdout, map[string]bool{"healthy": true})
	}
	fmt.Fprintln(terminal.Stdout, "Healthy.")
	return nil
}

// connectToCheck does not tell how to start a local stack: whoever checks it may be
// waiting for that.
func connectToCheck(ctx context.Context, terminal Terminal, w where) (connection, error) {
	if w.isDeployed() {
		return connectDeployed(ctx, terminal, w)
	}
	stack, err := local.ReadDescriptor(w.dataDir)
	if err != nil {
		return connection{}, fmt.Errorf("%w on %s: it has not started yet, or has ended", err, w.dataDir)
	}
	return connectLocal(terminal, w, stack), nil
}

func (c connection) check(ctx context.Context, terminal Terminal) error {
	within := healthyWithin
	if c.isDeployed() {
		within = healthyOnAWSWithin
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for _, url := range []string{c.apiURL + "/health", c.consoleURL + "/favicon.ico"} {
		err := c.waits.during(ctx, url, within, func(ctx context.Context) error { return c.answers(ctx, terminal, url) })
		if err != nil {
			return err
		}
	}
	_, err := c.open(ctx, terminal)
	return err
}

// answers asks for a page, and asks again where a deployed stack says that its
// database is about to wake.
func (c connection) answers(ctx context.Context, terminal Terminal, url string) error {
	for {
		status, after, err := get(ctx, url)
		switch {
		case err != nil:
			return err
		case status < http.StatusBadRequest:
			return nil
		case status == http.StatusServiceUnavailable && after > 0 && c.isDeployed() && terminal.Wait(ctx, after) == nil:
			continue
		}
		return fmt.Errorf("%s answers %d %s: %s", url, status, http.StatusText(status), c.whereItSaysWhy())
	}
}

func (c connection) whereItSaysWhy() string {
	if c.isDeployed() {
		return "the logs of the stack's functions say why (its output LogsLink is their address)"
	}
	return "`delfos logs` and the stack's output say why"
}

// get asks for a page's status, and after how long to ask again; zero where that is
// not said.
func get(ctx context.Context, url string) (status int, after time.Duration, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return 0, 0, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, 0, err
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body) // the status says all
	seconds, err := strconv.Atoi(answer.Header.Get("Retry-After"))
	if err != nil {
		return answer.StatusCode, 0, nil
	}
	return answer.StatusCode, time.Duration(seconds) * time.Second, nil
}
