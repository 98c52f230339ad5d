package report

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"delfos/shared/partition"
	"delfos/shared/status"
)

var (
	earliest = partition.MustParseKey("2016-01-01")
	equal    = cmp.Options{cmpopts.EquateComparable(partition.Key{}), cmpopts.EquateEmpty()}
)

// lambdaCause is an error of a function as an execution's cause.
func lambdaCause(t interface{ Fatal(...any) }, err error) string {
	text, failed := json.Marshal(map[string]string{"errorType": "PartitionsFailed", "errorMessage": err.Error()})
	if failed != nil {
		t.Fatal(failed)
	}
	return string(text)
}

// anyVerdicts draws verdicts on up to 8,000 days, in stretches or not.
func anyVerdicts(t *rapid.T) []verdict {
	outcomes := []Outcome{Materialized, Failed, Cancelled, Waived}
	var verdicts []verdict
	step := rapid.IntRange(1, 3).Draw(t, "step")
	key := earliest
	for range rapid.IntRange(1, 60).Draw(t, "stretches") {
		drawn := verdict{outcome: rapid.SampledFrom(outcomes).Draw(t, "outcome")}
		if drawn.outcome == Failed || drawn.outcome == Cancelled {
			drawn.failure = &status.Failure{
				Type:    rapid.SampledFrom([]string{"EmptyPartition", "SourceRejected", NotRun, StillRunning, strings.Repeat("X", 90)}).Draw(t, "type"),
				Message: strings.Repeat(rapid.StringN(0, 30, -1).Draw(t, "message"), 40),
			}
		}
		for range rapid.IntRange(1, 130).Draw(t, "days") {
			drawn.key = key
			verdicts = append(verdicts, drawn)
			key = key.AddDays(step)
		}
	}
	return verdicts
}

func TestACauseIsShortAndIsReadAgain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		verdicts := anyVerdicts(t)
		want := newReport("february", verdicts)
		failed, err := partitionsFailed(want, verdicts)
		if err != nil {
			t.Fatal(err)
		}
		cause := lambdaCause(t, failed)
		if len(cause) >= 30_000 {
			t.Fatalf("the cause has %d bytes", len(cause))
		}
		sentence, have := ReadCause(cause)
		if first, _, _ := strings.Cut(failed.Error(), "\n"); have == nil || sentence != first {
			t.Fatalf("read as %q, %+v", sentence, have)
		}
		if diff := cmp.Diff(want.Counts, have.Counts); diff != "" {
			t.Fatal(diff)
		}
		for name, lists := range map[string][2]Days{
			"materialized": {want.Materialized, have.Materialized}, "failed": {want.Failed, have.Failed},
			"cancelled": {want.Cancelled, have.Cancelled}, "waived": {want.Waived, have.Waived},
		} {
			whole := len(lists[0].short()) <= mostEntries
			if diff := cmp.Diff(lists[0], lists[1], equal); whole && diff != "" {
				t.Fatalf("%s: want (-) but have (+):\n%s", name, diff)
			}
		}
	})
}

func TestAListOfManyDaysIsWrittenInStretchesAndCut(t *testing.T) {
	t.Parallel()
	all := Days(partition.Days(earliest, earliest.AddDays(7999)))
	if diff := cmp.Diff([]string{"2016-01-01/2037-11-25"}, all.short()); diff != "" {
		t.Error(diff)
	}
	var alternate Days
	for i := range 1000 {
		alternate = append(alternate, earliest.AddDays(2*i))
	}
	short := alternate.short()
	if len(short) != 201 || short[0] != "2016-01-01" || short[200] != "… and 800 more" {
		t.Errorf("%d entries, the last %s", len(short), short[len(short)-1])
	}
	if diff := cmp.Diff([]string{}, Days(nil).short()); diff != "" {
		t.Error(diff)
	}
}

func TestTheSentenceNamesTwentyStretchesAndCountsTheRest(t *testing.T) {
	t.Parallel()
	var verdicts []verdict
	for i := range 60 {
		verdicts = append(verdicts, verdict{earliest.AddDays(2 * i), Failed, &status.Failure{Type: "EmptyPartition"}})
	}
	failed, err := partitionsFailed(newReport("february", verdicts), verdicts)
	if err != nil {
		t.Fatal(err)
	}
	sentence, _, _ := strings.Cut(failed.Error(), "\n")
	if !strings.HasPrefix(sentence, "60 of 60 partitions failed: 2016-01-01 EmptyPartition, ") || !strings.Contains(sentence, ", … and 40 more. Mend the cause") {
		t.Error(sentence)
	}
}

func TestOtherCausesAreReadAsTheyAre(t *testing.T) {
	t.Parallel()
	for cause, want := range map[string]string{
		"":                    "",
		"not wanted any more": "not wanted any more",
		`{"errorType":"PlanChanged","errorMessage":"the plan is not"}`: "the plan is not",
		`{"errorMessage":"one line\n{\"counts\":"}`:                    "one line\n{\"counts\":",
		`{"errorMessage":"one line\n{}"}`:                              "one line\n{}",
		`{"errorMessage":7}`:                                           `{"errorMessage":7}`,
	} {
		message, found := ReadCause(cause)
		if message != want || found != nil {
			t.Errorf("ReadCause(%q) = %q, %+v", cause, message, found)
		}
	}
}

func FuzzReadCause(f *testing.F) {
	f.Add(`{"errorType":"PartitionsFailed","errorMessage":"1 of 1\n{\"counts\":{\"planned\":1},\"failed\":[\"2026-02-20/2026-02-24\",\"… and 3 more\"]}"}`)
	f.Add(`{"errorMessage":"x\n{\"counts\":{\"planned\":1},\"failed\":[\"0001-01-01/9999-12-31\"]}"}`)
	f.Add(`nothing`)
	f.Fuzz(func(t *testing.T, cause string) {
		message, found := ReadCause(cause)
		if utf8.ValidString(cause) && !utf8.ValidString(message) {
			t.Fatalf("%q is read as %q", cause, message)
		}
		if found == nil {
			return
		}
		if _, err := json.Marshal(found); err != nil {
			t.Fatal(err)
		}
	})
}
