package schedule_test

import (
	"strings"
	"testing"
	"time"

	"delfos/shared/schedule"
)

func instant(t testing.TB, text string) time.Time {
	t.Helper()
	if text == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestTicksComeWithTheirWarnings(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		expression, zone, after string
		want                    []string // time in UTC, and a word of the warning
	}{
		"skipped": {"cron(30 1 * * ? *)", "Europe/Lisbon", "2026-03-27T12:00:00Z", []string{
			"2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z the one at 2026-03-29 01:30 does not exist", "2026-03-31T00:30:00Z",
		}},
		"repeated": {"cron(30 1 * * ? *)", "Europe/Lisbon", "2026-10-24T12:00:00Z", []string{
			"2026-10-25T00:30:00Z comes twice", "2026-10-26T01:30:00Z",
		}},
		"half an hour": {"cron(15 2 * * ? *)", "Australia/Lord_Howe", "2026-10-02T20:00:00Z", []string{
			"2026-10-04T15:15:00Z the one at 2026-10-04 02:15 does not exist",
		}},
		"no clock":     {"rate(12 hours)", "Europe/Lisbon", "2026-10-24T18:00:00Z", []string{"2026-10-25T00:00:00Z", "2026-10-25T12:00:00Z"}},
		"no zone":      {"cron(0 3 * * ? *)", "", "2026-10-24T18:00:00Z", []string{"2026-10-25T03:00:00Z"}},
		"never again":  {"at(2026-01-01T00:00:00)", "UTC", "2026-10-24T18:00:00Z", nil},
		"once to come": {"at(2027-01-01T00:00:00)", "UTC", "2026-10-24T18:00:00Z", []string{"2027-01-01T00:00:00Z"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := schedule.New(test.expression, test.zone, instant(t, "2026-10-01T00:00:00Z"), time.Time{}, time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			ticks := s.Upcoming(instant(t, test.after), max(len(test.want), 1))
			if len(ticks) != len(test.want) {
				t.Fatalf("ticks %v, want %v", ticks, test.want)
			}
			for i, tick := range ticks {
				at, warning, _ := strings.Cut(test.want[i], " ")
				if tick.At.Format(time.RFC3339) != at || !strings.Contains(tick.Warning, warning) || (warning == "") != (tick.Warning == "") {
					t.Errorf("tick %d is %+v; want %s", i, tick, test.want[i])
				}
			}
		})
	}
}

func TestTicksLieWithinTheSchedulesStartAndEnd(t *testing.T) {
	t.Parallel()
	s, err := schedule.New("cron(0 1 * * ? *)", "UTC", time.Time{}, instant(t, "2026-10-05T01:00:00Z"), instant(t, "2026-10-06T01:00:00Z"))
	if err != nil {
		t.Fatal(err)
	}
	ticks := s.Upcoming(instant(t, "2026-01-01T00:00:00Z"), 10)
	if len(ticks) != 2 || !ticks[0].At.Equal(s.From) || !ticks[1].At.Equal(s.Until) {
		t.Errorf("ticks %v; want the two at its start and at its end", ticks)
	}
}

func TestARateCountsFromTheSchedulesStart(t *testing.T) {
	t.Parallel()
	created, from := instant(t, "2026-10-01T00:07:00Z"), instant(t, "2026-10-02T00:11:00Z")
	for want, start := range map[string]time.Time{"2026-10-03T00:07:00Z": {}, "2026-10-03T00:11:00Z": from} {
		s, err := schedule.New("rate(1 hour)", "UTC", created, start, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		if at, ok := s.Next(instant(t, "2026-10-02T23:30:00Z")); !ok || at.Format(time.RFC3339) != want {
			t.Errorf("the next is %s, %v; want %s", at, ok, want)
		}
	}
}

func TestWhatIsNoScheduleIsRefused(t *testing.T) {
	t.Parallel()
	for text, zone := range map[string]string{"cron(0 1 * * ? *)": "Europe/Atlantis", "daily": "UTC"} {
		if _, err := schedule.New(text, zone, time.Time{}, time.Time{}, time.Time{}); err == nil {
			t.Errorf("%s in %s is taken", text, zone)
		}
	}
}
