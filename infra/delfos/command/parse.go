package command

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

// common are the flags that every command has.
type common struct {
	where

	json bool
}

// parse reads the flags of a verb that is about the local stack alone.
func parse(name string, args []string, terminal Terminal, define func(*flag.FlagSet)) (common, error) {
	var c common
	_, _, err := c.read(name, args, terminal, define, nil)
	return c, err
}

// parseAnywhere reads the flags of a verb that a deployed stack knows as well. Words
// beyond the flags must be as many as named; those named in brackets, which stand last,
// may be left out.
func parseAnywhere(name string, args []string, terminal Terminal, define func(*flag.FlagSet), words ...string) (common, []string, error) {
	var c common
	given, found, err := c.read(name, args, terminal, func(flags *flag.FlagSet) {
		c.where.define(flags)
		define(flags)
	}, words)
	if err == nil {
		err = c.settle(given, terminal.getenv)
	}
	return c, found, err
}

// read finds out which flags were given, and the words beyond them.
func (c *common) read(name string, args []string, terminal Terminal, define func(*flag.FlagSet), words []string) (given map[string]bool, found []string, err error) {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&c.dataDir, "data-dir", defaultDataDir, "`directory` of the local stack's state")
	flags.BoolVar(&c.json, "json", false, "print JSON")
	define(flags)
	found, err = parseInterspersed(flags, args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(terminal.Stdout, "usage: delfos %s\n", strings.Join(append([]string{name, "[flags]"}, words...), " "))
		flags.SetOutput(terminal.Stdout)
		flags.PrintDefaults()
		return nil, nil, &exitError{code: exitDone}
	}
	if err != nil {
		return nil, nil, &usageError{fmt.Sprintf("%s: %v; `delfos %s -h` lists the flags", name, err, name)}
	}
	given = map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	return given, found, checkWords(name, found, words)
}

// dayWord is how a word that is a day is written in what one reads.
const dayWord = "YYYY-MM-DD"

// checkWords compares the words that were given with those that are wanted.
func checkWords(name string, given, words []string) error {
	needed := slices.IndexFunc(words, func(word string) bool { return strings.HasPrefix(word, "[") })
	if needed < 0 {
		needed = len(words)
	}
	if len(given) >= needed && len(given) <= len(words) {
		return nil
	}
	if len(given) < needed {
		which := "which"
		if words[len(given)] == dayWord {
			which = "the day"
		}
		return &usageError{fmt.Sprintf("%s: say %s: `delfos %s %s`", name, which, name, strings.Join(words, " "))}
	}
	want := "no further words"
	if len(words) > 0 {
		want = strings.Join(words, " ")
	}
	return &usageError{fmt.Sprintf("%s: want %s, got %q", name, want, given)}
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
