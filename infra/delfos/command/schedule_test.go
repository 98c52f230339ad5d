package command

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"delfos/shared/backfill"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
	ticks "delfos/shared/schedule"
	"delfos/shared/status"
)

func TestAPartOfANameIsEnoughWhereOneScheduleHasIt(t *testing.T) {
	t.Parallel()
	all := []pipeline.Schedule{{Name: "delfos-EtlFunctionDailyTick-1"}, {Name: "delfos-BackfillStateMachineSweep-2"}, {Name: "Sweep"}}
	for word, want := range map[string]string{
		"tick":                               all[0].Name,
		"machinesweep":                       all[1].Name,
		"Sweep":                              "Sweep", // whole
		"sweep":                              "!more than one schedule: delfos-BackfillStateMachineSweep-2, Sweep",
		"noon":                               "!there are delfos-EtlFunctionDailyTick-1",
		"delfos-BackfillStateMachineSweep-2": all[1].Name,
	} {
		found, err := named(all, word)
		if text, wrong := strings.CutPrefix(want, "!"); wrong {
			if err == nil || !strings.Contains(err.Error(), text) {
				t.Errorf("%s: %v, %v; want %s", word, found.Name, err, want)
			}
			continue
		}
		if err != nil || found.Name != want {
			t.Errorf("%s: %v, %v; want %s", word, found.Name, err, want)
		}
	}
}

func TestAPreviewSaysWhatATickDoesOrWhyItFails(t *testing.T) {
	t.Parallel()
	day := func(key string) *pipeline.Day {
		return &pipeline.Day{Partition: status.Partition{Key: partition.MustParseKey(key), Data: status.DataMissing}}
	}
	at := time.Date(2026, 6, 10, 1, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		found pipeline.Preview
		says  string
	}{
		"a day":            {pipeline.Preview{Ticks: 1, Day: day("2026-06-09")}, "runs 2026-06-09, which is missing"},
		"what is refused":  {pipeline.Preview{Ticks: 1, Problem: "event: it has\na day"}, "fails: event: it has; a day"},
		"a backfill":       {pipeline.Preview{Ticks: 3, Plan: &pipeline.Plan{Plan: backfill.Plan{Asset: "turbine-1"}}}, "Plan for turbine-1"},
		"no tick":          {pipeline.Preview{}, "no tick on this day"},
		"ticks at no time": {pipeline.Preview{Problem: "cron(?): no"}, "its ticks are not known: cron(?): no"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.found.Schedule = pipeline.Schedule{Name: "s", On: true, Zone: time.UTC}
			test.found.First, test.found.Last = at, at
			var out bytes.Buffer
			toPreview(test.found).write(Terminal{Stdout: &out})
			if !strings.HasPrefix(out.String(), "s, which is on: ") || !strings.Contains(out.String(), test.says) {
				t.Errorf("it says %q; want %q", &out, test.says)
			}
		})
	}
}

func TestThePastTicksSayWhatTheyLedTo(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 2, 27, 1, 0, 0, 0, time.UTC)
	run := &pipeline.Run{Run: status.Run{ID: "R", Partition: partition.MustParseKey("2026-02-26"), Outcome: status.OutcomeFailed}}
	swept := &pipeline.Backfill{Name: "b", State: status.BackfillSucceeded}
	for name, test := range map[string]struct {
		where where
		found []pipeline.PastTick
		want  string
	}{
		"none":          {where{}, nil, "no ticks yet\n"},
		"none deployed": {where{stack: "prod"}, nil, "no ticks are known: Scheduler keeps no history, and none has led to a run or a backfill yet\n"},
		"logged": {where{}, []pipeline.PastTick{
			{Schedule: "tick", ScheduledAt: at, FiredAt: at.Add(time.Second), Outcome: ticks.Started, Run: run},
			{Schedule: "tick", ScheduledAt: at, FiredAt: at.Add(time.Hour), Outcome: ticks.Missed, Missed: 3},
			{Schedule: "tick", ScheduledAt: at, FiredAt: at.Add(time.Hour), Outcome: ticks.DeadLettered, Error: "no"},
		}, "" +
			"SCHEDULE  SCHEDULED             OUTCOME        LATE BY\n" +
			"tick      2026-02-27 01:00:00Z  started        1s       run R of 2026-02-26, failed\n" +
			"tick      2026-02-27 01:00:00Z  missed                  3 ticks\n" +
			"tick      2026-02-27 01:00:00Z  dead-lettered           no\n"},
		"deployed": {where{stack: "prod"}, []pipeline.PastTick{{Schedule: "sweep", FiredAt: at, Outcome: ticks.Started, Backfill: swept}}, "" +
			"SCHEDULE  STARTED               OUTCOME  LATE BY\n" +
			"sweep     2026-02-27 01:00:00Z  started           backfill b, succeeded\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var past []pastTick
			for _, found := range test.found {
				past = append(past, toPastTick(found))
			}
			var out bytes.Buffer
			writeHistory(Terminal{Stdout: &out}, common{where: test.where}, past)
			if out.String() != test.want {
				t.Errorf("it says\n%s\nwant\n%s", &out, test.want)
			}
		})
	}
}
