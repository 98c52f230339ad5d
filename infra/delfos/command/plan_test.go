package command

import (
	"bytes"
	"crypto/rand"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"delfos/shared/backfill"
	"delfos/shared/partition"
)

func keys(from string, n int) []partition.Key {
	first := partition.MustParseKey(from)
	return partition.Days(first, first.AddDays(n-1))
}

func TestAPlanShowsWhatIsInAndOutAndWhy(t *testing.T) {
	t.Parallel()
	plan := backfill.Plan{
		Asset: "turbine-1", From: partition.MustParseKey("2026-02-20"), To: partition.MustParseKey("2026-03-05"),
		Select: backfill.SelectMissing, Order: backfill.OrderNewest, MaxConcurrency: 4,
		Partitions: append(keys("2026-02-21", 10), keys("2026-03-04", 1)...),
		Included:   map[backfill.Why][]partition.Key{backfill.WhyMissing: keys("2026-02-21", 10), backfill.WhyFailed: keys("2026-03-04", 1)},
		Excluded: map[backfill.Why][]partition.Key{
			backfill.WhyRunning: keys("2026-03-05", 1), backfill.WhyMaterialized: append(keys("2026-02-20", 1), keys("2026-03-03", 1)...),
		},
	}
	var out bytes.Buffer
	writePlan(Terminal{Stdout: &out}, plan)
	want := strings.TrimPrefix(`
Plan for turbine-1, 2026-02-20 to 2026-03-05, select missing: 11 days to run, 3 left out
  in   2026-02-21 … 2026-03-02 (10 days) missing
  in   2026-03-04 failed
  out  2026-02-20 materialized
  out  2026-03-03 materialized
  out  2026-03-05 running
  newest first, at most 4 at a time
`, "\n")
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAPlanFromBeforeTheFirstDayWasOverSaysSo(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	writePlan(Terminal{Stdout: &out}, backfill.Plan{
		Asset: "turbine-1", From: partition.MustParseKey("2026-02-20"), To: partition.MustParseKey("2024-12-31"), Select: backfill.SelectMissing,
	})
	if want := "Plan for turbine-1, select missing: nothing to run, as no day from 2026-02-20 on is over\n"; out.String() != want {
		t.Errorf("%q; want %q", &out, want)
	}
}

func TestManyRangesAreCutShortAndCounted(t *testing.T) {
	t.Parallel()
	var scattered []partition.Key
	for i := range 30 {
		scattered = append(scattered, partition.MustParseKey("2026-01-01").AddDays(2*i))
	}
	lines := rangeLines(keyRanges(scattered))
	if got := lines[len(lines)-1]; len(lines) != maxRanges+1 || got != "… and 18 days more, until 2026-02-28," {
		t.Errorf("%d lines, the last %q", len(lines), got)
	}
}

func TestRangesHoldJustTheDaysThatTheyAreMadeOf(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		offsets := rapid.SliceOfDistinct(rapid.IntRange(0, 60), func(i int) int { return i }).Draw(t, "offsets")
		want := map[partition.Key]bool{}
		var given []partition.Key
		for _, offset := range offsets {
			key := partition.MustParseKey("2026-02-20").AddDays(offset)
			given, want[key] = append(given, key), true
		}
		got := map[partition.Key]bool{}
		var before keyRange
		for i, r := range keyRanges(given) {
			if i > 0 && !before.last.AddDays(1).Before(r.first) {
				t.Fatalf("%v and %v could be one, or are in the wrong order", before, r)
			}
			for _, key := range partition.Days(r.first, r.last) {
				got[key] = true
			}
			before = r
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

func TestANameSaysWhenAndIsTaken(t *testing.T) {
	t.Parallel()
	one, err := newName(rand.Reader, testTime)
	if err != nil {
		t.Fatal(err)
	}
	other, _ := newName(rand.Reader, testTime)
	if !strings.HasPrefix(one, "backfill-20261125T195500Z-") || !executionName.MatchString(one) || one == other {
		t.Errorf("%s, %s", one, other)
	}
}

func TestARequestIsWhatTheFlagsSay(t *testing.T) {
	t.Parallel()
	f, err := parseBackfill([]string{
		"--from", "2026-02-20", "--to=2026-03-01", "--select", "all", "--order", "newest",
		"--max-concurrency", "8", "--reason", "why not", "--dry-run", "--json",
	}, Terminal{})
	want := backfill.Request{
		From: partition.MustParseKey("2026-02-20"), To: partition.MustParseKey("2026-03-01"), Select: backfill.SelectAll,
		Order: backfill.OrderNewest, MaxConcurrency: 8, Reason: "why not",
	}
	if err != nil || f.request != want || !f.dryRun || !f.json || f.noWait {
		t.Errorf("%v, %+v; want %+v", err, f, want)
	}
}

func TestAWrongBackfillIsRefusedBeforeAnybodyIsAsked(t *testing.T) {
	t.Parallel()
	for args, says := range map[string]string{
		"--from 2026-02-30":                      "2026-02-30",
		"--from=":                                "want a day",
		"--to=":                                  "want a day",
		"--from 2026-03-02 --to 2026-03-01":      "before --from",
		"--last-days 0":                          "1 to 3653",
		"--last-days 3654":                       "1 to 3653",
		"--last-days 3 --from 2026-02-20":        "neither",
		"--select new":                           "missing, failed, stale or all",
		"--order up":                             "oldest or newest",
		"--max-concurrency 0":                    "1 to 100",
		"--max-concurrency 101":                  "1 to 100",
		"--name a/b":                             "letters",
		"--reason " + strings.Repeat("x", 257):   "up to 256",
		"--name " + strings.Repeat("x", 81):      "1 to 80",
		"2026-02-20":                             "no further words",
		"--from 2026-02-20 --data-dir d --watch": "watch",
	} {
		_, err := parseBackfill(strings.Fields(args), Terminal{})
		if _, usage := err.(*usageError); !usage || !strings.Contains(err.Error(), says) { //nolint:errorlint // it is not wrapped
			t.Errorf("backfill %s: %v; want a word on usage with %q", args, err, says)
		}
	}
}

func TestAPlanThatFailsSaysWhyAndWhatToDo(t *testing.T) {
	t.Parallel()
	for payload, says := range map[string]string{
		`{"errorType":"PlanChanged","errorMessage":"another"}`:         "PlanChanged: another",
		`{"errorType":"SourceUnavailable","errorMessage":"no answer"}`: "try again",
		`out of memory`: "out of memory",
	} {
		if err := planningFailed([]byte(payload)); !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v; want %q", payload, err, says)
		}
	}
}
