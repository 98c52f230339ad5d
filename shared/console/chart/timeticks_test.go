package chart_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"delfos/shared/console/chart"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	location, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return location
}

func instant(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestTimeTicksAreRoundLocalTimes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, zone, start, end string
		n                      int
		want                   []string
	}{
		{
			"a day", "UTC", "2026-02-20T00:00:00Z", "2026-02-21T00:00:00Z", 9,
			[]string{"00:00", "03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00", "00:00"},
		},
		{
			"a day west of Greenwich", "America/New_York", "2026-02-20T05:00:00Z", "2026-02-21T05:00:00Z", 5,
			[]string{"00:00", "06:00", "12:00", "18:00", "00:00"},
		},
		{
			"a day of 23 hours", "Europe/Lisbon", "2026-03-29T00:00:00Z", "2026-03-29T23:00:00Z", 9,
			[]string{"00:00", "03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00", "00:00"},
		},
		{
			"a day of 25 hours", "Europe/Lisbon", "2026-10-24T23:00:00Z", "2026-10-26T00:00:00Z", 9,
			[]string{"00:00", "03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00", "00:00"},
		},
		{
			"an hour that comes twice", "Europe/Lisbon", "2026-10-24T23:00:00Z", "2026-10-25T03:00:00Z", 6,
			[]string{"00:00", "01:00", "01:00", "02:00", "03:00"},
		},
		{
			"an hour that is skipped", "Europe/Lisbon", "2026-03-29T00:00:00Z", "2026-03-29T03:00:00Z", 6,
			[]string{"00:00", "02:00", "03:00", "04:00"},
		},
		{
			"half an hour of clock change", "Australia/Lord_Howe", "2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z", 5,
			[]string{"00:00", "06:00", "12:00", "18:00", "00:00"},
		},
		{
			"an offset of quarters", "Asia/Kathmandu", "2026-02-19T18:15:00Z", "2026-02-20T18:15:00Z", 5,
			[]string{"00:00", "06:00", "12:00", "18:00", "00:00"},
		},
		{
			"midnight skipped", "America/Sao_Paulo", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z", 5,
			[]string{"06:00", "12:00", "18:00", "00:00"},
		},
		{
			"a minute", "UTC", "2026-02-20T00:00:00Z", "2026-02-20T00:01:00Z", 5,
			[]string{"00:00:00", "00:00:15", "00:00:30", "00:00:45", "00:01:00"},
		},
		{
			"three days", "UTC", "2026-02-20T00:00:00Z", "2026-02-23T00:00:00Z", 7,
			[]string{"00:00", "12:00", "21 Feb", "12:00", "22 Feb", "12:00", "00:00"},
		},
		{
			"a month", "UTC", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z", 8,
			[]string{"1 Feb", "5 Feb", "10 Feb", "15 Feb", "20 Feb", "25 Feb", "1 Mar"},
		},
		{
			"a year", "UTC", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", 5,
			[]string{"2026", "Apr", "Jul", "Oct", "2027"},
		},
		{
			"decades", "UTC", "1999-06-01T00:00:00Z", "2026-01-01T00:00:00Z", 4,
			[]string{"2000", "2010", "2020"},
		},
		{"nothing between", "UTC", "2026-02-20T00:00:00Z", "2026-02-20T00:00:00Z", 4, nil},
		{"none asked for", "UTC", "2026-02-20T00:00:00Z", "2026-02-21T00:00:00Z", 0, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var labels []string
			for _, tick := range chart.TimeTicks(instant(t, c.start), instant(t, c.end), zone(t, c.zone), c.n) {
				labels = append(labels, tick.Label)
			}
			if diff := cmp.Diff(c.want, labels); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnHourThatComesTwiceIsToldApart(t *testing.T) {
	t.Parallel()
	ticks := chart.TimeTicks(instant(t, "2026-10-24T23:00:00Z"), instant(t, "2026-10-25T03:00:00Z"), zone(t, "Europe/Lisbon"), 6)
	if ticks[1].Full != "2026-10-25 01:00 +01:00" || ticks[2].Full != "2026-10-25 01:00 +00:00" {
		t.Errorf("%q and %q", ticks[1].Full, ticks[2].Full)
	}
}

func TestTimeTicksKeepTheirPromisesForAnyRange(t *testing.T) {
	t.Parallel()
	zones := []string{
		"UTC", "Europe/Lisbon", "America/Sao_Paulo", "America/Havana", "America/St_Johns", "Pacific/Apia",
		"Pacific/Kwajalein", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Monrovia",
	}
	rapid.Check(t, func(t *rapid.T) {
		start := time.Unix(rapid.Int64Range(-2_000_000_000, 4_000_000_000).Draw(t, "start"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns"))
		end := start.Add(time.Duration(rapid.Int64Range(-1, 1<<60).Draw(t, "length")))
		if rapid.Bool().Draw(t, "short") {
			end = start.Add(time.Duration(rapid.Int64Range(0, int64(100*time.Hour)).Draw(t, "hours")))
		}
		location, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		n := rapid.IntRange(0, 30).Draw(t, "n")
		ticks := chart.TimeTicks(start, end, location, n)
		if len(ticks) > n {
			t.Fatalf("%d ticks, want at most %d", len(ticks), n)
		}
		for i, tick := range ticks {
			if tick.At.Before(start) || tick.At.After(end) {
				t.Fatalf("%s is outside of %s to %s", tick.At, start, end)
			}
			if i > 0 && !tick.At.After(ticks[i-1].At) {
				t.Fatalf("%s after %s", tick.At, ticks[i-1].At)
			}
			if tick.Label == "" || tick.At.Nanosecond() != 0 {
				t.Fatalf("%s is labelled %q", tick.At, tick.Label)
			}
		}
	})
}
