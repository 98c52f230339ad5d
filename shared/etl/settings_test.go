package etl_test

import (
	"strings"
	"testing"
	"time"

	"delfos/shared/etl"
)

func environment() map[string]string {
	return map[string]string{
		"ASSET": "turbine-1", "VARIABLES": "wind_speed,power", "PARTITION_TIME_ZONE": "UTC", "FIRST_PARTITION": "2026-02-20",
		"WINDOW": "10m", "SAMPLE_INTERVAL": "1m", "LEASE": "15s", "RUN_RETENTION_DAYS": "400", "SOURCE_API_URL": "https://api.example", "API_TOKEN_SECRET_ARN": "arn:token",
		"TARGET_SECRET_ARN": "arn:target", "PARTITIONS_TABLE": "partitions", "RUNS_TABLE": "runs", "BACKFILLS_TABLE": "backfills",
	}
}

func TestSettingsComeFromTheEnvironment(t *testing.T) {
	t.Parallel()
	env := environment()
	s, err := etl.ReadSettings(func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	if s.Asset != "turbine-1" || len(s.Variables) != 2 || s.Window != 10*time.Minute || s.Lease != 15*time.Second ||
		s.Calendar.First().String() != "2026-02-20" || s.TargetSecretARN != "arn:target" {
		t.Errorf("ReadSettings = %+v", s)
	}
}

func TestEachWrongVariableIsNamedAndAllAtOnce(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]string{
		"ASSET": "", "VARIABLES": "wind_speed,wind_speed", "PARTITION_TIME_ZONE": "Mars/Olympus", "FIRST_PARTITION": "soon",
		"WINDOW": "0s", "SAMPLE_INTERVAL": "", "LEASE": "a while", "RUN_RETENTION_DAYS": "0", "SOURCE_API_URL": "ftp://x", "PARTITIONS_TABLE": "", "RUNS_TABLE": "", "BACKFILLS_TABLE": "",
	} {
		env := environment()
		env[name] = bad
		_, err := etl.ReadSettings(func(name string) string { return env[name] })
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s=%q: %v, want an error that names it", name, bad, err)
		}
	}
	_, err := etl.ReadSettings(func(string) string { return "" })
	for name := range environment() {
		if name = strings.Replace(name, "_SECRET_ARN", "", 1); name == "TARGET" {
			name = "TARGET_DSN"
		}
		if name == "PARTITION_TIME_ZONE" {
			continue // it cannot be judged without the first partition
		}
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("an empty environment: %v, want it to name %s", err, name)
		}
	}
}
