package console_test

import (
	"strings"
	"testing"

	"delfos/shared/console"
)

// environment is a console's on AWS.
func environment() map[string]string {
	return map[string]string{
		"ASSET": "turbine-1", "VARIABLES": "wind_speed,power", "PARTITION_TIME_ZONE": "Europe/Lisbon", "FIRST_PARTITION": "2026-02-20",
		"PARTITIONS_TABLE": "partitions", "RUNS_TABLE": "runs", "BACKFILLS_TABLE": "backfills",
		"ETL_FUNCTION": "etl", "PLANNER_FUNCTION": "planner", "STATE_MACHINE_ARN": "arn:machine",
		"SOURCE_API_URL": "https://api.example.com", "API_TOKEN_SECRET_ARN": "arn:api", "TARGET_SECRET_ARN": "arn:target",
		"CONSOLE_SIGN_IN": "token", "CONSOLE_TOKEN_SECRET_ARN": "arn:console", "CONSOLE_READ_ONLY": "false",
	}
}

func TestTheEnvironmentIsRead(t *testing.T) {
	t.Parallel()
	given := environment()
	s, err := console.ReadSettings(func(name string) string { return given[name] })
	if err != nil {
		t.Fatal(err)
	}
	if !s.SignIn || s.ReadOnly || s.TokenSecretARN != "arn:console" || s.Calendar.Location().String() != "Europe/Lisbon" || s.EtlFunction != "etl" {
		t.Errorf("%+v", s)
	}
	given["CONSOLE_SIGN_IN"], given["CONSOLE_TOKEN_SECRET_ARN"], given["CONSOLE_READ_ONLY"] = "none", "", "true"
	if s, err = console.ReadSettings(func(name string) string { return given[name] }); err != nil || s.SignIn || !s.ReadOnly {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestAnOversightDoesNotOpenTheConsole(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]struct{ variable, value string }{
		"nothing said of signing in": {"CONSOLE_SIGN_IN", ""},
		"a slip":                     {"CONSOLE_SIGN_IN", "None"},
		"no token":                   {"CONSOLE_TOKEN_SECRET_ARN", ""},
		"nothing said of changes":    {"CONSOLE_READ_ONLY", ""},
		"no machine":                 {"STATE_MACHINE_ARN", ""},
	} {
		given := environment()
		given[change.variable] = change.value
		_, err := console.ReadSettings(func(name string) string { return given[name] })
		if err == nil || !strings.Contains(err.Error(), strings.TrimSuffix(change.variable, "_SECRET_ARN")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
