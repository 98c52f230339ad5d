package etl_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"delfos/shared/etl"
	"delfos/shared/partition"
	"delfos/shared/status"
)

func TestADayWithoutASampleLeavesTheTargetAsItWas(t *testing.T) {
	t.Parallel()
	b := setup(t, "UTC")
	span := b.Settings.Calendar.Span(firstDay)
	b.fill(t, span, time.Minute)
	if _, err := b.run(t, "2026-02-20"); err != nil {
		t.Fatal(err)
	}
	before := b.published(t)
	if _, err := b.source.Exec(t.Context(), `DELETE FROM data`); err != nil {
		t.Fatal(err)
	}

	_, err := b.run(t, "2026-02-20")
	var empty *etl.EmptyPartition
	if !errors.As(err, &empty) || empty.Kind() != etl.Permanent || !strings.Contains(err.Error(), "allow_empty") {
		t.Fatalf("Run of an empty day = %v", err)
	}
	if after := b.published(t); len(after) != len(before) || len(after) != 1152 {
		t.Errorf("%d rows before, %d after", len(before), len(after))
	}
	day, err := b.status.Partition(t.Context(), "turbine-1", firstDay)
	if err != nil || day.Data != status.DataMaterialized || day.Attempt != status.AttemptFailed || day.Failure.Type != "EmptyPartition" {
		t.Errorf("the failed rerun left the status %+v, %v", day, err)
	}

	m, err := b.Run(t.Context(), etl.Request{Partition: firstDay, AllowEmpty: true, Trigger: status.TriggerManual, Attempt: 1}, etl.Origin{})
	if err != nil || m.RowsWritten != 0 || m.SamplesMissing != 1440 || m.Coverage != 0 || len(b.published(t)) != 0 {
		t.Errorf("with allow_empty: %+v, %v; %d rows left", m, err, len(b.published(t)))
	}
}

func TestADayOfNullsAloneHasNoSampleEither(t *testing.T) {
	t.Parallel()
	b := setup(t, "UTC")
	b.fill(t, b.Settings.Calendar.Span(firstDay), time.Minute)
	if _, err := b.run(t, "2026-02-20"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.source.Exec(t.Context(), `UPDATE data SET wind_speed = NULL, power = 'NaN'`); err != nil {
		t.Fatal(err)
	}
	_, err := b.run(t, "2026-02-20")
	if _, ok := errors.AsType[*etl.EmptyPartition](err); !ok || len(b.published(t)) != 1152 {
		t.Errorf("Run = %v; %d rows left in the target, want 1152", err, len(b.published(t)))
	}
}

func TestADayOutsideTheCalendarIsRefusedForGood(t *testing.T) {
	t.Parallel()
	b := setup(t, "America/Sao_Paulo")
	for day, at := range map[string]time.Time{
		"2026-02-19": time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
		"2026-02-26": time.Date(2026, 2, 27, 2, 59, 59, 0, time.UTC), // 23:59:59 in São Paulo
	} {
		b.clock.now = at
		_, err := b.run(t, day)
		var refused *etl.PartitionOutOfRange
		if !errors.As(err, &refused) || refused.Kind() != etl.Permanent || !strings.Contains(err.Error(), day) {
			t.Errorf("Run(%s) at %s = %v", day, at, err)
		}
	}
}

func TestADayHasAsManyWindowsAsItsTimeZoneGivesItHours(t *testing.T) {
	t.Parallel()
	for day, windows := range map[string]int64{"2026-03-28": 144, "2026-03-29": 138, "2026-10-25": 150} {
		t.Run(day, func(t *testing.T) {
			t.Parallel()
			b := setup(t, "Europe/Lisbon")
			span := b.Settings.Calendar.Span(partition.MustParseKey(day))
			b.fill(t, partition.Span{Start: span.Start.Add(-time.Hour), End: span.End.Add(time.Hour)}, time.Minute)
			m, err := b.run(t, day)
			if err != nil || m.Windows != windows || m.RowsWritten != 8*windows || m.RowsRead != 10*windows || m.SamplesMissing != 0 {
				t.Errorf("Run(%s) = %+v, %v; want %d windows", day, m, err, windows)
			}
		})
	}
}

func TestTheAnswerIsTheMaterialization(t *testing.T) {
	t.Parallel()
	b := setup(t, "UTC")
	b.fill(t, b.Settings.Calendar.Span(firstDay), time.Minute)
	m, err := etl.Handler(b.Runner)(t.Context(), []byte(`{"scheduled_time":"2026-02-21T01:00:00Z"}`))
	if err != nil {
		t.Fatal(err)
	}
	recorded, err := b.status.Run(t.Context(), "turbine-1", m.RunID)
	if err != nil || recorded.Trigger != status.TriggerSchedule || recorded.Outcome != status.OutcomeSucceeded ||
		recorded.Materialization == nil || recorded.Materialization.Fingerprint != m.Fingerprint {
		t.Errorf("the run is recorded as %+v, %v", recorded, err)
	}
	var stored string
	err = b.target.QueryRow(t.Context(), `SELECT fingerprint FROM materialization WHERE partition = '2026-02-20' AND run_id = $1 AND generation = $2
		AND rows_read = 1440 AND rows_written = 1152`, m.RunID, m.Generation).Scan(&stored)
	if err != nil || stored != m.Fingerprint {
		t.Errorf("the target records fingerprint %q, %v; want %s", stored, err, m.Fingerprint)
	}
}
