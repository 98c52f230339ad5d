package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strconv"
	"sync"
	"time"

	"delfos/infra/local"
)

// Ports that `up` serves at unless told otherwise.
const (
	defaultAPIPort     = 8000
	defaultConsolePort = 3000
	defaultAWSPort     = 4566
)

// upFlags are what `up` is told.
type upFlags struct {
	options    local.Options
	detach     bool
	parameters parameterFlag
}

// up runs the stack until the context ends.
func up(ctx context.Context, terminal Terminal, args []string) error {
	var f upFlags
	c, err := parse("up", args, terminal, f.define)
	if err != nil {
		return err
	}
	f.options.DataDir, f.options.Parameters = c.dataDir, f.parameters
	if err := errors.Join(f.readPasswords(terminal.Getenv), f.check()); err != nil {
		return err
	}
	if f.detach {
		return detach(ctx, terminal, c, args)
	}
	return runStack(ctx, terminal, c.json, f.options)
}

func (f *upFlags) define(flags *flag.FlagSet) {
	flags.BoolVar(&f.options.Fresh, "fresh", false, "start from nothing: remove the state of before")
	flags.BoolVar(&f.options.Ephemeral, "ephemeral", false, "use a temporary directory and free ports; all is gone at the end")
	flags.Func("seed-days", "`days` of source data to fill in from the first partition on, 0 for none (default as before, 10 at first)", f.setSeedDays)
	flags.IntVar(&f.options.APIPort, "api-port", defaultAPIPort, "`port` of the source API; 0 is any free")
	flags.IntVar(&f.options.AWSPort, "aws-port", defaultAWSPort, "`port` of the AWS endpoint; 0 is any free")
	flags.IntVar(&f.options.ConsolePort, "console-port", defaultConsolePort, "`port` of the console; 0 is any free")
	flags.BoolVar(&f.detach, "detach", false, "return when the stack is ready; `delfos down` stops it")
	flags.Var(&f.parameters, "parameter", "`Name=value` of template.yaml, over its default; may be repeated")
	f.defineGiven(flags)
}

func (f *upFlags) check() error {
	for name, port := range map[string]int{"api-port": f.options.APIPort, "aws-port": f.options.AWSPort, "console-port": f.options.ConsolePort} {
		if port < 0 || port > 65535 {
			return &usageError{fmt.Sprintf("up --%s %d: want 0 (any free) to 65535", name, port)}
		}
	}
	if f.options.Ephemeral {
		if f.detach || f.options.Fresh {
			return &usageError{"up --ephemeral goes with neither --detach nor --fresh: it keeps nothing, and ends with the command"}
		}
		f.options.APIPort, f.options.AWSPort, f.options.ConsolePort = 0, 0, 0
	}
	if err := f.options.Check(); err != nil {
		return &usageError{"up " + err.Error()}
	}
	return nil
}

// setSeedDays tells 0, for none, from nothing said.
func (f *upFlags) setSeedDays(text string) error {
	const tenYears = 3660
	days, err := strconv.Atoi(text)
	if err != nil || days < 0 || days > tenYears {
		return fmt.Errorf("want 0 to %d", tenYears)
	}
	f.options.SeedDays = days
	if days == 0 {
		f.options.SeedDays = -1
	}
	return nil
}

// runStack brings the stack up and stays until the context or a part of it ends.
func runStack(ctx context.Context, terminal Terminal, asJSON bool, options local.Options) error {
	began := terminal.Now()
	stack, err := startStack(ctx, terminal, options)
	if err != nil {
		return err
	}
	defer closeStack(terminal, stack)
	if asJSON {
		if err := writeJSON(terminal.Stdout, stack.Descriptor()); err != nil {
			return err
		}
	} else {
		welcome(terminal, stack, options, terminal.Now().Sub(began))
	}
	if stack.IsOpen() {
		fmt.Fprintf(terminal.Stderr, "Listening at %s: whoever reaches these ports uses all of this without signing in.\n", options.Bind)
	}
	return watch(ctx, terminal, stack)
}

// startStack reports the steps on stderr, so that stdout is the command's answer.
func startStack(ctx context.Context, terminal Terminal, options local.Options) (*local.Stack, error) {
	options.Reporter = &progress{terminal: terminal}
	options.Now = terminal.Now
	stack, err := local.Start(ctx, options)
	return stack, explainParameters(err, options.Parameters)
}

func closeStack(terminal Terminal, stack *local.Stack) {
	fmt.Fprintln(terminal.Stderr, "Stopping …")
	if err := stack.Close(context.Background()); err != nil {
		fmt.Fprintln(terminal.Stderr, "delfos:", oneLine(err))
	}
}

// progress writes a line a step; on a terminal the line of a long step moves.
type progress struct {
	terminal Terminal
	began    time.Time

	mu   sync.Mutex
	step string // "" between steps
}

// Begin starts a step's line.
func (p *progress) Begin(step string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.step, p.began = step, p.terminal.Now()
	if p.terminal.Live {
		fmt.Fprintf(p.terminal.Stderr, "  %s …", step)
	}
}

// Update shows how far a long step is.
func (p *progress) Update(detail string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.terminal.Live && p.step != "" {
		fmt.Fprintf(p.terminal.Stderr, "\r\x1b[K  %s … %s", p.step, detail)
	}
}

// End finishes the line with the outcome, and the time where it was long.
func (p *progress) End(outcome string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.terminal.Live {
		fmt.Fprint(p.terminal.Stderr, "\r\x1b[K")
	}
	took := ""
	if elapsed := p.terminal.Now().Sub(p.began); elapsed >= 100*time.Millisecond {
		took = fmt.Sprintf(" (%.1f s)", elapsed.Seconds())
	}
	fmt.Fprintf(p.terminal.Stderr, "  %s: %s%s\n", p.step, outcome, took)
	p.step = ""
}
