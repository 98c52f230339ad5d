package etl_test

import (
	"errors"
	"strings"
	"testing"

	"delfos/shared/etl"
	"delfos/shared/partition"
	"delfos/shared/status"
)

func calendar(t testing.TB, zone string) partition.Calendar {
	t.Helper()
	c, err := partition.NewCalendar(zone, partition.MustParseKey("2026-02-20"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestBothFormsOfAnEventNameTheirPartition(t *testing.T) {
	t.Parallel()
	day := partition.MustParseKey("2026-02-26")
	for _, test := range []struct {
		name, zone, event string
		want              etl.Request
	}{
		{"a partition", "UTC", `{"partition":"2026-02-26"}`, etl.Request{Partition: day, Trigger: status.TriggerManual, Attempt: 1}},
		{"a tick at 01:00", "UTC", `{"scheduled_time":"2026-02-27T01:00:00Z"}`, etl.Request{Partition: day, Trigger: status.TriggerSchedule, Attempt: 1}},
		{"a tick at midnight", "UTC", `{"scheduled_time":"2026-02-27T00:00:00Z"}`, etl.Request{Partition: day, Trigger: status.TriggerSchedule, Attempt: 1}},
		{
			"a tick at 01:00 in São Paulo", "America/Sao_Paulo", `{"scheduled_time":"2026-02-27T04:00:00Z"}`,
			etl.Request{Partition: day, Trigger: status.TriggerSchedule, Attempt: 1},
		},
		{
			"a tick before midnight in São Paulo", "America/Sao_Paulo", `{"scheduled_time":"2026-02-28T02:59:59Z"}`,
			etl.Request{Partition: day, Trigger: status.TriggerSchedule, Attempt: 1},
		},
		{
			"of a backfill", "UTC", `{"partition":"2026-02-26","allow_empty":true,"trigger":"backfill","attempt":3,"backfill_id":"b-1"}`,
			etl.Request{Partition: day, AllowEmpty: true, Trigger: status.TriggerBackfill, Attempt: 3, BackfillID: "b-1"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := etl.ParseEvent([]byte(test.event), calendar(t, test.zone))
			if err != nil || got != test.want {
				t.Errorf("ParseEvent(%s) = %+v, %v; want %+v", test.event, got, err, test.want)
			}
		})
	}
}

func TestAGarbledEventIsAPermanentErrorThatNamesTheRule(t *testing.T) {
	t.Parallel()
	for event, rule := range map[string]string{
		``:                           "EOF",
		`{`:                          "EOF",
		`null`:                       "want one of partition and scheduled_time",
		`{}`:                         "want one of partition and scheduled_time",
		`[]`:                         "array",
		`"2026-02-26"`:               "string",
		`{"partition":"2026-02-30"}`: "want a day that exists",
		`{"partition":"2026-2-3"}`:   "want a day that exists",
		`{"partition":20260226}`:     "number",
		`{"partition":"2026-02-26","scheduled_time":"2026-02-27T01:00:00Z"}`:         "want one of",
		`{"scheduled_time":"yesterday"}`:                                             `scheduled_time "yesterday"`,
		`{"partition":"2026-02-26","force":true}`:                                    `"force"`,
		`{"partition":"2026-02-26","trigger":"cron"}`:                                `trigger "cron"`,
		`{"partition":"2026-02-26","attempt":0}`:                                     "attempt 0",
		`{"partition":"2026-02-26","backfill_id":"` + strings.Repeat("x", 81) + `"}`: "backfill_id: it has 81 bytes",
		`{"partition":"2026-02-26"} {}`:                                              "follows",
		`{"partition":"` + strings.Repeat("x", 70_000) + `"}`:                        "at most",
	} {
		_, err := etl.ParseEvent([]byte(event), calendar(t, "UTC"))
		var invalid *etl.InvalidEvent
		if !errors.As(err, &invalid) || invalid.Kind() != etl.Permanent || !strings.Contains(err.Error(), rule) {
			t.Errorf("ParseEvent(%.60s) = %v, want an InvalidEvent that says %q", event, err, rule)
		}
	}
}

func FuzzParseEvent(f *testing.F) {
	for _, seed := range []string{`{"partition":"2026-02-26"}`, `{"scheduled_time":"2026-02-27T01:00:00Z"}`, `{"attempt":-1}`, `{"a":{}}`} {
		f.Add([]byte(seed))
	}
	c := calendar(f, "UTC")
	f.Fuzz(func(t *testing.T, event []byte) {
		request, err := etl.ParseEvent(event, c)
		var invalid *etl.InvalidEvent
		if err != nil && !errors.As(err, &invalid) {
			t.Errorf("%q: error of type %T", event, err)
		}
		if err == nil && (request.Partition.IsZero() || request.Attempt < 1 || request.Trigger == "") {
			t.Errorf("%q: incomplete request %+v", event, request)
		}
	})
}
