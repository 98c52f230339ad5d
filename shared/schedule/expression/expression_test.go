package expression_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delfos/shared/schedule/expression"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	found, err := expression.Zone(name)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func parse(t testing.TB, text, zoneName string) expression.Expression {
	t.Helper()
	parsed, err := expression.Parse(text, zone(t, zoneName))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func instant(t testing.TB, text string) time.Time {
	t.Helper()
	when, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

// ticks are the first firings after a time, in UTC; "never" ends them where there
// are no more.
func ticks(t testing.TB, e expression.Expression, after string, count int) []string {
	t.Helper()
	at, all := instant(t, after), []string{}
	for range count {
		next, ok := e.Next(at)
		if !ok {
			return append(all, "never")
		}
		all = append(all, next.Format(time.RFC3339))
		at = next
	}
	return all
}

// The expressions are those of the EventBridge Scheduler User Guide, "Schedule
// types", and of the EventBridge User Guide, "Cron expressions reference".
func TestTheExamplesOfAWSFireWhenItsGuideSays(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text, after string
		want        []string
	}{
		{"cron(0 10 * * ? *)", "2026-02-20T09:59:59Z", []string{"2026-02-20T10:00:00Z", "2026-02-21T10:00:00Z"}},
		{"cron(15 12 * * ? *)", "2026-02-20T12:15:00Z", []string{"2026-02-21T12:15:00Z"}},
		{"cron(0 18 ? * MON-FRI *)", "2026-02-20T17:00:00Z", []string{"2026-02-20T18:00:00Z", "2026-02-23T18:00:00Z"}},
		{"cron(0 8 1 * ? *)", "2026-02-20T00:00:00Z", []string{"2026-03-01T08:00:00Z", "2026-04-01T08:00:00Z"}},
		{"cron(0/15 * * * ? *)", "2026-02-20T23:44:59Z", []string{"2026-02-20T23:45:00Z", "2026-02-21T00:00:00Z"}},
		{"cron(0/10 * ? * MON-FRI *)", "2026-02-20T23:50:00Z", []string{"2026-02-23T00:00:00Z", "2026-02-23T00:10:00Z"}},
		{"cron(0/5 8-17 ? * MON-FRI *)", "2026-02-20T17:54:00Z", []string{"2026-02-20T17:55:00Z", "2026-02-23T08:00:00Z"}},
		{"cron(15 10 ? * 6L 2022-2023)", "2022-11-01T00:00:00Z", []string{"2022-11-25T10:15:00Z", "2022-12-30T10:15:00Z", "2023-01-27T10:15:00Z"}},
		{"cron(15 10 ? * 6L 2022-2023)", "2023-12-29T10:15:00Z", []string{"never"}},
		{"cron(1/10 * * * ? *)", "2026-02-20T00:00:00Z", []string{"2026-02-20T00:01:00Z", "2026-02-20T00:11:00Z"}},
		{"cron(0 0 3W * ? *)", "2026-01-01T00:00:00Z", []string{"2026-01-02T00:00:00Z", "2026-02-03T00:00:00Z"}},
		{"cron(0 0 ? * 3#2 *)", "2026-02-01T00:00:00Z", []string{"2026-02-10T00:00:00Z", "2026-03-10T00:00:00Z"}},
		{"cron(0 0 L * ? *)", "2028-01-31T00:00:00Z", []string{"2028-02-29T00:00:00Z", "2028-03-31T00:00:00Z"}},
		{"cron(0 0 LW * ? *)", "2026-01-01T00:00:00Z", []string{"2026-01-30T00:00:00Z", "2026-02-27T00:00:00Z", "2026-03-31T00:00:00Z"}},
		{"cron(0 0 1W * ? *)", "2026-07-15T00:00:00Z", []string{"2026-08-03T00:00:00Z"}}, // 1 August is a Saturday
		{"cron(0 0 31W * ? *)", "2026-05-01T00:00:00Z", []string{"2026-05-29T00:00:00Z", "2026-07-31T00:00:00Z"}},
		{"cron(0 0 ? * L *)", "2026-02-20T00:00:00Z", []string{"2026-02-21T00:00:00Z", "2026-02-28T00:00:00Z"}},
		{"cron(0 0 ? * FRIL *)", "2026-02-20T00:00:00Z", []string{"2026-02-27T00:00:00Z"}},
		{"cron(0 0 ? * SUN#5 *)", "2026-02-20T00:00:00Z", []string{"2026-03-29T00:00:00Z", "2026-05-31T00:00:00Z"}},
		{"cron(0 0 ? JAN,MAR TUE,1 *)", "2026-01-27T00:00:00Z", []string{"2026-03-01T00:00:00Z", "2026-03-03T00:00:00Z"}},
		{"cron(59 23 31 12 ? 2199)", "1970-01-01T00:00:00Z", []string{"2199-12-31T23:59:00Z", "never"}},
		{"cron(0 0 29 2 ? 2026/2)", "2026-01-01T00:00:00Z", []string{"2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"}},
		{"cron(0 0 30 2 ? *)", "2026-01-01T00:00:00Z", []string{"never"}},
		{"cron(0 0 1 1 ? 1970)", "0001-01-01T00:00:00Z", []string{"1970-01-01T00:00:00Z", "never"}},
		{"at(2022-11-20T13:00:00)", "2022-11-20T12:59:59Z", []string{"2022-11-20T13:00:00Z", "never"}},
		{"at(2022-11-20T13:00:00)", "2022-11-20T13:00:00Z", []string{"never"}},
	} {
		t.Run(test.text+" after "+test.after, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, ticks(t, parse(t, test.text, "UTC"), test.after, len(test.want))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestARateIsCountedFromItsStart(t *testing.T) {
	t.Parallel()
	start := instant(t, "2026-03-28T10:00:30Z")
	for _, test := range []struct{ text, after, want string }{
		{"rate(5 minutes)", "2026-03-28T10:00:29Z", "2026-03-28T10:00:30Z"},
		{"rate(5 minutes)", "2026-03-28T10:00:30Z", "2026-03-28T10:05:30Z"},
		{"rate(5 minute)", "2026-03-28T10:05:29Z", "2026-03-28T10:05:30Z"},
		{"rate(1 hours)", "2026-03-28T10:00:30Z", "2026-03-28T11:00:30Z"},
		{"rate(1 day)", "2026-03-28T10:00:30Z", "2026-03-29T10:00:30Z"}, // 24 hours, though Lisbon's day has 23
		{"rate(36500 days)", "2026-03-28T10:00:30Z", "2126-03-04T10:00:30Z"},
		{"rate(1 minute)", "0001-01-01T00:00:00Z", "0001-01-01T00:00:30Z"},
	} {
		t.Run(test.text+" after "+test.after, func(t *testing.T) {
			t.Parallel()
			got := ticks(t, parse(t, test.text, "Europe/Lisbon").StartingAt(start), test.after, 1)
			if got[0] != test.want {
				t.Errorf("%s, want %s", got[0], test.want)
			}
		})
	}
}

// America/Sao_Paulo had its last changes in 2019; there midnight was skipped in
// spring, and 23:00 to 23:59 repeated in autumn.
func TestALocalTimeThatIsSkippedDoesNotFireAndARepeatedOneFiresFirst(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text, zone, after string
		want              []string
	}{
		{"cron(0 0 * * ? *)", "America/Sao_Paulo", "2018-11-02T12:00:00Z", []string{"2018-11-03T03:00:00Z", "2018-11-05T02:00:00Z"}},
		{"cron(30 23 * * ? *)", "America/Sao_Paulo", "2019-02-16T12:00:00Z", []string{"2019-02-17T01:30:00Z", "2019-02-18T02:30:00Z"}},
		{"cron(0 1 * * ? *)", "America/Sao_Paulo", "2026-02-20T12:00:00Z", []string{"2026-02-21T04:00:00Z"}},
		{"cron(30 1 * * ? *)", "Europe/Lisbon", "2026-03-28T12:00:00Z", []string{"2026-03-30T00:30:00Z"}},
		{"cron(30 1 * * ? *)", "Europe/Lisbon", "2026-10-24T12:00:00Z", []string{"2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"}},
		{"cron(30 1 * * ? *)", "Europe/Lisbon", "2026-10-25T01:15:00Z", []string{"2026-10-26T01:30:00Z"}}, // within the repetition
		{"cron(30 2 * * ? *)", "America/New_York", "2026-03-07T12:00:00Z", []string{"2026-03-09T06:30:00Z"}},
		{"cron(30 1 * * ? *)", "America/New_York", "2026-10-31T12:00:00Z", []string{"2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"}},
		{"cron(0/30 1-2 1 11 ? 2026)", "America/New_York", "2026-10-31T12:00:00Z", []string{
			"2026-11-01T05:00:00Z", "2026-11-01T05:30:00Z", "2026-11-01T07:00:00Z", "2026-11-01T07:30:00Z", "never",
		}},
		{"cron(0 12 30 12 ? 2011)", "Pacific/Apia", "2011-01-01T00:00:00Z", []string{"never"}}, // a day that was skipped
		{"at(2026-03-29T01:30:00)", "Europe/Lisbon", "2026-03-28T00:00:00Z", []string{"never"}},
		{"at(2026-10-25T01:30:00)", "Europe/Lisbon", "2026-03-28T00:00:00Z", []string{"2026-10-25T00:30:00Z", "never"}},
		{"at(2026-10-25T01:30:00)", "Australia/Lord_Howe", "2026-01-01T00:00:00Z", []string{"2026-10-24T14:30:00Z"}},
	} {
		t.Run(test.text+" in "+test.zone+" after "+test.after, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, ticks(t, parse(t, test.text, test.zone), test.after, len(test.want))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBadExpressionsAreRefusedByField(t *testing.T) {
	t.Parallel()
	for text, field := range map[string]string{
		"":                                   "",
		"daily":                              "",
		"every(1 day)":                       "",
		"cron()":                             "",
		"cron(INVALID)":                      "",
		"cron(0 10 * * ?)":                   "",
		"cron(0 10 * * ? * *)":               "",
		"cron( 0 10 * * ? * )":               "",
		"cron(0 10 * * ? *":                  "",
		"cron(0 1 * * * *)":                  "day-of-month",
		"cron(7 20 * * NOT *)":               "day-of-month",
		"cron(0 0 ? * ? *)":                  "day-of-month",
		"cron(0 dummy ? * MON-FRI *)":        "hours",
		"cron(71 8 1 * ? *)":                 "minutes",
		"cron(? 8 1 * ? *)":                  "minutes",
		"cron(0/0 8 1 * ? *)":                "minutes",
		"cron(0/60 8 1 * ? *)":               "minutes",
		"cron(/5 8 1 * ? *)":                 "minutes",
		"cron(1,,2 8 1 * ? *)":               "minutes",
		"cron(-1 8 1 * ? *)":                 "minutes",
		"cron(+1 8 1 * ? *)":                 "minutes",
		"cron(0/30 20-2 ? * MON-FRI *)":      "hours",
		"cron(0 24 1 * ? *)":                 "hours",
		"cron(0 0 0 * ? *)":                  "day-of-month",
		"cron(0 0 32 * ? *)":                 "day-of-month",
		"cron(0 0 32W * ? *)":                "day-of-month",
		"cron(0 0 1,L * ? *)":                "day-of-month",
		"cron(0 0 W * ? *)":                  "day-of-month",
		"cron(0 0 1 13 ? *)":                 "month",
		"cron(0 0 1 jan ? *)":                "month",
		"cron(0 0 ? * 0 *)":                  "day-of-week",
		"cron(0 0 ? * 8 *)":                  "day-of-week",
		"cron(0 0 ? * NOT *)":                "day-of-week",
		"cron(0 0 ? * FRI-MON *)":            "day-of-week",
		"cron(0 0 ? * 3#6 *)":                "day-of-week",
		"cron(0 0 ? * 3#1,6#3 *)":            "day-of-week",
		"cron(0 0 ? * 9L *)":                 "day-of-week",
		"cron(0 0 1 * ? 1969)":               "year",
		"cron(0 0 1 * ? 2200)":               "year",
		"cron(0 0 1 * ? ?)":                  "year",
		"rate()":                             "",
		"rate(10)":                           "",
		"rate(10 seconds)":                   "",
		"rate(10 years)":                     "",
		"rate(10 minutess)":                  "",
		"rate(foo minutes)":                  "",
		"rate(-10 minutes)":                  "",
		"rate( 10 minutes )":                 "",
		" rate(10 minutes)":                  "",
		"rate(10 MINUTES)":                   "",
		"rate(0 minutes)":                    "value",
		"rate(99999999999999999999 minutes)": "value",
		"rate(36501 days)":                   "value",
		"at(2021-12-31)":                     "",
		"at(2021-12-31T23:59:59Z)":           "",
		"at(2021-12-31T23:59:59.5)":          "",
		"at(2021-02-29T00:00:00)":            "",
		"at(2021-12-31T24:00:00)":            "",
		"cron(0 0 1 * ? *" + strings.Repeat(" ", 256) + ")": "",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			_, err := expression.Parse(text, time.UTC)
			refused, ok := errors.AsType[*expression.SyntaxError](err)
			if !ok || refused.Field != field || !strings.Contains(err.Error(), "want ") {
				t.Errorf("%v, want a refusal of %q", err, field)
			}
		})
	}
}

func TestZonesAreNamesOfTheDatabase(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Local", "Mars/Olympus", "../etc", "UTC+1"} {
		if _, err := expression.Zone(name); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("Zone(%q): %v", name, err)
		}
	}
	if utc := zone(t, ""); utc != time.UTC {
		t.Errorf("no name means %v", utc)
	}
}

func TestOnlyAnAtFiresOnce(t *testing.T) {
	t.Parallel()
	for text, recurs := range map[string]bool{"at(2026-01-01T00:00:00)": false, "rate(1 day)": true, "cron(0 0 1 * ? 2026)": true} {
		if e := parse(t, text, "UTC"); e.Recurs() != recurs || e.String() != text {
			t.Errorf("%s: %v", e, e.Recurs())
		}
	}
	var none expression.Expression
	if _, ok := none.Next(time.Time{}); ok || none.Recurs() {
		t.Error("the zero value fires")
	}
}
