package command

import (
	"encoding/base32"
	"flag"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"delfos/shared/backfill"
	"delfos/shared/partition"
)

// backfillFlags are what `backfill` is told.
type backfillFlags struct {
	common
	request backfill.Request
	name    string
	dryRun  bool
	noWait  bool
}

func parseBackfill(args []string, terminal Terminal) (backfillFlags, error) {
	var f backfillFlags
	var err error
	f.common, _, err = parseAnywhere("backfill", args, terminal, f.define)
	if err != nil {
		return f, err
	}
	if problem := f.check(); problem != "" {
		return f, &usageError{"backfill " + problem}
	}
	return f, nil
}

func (f *backfillFlags) define(flags *flag.FlagSet) {
	flags.Func("from", "first `day`, as YYYY-MM-DD (default the first partition)", setDay(&f.request.From))
	flags.Func("to", "last `day`, inclusive (default yesterday)", setDay(&f.request.To))
	flags.Func("last-days", "the last `N` days that are over, 1 to 3653, instead of --from and --to", f.setLastDays)
	flags.StringVar((*string)(&f.request.Select), "select", string(backfill.SelectMissing), "`which` days: missing (without data), failed (whose last attempt failed), stale (whose source has changed since) or all")
	flags.StringVar((*string)(&f.request.Order), "order", string(backfill.OrderOldest), "oldest or newest `first`")
	flags.IntVar(&f.request.MaxConcurrency, "max-concurrency", backfill.DefaultConcurrency, "at most this `many` days at a time, 1 to 100")
	flags.StringVar(&f.request.Reason, "reason", "", "`why`, for whoever reads it later, up to 256 characters")
	flags.StringVar(&f.name, "name", "", "what to call the backfill (default a `name` made of the time)")
	flags.BoolVar(&f.dryRun, "dry-run", false, "show the plan, and run nothing")
	flags.BoolVar(&f.noWait, "no-wait", false, "return once it has started, and do not follow it")
}

func (f *backfillFlags) setLastDays(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > backfill.MaxLastDays {
		return fmt.Errorf("want 1 to %d", backfill.MaxLastDays)
	}
	f.request.LastDays = n
	return nil
}

// setDay reads a flag's day. An empty one is refused: in a script it is a variable
// that nobody has set, and the default would be all that there is.
func setDay(day *partition.Key) func(string) error {
	return func(text string) (err error) {
		*day, err = partition.ParseKey(text)
		return err
	}
}

// executionName is narrower than Step Functions' rule (StartExecution: 1 to 80
// characters, some excluded), so that no shell has to be told about it.
var executionName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$`)

// check finds what is wrong whatever the state of the partitions; the planner
// finds the rest. "" is nothing.
func (f *backfillFlags) check() string {
	r := f.request
	switch {
	case !r.From.IsZero() && !r.To.IsZero() && r.To.Before(r.From):
		return fmt.Sprintf("--to %s is before --from %s", r.To, r.From)
	case r.LastDays > 0 && (!r.From.IsZero() || !r.To.IsZero()):
		return "--last-days goes with neither --from nor --to"
	case !slices.Contains([]backfill.Select{backfill.SelectMissing, backfill.SelectFailed, backfill.SelectStale, backfill.SelectAll}, r.Select):
		return fmt.Sprintf("--select %s: want missing, failed, stale or all", r.Select)
	case r.Order != backfill.OrderOldest && r.Order != backfill.OrderNewest:
		return fmt.Sprintf("--order %s: want oldest or newest", r.Order)
	case r.MaxConcurrency < 1 || r.MaxConcurrency > backfill.MaxConcurrency:
		return fmt.Sprintf("--max-concurrency %d: want 1 to %d", r.MaxConcurrency, backfill.MaxConcurrency)
	case utf8.RuneCountInString(r.Reason) > backfill.MaxReason:
		return fmt.Sprintf("--reason: it has %d characters; want up to %d", utf8.RuneCountInString(r.Reason), backfill.MaxReason)
	case f.name != "" && !executionName.MatchString(f.name):
		return fmt.Sprintf("--name %q: want 1 to 80 letters, digits, '-', '_' or '.', the first a letter or a digit", f.name)
	}
	return ""
}

// newName is unique, and says when: backfill-20261125T195500Z-k3f9.
func newName(random io.Reader, now time.Time) (string, error) {
	var suffix [5]byte
	if _, err := io.ReadFull(random, suffix[:]); err != nil {
		return "", fmt.Errorf("name the backfill: %w", err)
	}
	text := strings.ToLower(base32.StdEncoding.EncodeToString(suffix[:]))[:4]
	return "backfill-" + now.UTC().Format("20060102T150405Z") + "-" + text, nil
}
