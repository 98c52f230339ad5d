// Package command is the delfos command: its verbs, flags, output and exit codes.
package command

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"strings"
	"time"

	"golang.org/x/term"
)

// Exit codes.
const (
	exitDone        = 0
	exitFailed      = 1   // the run failed, or the command could not be carried out
	exitUsage       = 2   // the command line is wrong
	exitBusy        = 3   // another run holds the partition
	exitInterrupted = 130 // Ctrl-C or SIGTERM ended the watching; what is watched goes on (128 + SIGINT, as shells have it)
)

// Terminal is the world that a command speaks to.
type Terminal struct {
	Stdout, Stderr io.Writer
	Now            func() time.Time
	Wait           func(ctx context.Context, d time.Duration) error // returns ctx's error where that ends first
	Random         io.Reader                                        // for names that nobody else chooses
	Getenv         func(name string) string                         // of the environment; "" where it is not set
	Width          func() int                                       // of Stderr, in columns
	User           string                                           // who gives the command; "" where it is unknown
	Colour         bool                                             // on Stdout
	Live           bool                                             // Stderr is a terminal: lines may be written over
}

// System is the terminal that the process was started on. NO_COLOR
// (no-color.org) turns colour off.
func System() Terminal {
	t := Terminal{
		Stdout: os.Stdout,
		Stderr: os.Stderr,
		Now:    time.Now,
		Wait:   wait,
		Random: rand.Reader,
		Getenv: os.Getenv,
		Width:  stderrWidth,
		Colour: term.IsTerminal(int(os.Stdout.Fd())) && os.Getenv("NO_COLOR") == "",
		Live:   term.IsTerminal(int(os.Stderr.Fd())),
	}
	if who, err := user.Current(); err == nil {
		t.User = who.Username
	}
	return t
}

// getenv reads the environment, which a terminal need not have.
func (t Terminal) getenv(name string) string {
	if t.Getenv == nil {
		return ""
	}
	return t.Getenv(name)
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// stderrWidth follows the window's size; 80 where there is none.
func stderrWidth() int {
	width, _, err := term.GetSize(int(os.Stderr.Fd()))
	if err != nil || width <= 0 {
		return 80
	}
	return width
}

// Run carries out one command line and returns the exit code.
func Run(ctx context.Context, args []string, terminal Terminal) int {
	err := dispatch(ctx, args, terminal)
	var wrong *usageError
	var coded *exitError
	var several *severalError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &wrong):
		fmt.Fprintln(terminal.Stderr, "delfos:", wrong.message)
		return exitUsage
	case errors.As(err, &coded):
		if coded.cause != nil {
			fmt.Fprintln(terminal.Stderr, "delfos:", oneLine(plainly(coded.cause)))
		}
		return coded.code
	case errors.As(err, &several):
		for _, line := range several.lines {
			fmt.Fprintln(terminal.Stderr, "delfos:", line)
		}
		return exitFailed
	default:
		fmt.Fprintln(terminal.Stderr, "delfos:", oneLine(withAdvice(plainly(err))))
		return exitFailed
	}
}

func dispatch(ctx context.Context, args []string, terminal Terminal) error {
	if len(args) == 0 {
		writeUsage(terminal.Stderr)
		return &usageError{"say what to do"}
	}
	if args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		return help(ctx, args[1:], terminal)
	}
	if v, rest, ok := findVerb(args); ok {
		return v.run(ctx, terminal, rest)
	}
	return noSuchVerb(args[0])
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

// severalError is several things that are wrong at once, each told on a line of its own.
type severalError struct {
	lines []string
	cause error // may be nil
}

func (e *severalError) Error() string { return strings.Join(e.lines, "; ") }

func (e *severalError) Unwrap() error { return e.cause }

// defaultDataDir is beside template.yaml, where the command is run from a clone.
const defaultDataDir = ".delfos"
