package environment_test

import (
	"strings"
	"testing"
	"time"

	"delfos/shared/environment"
)

func reader(variables map[string]string) *environment.Reader {
	return environment.NewReader(func(name string) string { return variables[name] })
}

func TestWhatIsSetIsRead(t *testing.T) {
	t.Parallel()
	e := reader(map[string]string{
		"NAME": "turbine-1", "TOKEN_ARN": "arn", "WINDOW": "10m", "KEEP": "7", "URL": "http://127.0.0.1:8000",
		"WORDS": "b, a", "ZONE": "Europe/Lisbon", "FIRST": "2026-02-20", "SWITCH": "off",
	})
	e.Either("TOKEN", "TOKEN_ARN")
	words, calendar := e.Some("WORDS", []string{"a", "b", "c"}), e.Calendar("ZONE", "FIRST")
	if e.Required("NAME") != "turbine-1" || e.Optional("NONE") != "" || e.Duration("WINDOW", time.Second, time.Hour) != 10*time.Minute ||
		e.Days("KEEP", 1, 7) != 7*24*time.Hour || e.OneOf("SWITCH", "on", "off") != "off" || e.URL("URL") != "http://127.0.0.1:8000" || strings.Join(words, " ") != "b a" ||
		calendar.First().String() != "2026-02-20" || calendar.Location().String() != "Europe/Lisbon" {
		t.Errorf("words %v, calendar %v", words, calendar)
	}
	if err := e.Err(); err != nil {
		t.Error(err)
	}
}

func TestEverythingThatIsWrongIsToldAtOnce(t *testing.T) {
	t.Parallel()
	e := reader(map[string]string{
		"WINDOW": "2h", "KEEP": "8", "URL": "ftp://x", "WORDS": "a,a", "ZONE": "Mars/Olympus", "FIRST": "2026-02-20", "SOON": "soon", "SWITCH": "perhaps",
	})
	e.Required("NAME")
	e.Either("TOKEN", "TOKEN_ARN")
	e.Duration("WINDOW", time.Second, time.Hour)
	e.Days("KEEP", 1, 7)
	e.URL("URL")
	e.OneOf("SWITCH", "on", "off")
	e.Some("WORDS", []string{"a"})
	e.Calendar("ZONE", "FIRST")
	e.Calendar("ZONE", "SOON")
	err := e.Err()
	for _, want := range []string{
		"NAME: it is not set", "TOKEN: it is not set, and neither is TOKEN_ARN", `WINDOW: "2h"; want a duration from 1s to 1h0m0s`,
		`KEEP: "8"; want 1 to 7 days`, `URL: "ftp://x"; want an http or https URL`, `WORDS: "a"; want some of a, each once`,
		`ZONE: time zone "Mars/Olympus"`, "SOON: ", `SWITCH: "perhaps"; want one of on, off`,
	} {
		if err == nil || !strings.Contains(err.Error(), "environment variable "+want) {
			t.Errorf("have %v\nwant it to say %q", err, want)
		}
	}
}
