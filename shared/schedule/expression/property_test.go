package expression_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"delfos/shared/schedule/expression"
)

// A naive field takes lists, ranges and steps alone: it is here to be compared with.
type naive struct {
	text    string
	matches func(n int) bool
}

func naiveField(low, high int) *rapid.Generator[naive] {
	item := rapid.Custom(func(t *rapid.T) naive {
		first := rapid.IntRange(low, high).Draw(t, "first")
		last := rapid.IntRange(first, high).Draw(t, "last")
		step := rapid.IntRange(1, min(7, high)).Draw(t, "step")
		within := func(from, to, by int) func(int) bool {
			return func(n int) bool { return n >= from && n <= to && (n-from)%by == 0 }
		}
		return rapid.SampledFrom([]naive{
			{"*", within(low, high, 1)},
			{fmt.Sprint(first), within(first, first, 1)},
			{fmt.Sprintf("%d-%d", first, last), within(first, last, 1)},
			{fmt.Sprintf("%d/%d", first, step), within(first, high, step)},
			{fmt.Sprintf("*/%d", step), within(low, high, step)},
			{fmt.Sprintf("%d-%d/%d", first, last, step), within(first, last, step)},
		}).Draw(t, "item")
	})
	return rapid.Custom(func(t *rapid.T) naive {
		items := rapid.SliceOfN(item, 1, 3).Draw(t, "items")
		texts := make([]string, 0, len(items))
		for _, one := range items {
			texts = append(texts, one.text)
		}
		return naive{strings.Join(texts, ","), func(n int) bool {
			for _, one := range items {
				if one.matches(n) {
					return true
				}
			}
			return false
		}}
	})
}

// naiveDays are both fields of days, and which local days they mean.
func naiveDays() *rapid.Generator[naivePair] {
	return rapid.Custom(func(t *rapid.T) naivePair {
		lastDay := func(d time.Time) int { return time.Date(d.Year(), d.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day() }
		day := rapid.IntRange(1, 7).Draw(t, "day of week")
		nth := rapid.IntRange(1, 5).Draw(t, "nth")
		ofMonth, ofWeek := naiveField(1, 31).Draw(t, "day-of-month"), naiveField(1, 7).Draw(t, "day-of-week")
		return rapid.SampledFrom([]naivePair{
			{ofMonth.text, "?", func(d time.Time) bool { return ofMonth.matches(d.Day()) }},
			{"?", ofWeek.text, func(d time.Time) bool { return ofWeek.matches(int(d.Weekday()) + 1) }},
			{"L", "?", func(d time.Time) bool { return d.Day() == lastDay(d) }},
			{"?", fmt.Sprintf("%d#%d", day, nth), func(d time.Time) bool { return int(d.Weekday())+1 == day && (d.Day()+6)/7 == nth }},
			{"?", fmt.Sprintf("%dL", day), func(d time.Time) bool { return int(d.Weekday())+1 == day && d.Day()+7 > lastDay(d) }},
		}).Draw(t, "days")
	})
}

type naivePair struct {
	ofMonth, ofWeek string
	matches         func(time.Time) bool
}

// changes are moments near which clocks were put forward or back.
var changes = []struct{ zone, at string }{
	{"America/Sao_Paulo", "2018-11-04T03:00:00Z"},
	{"America/Sao_Paulo", "2019-02-17T02:00:00Z"},
	{"Europe/Lisbon", "2026-03-29T01:00:00Z"},
	{"Europe/Lisbon", "2026-10-25T01:00:00Z"},
	{"America/New_York", "2026-03-08T07:00:00Z"},
	{"America/New_York", "2026-11-01T06:00:00Z"},
	{"Australia/Lord_Howe", "2026-04-04T15:00:00Z"}, // by half an hour
	{"UTC", "2024-02-29T00:00:00Z"},
}

func TestNextIsWhatAWalkOverEveryMinuteFinds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		minutes, hours, months := naiveField(0, 59).Draw(r, "minutes"), naiveField(0, 23).Draw(r, "hours"), naiveField(1, 12).Draw(r, "months")
		days := naiveDays().Draw(r, "days")
		change := rapid.SampledFrom(changes).Draw(r, "change")
		e := parse(t, fmt.Sprintf("cron(%s %s %s %s %s *)", minutes.text, hours.text, days.ofMonth, months.text, days.ofWeek), change.zone)
		start := instant(t, change.at).AddDate(0, 0, -10)
		end := start.AddDate(0, 0, 21)
		after := start.Add(time.Duration(rapid.Int64Range(0, int64(21*24*time.Hour)).Draw(r, "after")))

		where := zone(t, change.zone)
		shown := map[int64]bool{} // local minutes that the clocks have shown
		want := time.Time{}
		for at := start.AddDate(0, 0, -2); at.Before(end) && want.IsZero(); at = at.Add(time.Minute) {
			local := at.In(where)
			_, offset := local.Zone()
			minute := (at.Unix() + int64(offset)) / 60
			first := !shown[minute]
			shown[minute] = true
			if first && at.After(after) && minutes.matches(local.Minute()) && hours.matches(local.Hour()) &&
				months.matches(int(local.Month())) && days.matches(local) {
				want = at
			}
		}
		got, ok := e.Next(after)
		if want.IsZero() {
			if ok && got.Before(end) {
				r.Fatalf("%s in %s after %s: %s, and the walk finds nothing", e, change.zone, after, got)
			}
			return
		}
		if !ok || !got.Equal(want) {
			r.Fatalf("%s in %s after %s: %s, want %s", e, change.zone, after, got, want)
		}
	})
}

func TestRatesAreEvenAndStrictlyAfter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		unit := rapid.SampledFrom([]string{"minute", "hours", "days"}).Draw(r, "unit")
		length := map[string]time.Duration{"minute": time.Minute, "hours": time.Hour, "days": 24 * time.Hour}[unit]
		value := rapid.Int64Range(1, 1000).Draw(r, "value")
		start := time.Unix(rapid.Int64Range(-4e9, 4e9).Draw(r, "start"), 0)
		after := time.Unix(rapid.Int64Range(-4e9, 4e9).Draw(r, "after"), rapid.Int64Range(0, 999_999_999).Draw(r, "ns"))
		interval := time.Duration(value) * length
		got, ok := parse(t, fmt.Sprintf("rate(%d %s)", value, unit), "UTC").StartingAt(start).Next(after)
		if !ok || !got.After(after) || got.Sub(after) > interval || (got.Unix()-start.Unix())%int64(interval.Seconds()) != 0 {
			r.Fatalf("rate(%d %s) from %s after %s: %s", value, unit, start, after, got)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"cron(0 1 * * ? *)", "cron(0/5 8-17 ? * MON-FRI 2026-2030)", "cron(0 0 LW * ? *)", "cron(0 0 ? * 3#2 *)", "cron(0 0 15W 2/3 ? *)",
		"cron(0 0 31 2 ? *)", "rate(5 minutes)", "at(2026-02-29T00:00:00)", "cron(", "rate(", "at()", "cron(* * * * ? *)",
	} {
		f.Add(seed, "America/Sao_Paulo", int64(1_550_368_800))
		f.Add(seed, "Europe/Lisbon", int64(1_774_746_000))
	}
	f.Fuzz(func(t *testing.T, text, zoneName string, after int64) {
		where, err := expression.Zone(zoneName)
		if err != nil {
			return
		}
		e, err := expression.Parse(text, where)
		if err != nil {
			return
		}
		at := time.Unix(after%1e11, 0)
		next, ok := e.Next(at)
		if ok && !next.After(at) {
			t.Errorf("%s in %s after %s: %s", text, zoneName, at, next)
		}
		if again, _ := e.Next(at); !again.Equal(next) {
			t.Errorf("%s: %s, then %s", text, next, again)
		}
	})
}

func BenchmarkNext(b *testing.B) {
	e := parse(b, "cron(0 1 * * ? *)", "America/Sao_Paulo")
	at := instant(b, "2026-02-20T00:00:00Z")
	for b.Loop() {
		at, _ = e.Next(at)
		if at.Year() > 2190 {
			at = instant(b, "2026-02-20T00:00:00Z")
		}
	}
}
