package command

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delfos/shared/partition"
	"delfos/shared/status"
)

func TestLogLinesAreReadable(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		`{"timestamp":"T","level":"INFO","message":"published","rows":3,"run_id":"r","asset":"x"}`: "T INFO  published asset=x rows=3",
		`{"time":"T","type":"platform.start","record":{"requestId":"a"}}`:                          `T platform.start {"requestId":"a"}`,
		"panic: oh": "panic: oh",
		`{"a":1}`:   `{"a":1}`,
	} {
		if got := readable(false, line); got != want {
			t.Errorf("readable(%s) = %q, want %q", line, got, want)
		}
	}
	if got := readable(true, `{"timestamp":"T","level":"ERROR","message":"failed"}`); got != "T \x1b[31mERROR\x1b[0m failed" {
		t.Errorf("in colour: %q", got)
	}
	if got := asJSON("panic: oh"); got != `{"message":"panic: oh"}` {
		t.Errorf("as JSON: %s", got)
	}
}

func TestStatusShowsDaysThatWereNeverTriedAsOneRow(t *testing.T) {
	t.Parallel()
	first := partition.MustParseKey("2026-02-20")
	published := status.Partition{
		Key: first.AddDays(1), Data: status.DataMaterialized, Attempt: status.AttemptFailed, RunID: "R",
		Failure:         &status.Failure{Type: "SourceUnavailable", Message: "down"},
		Materialization: &status.Materialization{RowsWritten: 1152, Coverage: 0.995, PublishedAt: time.Date(2026, 2, 22, 1, 0, 0, 0, time.UTC)},
	}
	var out bytes.Buffer
	writeStatus(Terminal{Stdout: &out}, everyDay("turbine-1", first, first.AddDays(4), []status.Partition{published}))
	want := strings.TrimPrefix(`
PARTITION                DATA          LAST ATTEMPT  ROWS  COVERAGE  PUBLISHED             RUN
2026-02-20               missing
2026-02-21               materialized  failed        1152  99.5 %    2026-02-22 01:00:00Z  R    SourceUnavailable
2026-02-22 … 2026-02-24  missing                                                                3 days

5 partitions, 2026-02-20 to 2026-02-24: 1 materialized, 4 missing
`, "\n")
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestStatusShowsDaysThatStandAlikeAsOneRow(t *testing.T) {
	t.Parallel()
	first := partition.MustParseKey("2026-02-20")
	failed := func(data status.DataState, failure, backfill string) status.Partition {
		return status.Partition{Data: data, Attempt: status.AttemptFailed, RunID: "R", BackfillID: backfill, Failure: &status.Failure{Type: failure}}
	}
	published := failed(status.DataMaterialized, "EmptyPartition", "b")
	published.Materialization = &status.Materialization{RowsWritten: 1152, Coverage: 1, PublishedAt: time.Date(2026, 2, 22, 1, 0, 0, 0, time.UTC)}
	stands := []status.Partition{
		failed(status.DataMissing, "EmptyPartition", "b"), failed(status.DataMissing, "EmptyPartition", "b"),
		failed(status.DataMissing, "SourceUnavailable", "b"), failed(status.DataMissing, "SourceUnavailable", "c"), failed(status.DataMissing, "SourceUnavailable", ""),
		failed(status.DataMissing, "EmptyPartition", ""),
		published, published,
		{Data: status.DataMissing, Attempt: status.AttemptRunning, RunID: "R"},
		{Data: status.DataMissing, Attempt: status.AttemptRunning, RunID: "R"},
		{Data: status.DataMissing, Attempt: status.AttemptCancelled, BackfillID: "b"},
		{Data: status.DataMissing, Attempt: status.AttemptCancelled, BackfillID: "b"},
		{Data: status.DataWaived, WaivedReason: "mended"},
		{Data: status.DataWaived, WaivedReason: "mended"},
		{Data: status.DataWaived, WaivedReason: "ice"},
	}
	for i := range stands {
		stands[i].Key = first.AddDays(i)
	}
	var out bytes.Buffer
	writeStatus(Terminal{Stdout: &out}, stands)
	want := strings.TrimPrefix(`
PARTITION                DATA          LAST ATTEMPT  ROWS  COVERAGE  PUBLISHED             RUN
2026-02-20 … 2026-02-21  missing       failed                                                   2 days: EmptyPartition, by b
2026-02-22 … 2026-02-24  missing       failed                                                   3 days: SourceUnavailable
2026-02-25               missing       failed                                              R    EmptyPartition
2026-02-26               materialized  failed        1152  100.0 %   2026-02-22 01:00:00Z  R    EmptyPartition, by b
2026-02-27               materialized  failed        1152  100.0 %   2026-02-22 01:00:00Z  R    EmptyPartition, by b
2026-02-28               missing       running                                             R
2026-03-01               missing       running                                             R
2026-03-02 … 2026-03-03  missing       cancelled                                                2 days: by b
2026-03-04 … 2026-03-05  waived                                                                 2 days: mended
2026-03-06               waived                                                                 ice

15 partitions, 2026-02-20 to 2026-03-06: 2 materialized, 3 waived, 10 missing
`, "\n")
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestADetachedStackGetsTheFlagsThatConcernIt(t *testing.T) {
	t.Parallel()
	got := withoutDetach([]string{"--detach", "-detach=true", "--json", "--seed-days", "3", "--data-dir", "detach"})
	if diff := cmp.Diff([]string{"--seed-days", "3", "--data-dir", "detach"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestUpTellsNoDaysFromNothingSaid(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"0": -1, "3": 3, "3660": 3660} {
		var f upFlags
		if err := f.setSeedDays(text); err != nil || f.options.SeedDays != want {
			t.Errorf("--seed-days %s: %d, %v; want %d", text, f.options.SeedDays, err, want)
		}
	}
	for _, text := range []string{"", "-1", "ten", "3661"} {
		var f upFlags
		if err := f.setSeedDays(text); err == nil {
			t.Errorf("--seed-days %q was taken", text)
		}
	}
}

func TestPasswordsOfGivenDatabasesComeFromTheEnvironment(t *testing.T) {
	t.Parallel()
	environment := map[string]string{sourcePassword: "p@/ss", targetPassword: "other"}
	for _, test := range []struct{ dsn, want, says string }{
		{"", "", ""},
		{"postgres://u@db:5433/source", "postgres://u:p%40%2Fss@db:5433/source", ""},
		{"postgres://u:hush@db/source", "", "leave out one"},
		{"postgres://u:hush@db:port/source", "", "--source-dsn"},
	} {
		var f upFlags
		f.options.SourceDSN = test.dsn
		err := f.readPasswords(func(name string) string { return environment[name] })
		if test.says != "" {
			if err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "hush") {
				t.Errorf("%s: %v, want %q and no password", test.dsn, err, test.says)
			}
			continue
		}
		if err != nil || f.options.SourceDSN != test.want || f.options.TargetDSN != "" {
			t.Errorf("%s: %s, %s, %v; want %s", test.dsn, f.options.SourceDSN, f.options.TargetDSN, err, test.want)
		}
	}
}
