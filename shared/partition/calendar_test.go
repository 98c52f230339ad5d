package partition_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"delfos/shared/partition"
)

var first = partition.MustParseKey("1900-01-01")

// zones are those whose clocks do everything that clocks do: skip midnight
// (Sao_Paulo, Beirut), repeat it (Havana), fall back into yesterday (St_Johns),
// skip a whole day (Apia, Kwajalein), change by half an hour (Lord_Howe) or two
// (Troll), move for good (Monrovia, Kathmandu), or never change.
var zones = []string{
	"UTC", "Europe/Lisbon", "America/Sao_Paulo", "Asia/Beirut", "America/Havana", "America/St_Johns",
	"Pacific/Apia", "Pacific/Kwajalein", "Australia/Lord_Howe", "Antarctica/Troll",
	"Asia/Kathmandu", "Africa/Monrovia", "America/Scoresbysund",
}

func calendar(t testing.TB, zone string) partition.Calendar {
	t.Helper()
	c, err := partition.NewCalendar(zone, first)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNewCalendarRefusesWhatIsNoZoneOrNoDay(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"", "Local", "Europe/Atlantis", "../etc/passwd", "UTC+1"} {
		_, err := partition.NewCalendar(zone, first)
		if err == nil || !strings.Contains(err.Error(), "IANA") {
			t.Errorf("zone %q: %v, want an error that asks for an IANA name", zone, err)
		}
	}
	if _, err := partition.NewCalendar("UTC", partition.Key{}); err == nil {
		t.Error("a calendar without a first partition")
	}
}

func TestSpanIsTheDayInTheTimeZone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, zone, day, start string
		hours                  float64
	}{
		{"UTC", "UTC", "2026-02-20", "2026-02-20T00:00:00Z", 24},
		{"west of Greenwich", "America/New_York", "2026-02-20", "2026-02-20T05:00:00Z", 24},
		{"spring forward", "Europe/Lisbon", "2026-03-29", "2026-03-29T00:00:00Z", 23},
		{"fall back", "Europe/Lisbon", "2026-10-25", "2026-10-24T23:00:00Z", 25},
		{"midnight skipped", "America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z", 23},
		{"midnight twice", "America/Havana", "2026-11-01", "2026-11-01T04:00:00Z", 25},
		{"half an hour", "Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00:00Z", 24.5},
		{"the day before a skipped day", "Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z", 24},
		{"a skipped day", "Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z", 0},
		{"the day after it", "Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z", 24},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			span := calendar(t, c.zone).Span(partition.MustParseKey(c.day))
			if got := span.Start.Format(time.RFC3339); got != c.start {
				t.Errorf("it starts at %s, want %s", got, c.start)
			}
			if got := span.Duration().Hours(); got != c.hours {
				t.Errorf("it has %v hours, want %v", got, c.hours)
			}
		})
	}
}

func TestSpanContainsItsStartAndNotItsEnd(t *testing.T) {
	t.Parallel()
	span := calendar(t, "UTC").Span(partition.MustParseKey("2026-02-20"))
	for instant, want := range map[time.Time]bool{
		span.Start:                       true,
		span.Start.Add(-time.Nanosecond): false,
		span.End:                         false,
		span.End.Add(-time.Nanosecond):   true,
	} {
		if got := span.Contains(instant); got != want {
			t.Errorf("Contains(%s) = %v", instant, got)
		}
	}
}

func TestDaysTileTheTimeLineInEveryZone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom(zones).Draw(t, "zone")
		c, err := partition.NewCalendar(zone, first)
		if err != nil {
			t.Fatal(err)
		}
		key := first.AddDays(rapid.IntRange(0, 73_000).Draw(t, "day"))
		span, next := c.Span(key), c.Span(key.AddDays(1))
		if !span.End.Equal(next.Start) {
			t.Fatalf("%s ends at %s, and %s starts at %s", key, span.End, key.AddDays(1), next.Start)
		}
		if span.Start.Location() != time.UTC || span.End.Location() != time.UTC {
			t.Fatalf("%s is not in UTC: %s to %s", key, span.Start, span.End)
		}
		if d := span.Duration(); d < 0 || d > 26*time.Hour {
			t.Fatalf("%s lasts %s", key, d)
		}
		if d := span.Duration(); d > 0 {
			if got := partition.NewKey(span.Start.In(c.Location())); got != key {
				t.Fatalf("%s starts on %s", key, got)
			}
		}
	})
}

// What a tick is given must be what Check then lets through, at any instant.
func TestLastEndedIsTheLastDayThatCheckAllows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom(zones).Draw(t, "zone")
		c, err := partition.NewCalendar(zone, first)
		if err != nil {
			t.Fatal(err)
		}
		at := c.Span(first.AddDays(rapid.IntRange(2, 73_000).Draw(t, "day"))).Start.
			Add(time.Duration(rapid.IntRange(-7200, 7200).Draw(t, "seconds")) * time.Second)
		checkLastEnded(t, c, at)
	})
}

func checkLastEnded(t rapid.TB, c partition.Calendar, at time.Time) {
	t.Helper()
	last := c.LastEnded(at)
	if err := c.Check(last, at); err != nil {
		t.Fatalf("%s at %s: %v", c.Location(), at, err)
	}
	for _, later := range partition.Days(last.AddDays(1), last.AddDays(3)) {
		if c.Check(later, at) == nil {
			t.Fatalf("%s at %s: %s had ended, after %s", c.Location(), at, later, last)
		}
	}
}

func TestLastEndedAtTheEdges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, zone, at, want string }{
		{"at midnight", "UTC", "2026-02-21T00:00:00Z", "2026-02-20"},
		{"just before", "UTC", "2026-02-20T23:59:59.999999999Z", "2026-02-19"},
		{"in a zone to the east", "Asia/Tokyo", "2026-02-20T15:00:00Z", "2026-02-20"},
		{"given in another zone", "UTC", "2026-02-21T01:00:00+02:00", "2026-02-19"},
		{"after the skipped hour", "Europe/Lisbon", "2026-03-29T23:00:00Z", "2026-03-29"},
		{"after a skipped day", "Pacific/Apia", "2011-12-30T11:00:00Z", "2011-12-29"},
		{"before clocks fall back into yesterday", "America/St_Johns", "2010-11-07T02:30:30Z", "2010-11-05"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			at, err := time.Parse(time.RFC3339Nano, c.at)
			if err != nil {
				t.Fatal(err)
			}
			if got := calendar(t, c.zone).LastEnded(at); got.String() != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestCheckSaysWhyADayCannotBeProcessed(t *testing.T) {
	t.Parallel()
	c, err := partition.NewCalendar("Europe/Lisbon", partition.MustParseKey("2026-02-20"))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for _, tc := range []struct{ name, day, want string }{
		{"the first", "2026-02-20", ""},
		{"yesterday", "2026-03-01", ""},
		{"before the first", "2026-02-19", "before the first partition, 2026-02-20"},
		{"today", "2026-03-02", "not over until 2026-03-03T00:00:00Z (time zone Europe/Lisbon)"},
		{"tomorrow", "2026-03-03", "not over until 2026-03-04T00:00:00Z"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			day := partition.MustParseKey(tc.day)
			err := c.Check(day, now)
			if tc.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var outside *partition.RangeError
			if !errors.As(err, &outside) || outside.Partition != day || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want a RangeError of %s with %q", err, day, tc.want)
			}
		})
	}
	if err := calendar(t, "Pacific/Apia").Check(partition.MustParseKey("2011-12-30"), now); err == nil {
		t.Error("a day that the time zone skipped can be processed")
	}
}
