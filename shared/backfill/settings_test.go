package backfill_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"delfos/shared/backfill"
)

func TestSettingsComeFromTheEnvironment(t *testing.T) {
	t.Parallel()
	variables := map[string]string{
		"ASSET": "turbine-1", "VARIABLES": "wind_speed,power", "PARTITION_TIME_ZONE": "UTC", "FIRST_PARTITION": "2026-02-20",
		"SOURCE_API_URL": "https://api.example", "API_TOKEN_SECRET_ARN": "arn:token", "PARTITIONS_TABLE": "p", "BACKFILLS_TABLE": "b",
	}
	s, err := backfill.ReadSettings(func(name string) string { return variables[name] })
	if err != nil || s.Asset != "turbine-1" || len(s.Variables) != 2 || s.Calendar.First() != first || s.Tables.Backfills != "b" {
		t.Errorf("%+v, %v", s, err)
	}
	_, err = backfill.ReadSettings(func(string) string { return "" })
	for name := range variables {
		name = strings.TrimSuffix(name, "_SECRET_ARN")
		if name != "PARTITION_TIME_ZONE" && !strings.Contains(err.Error(), name) { // it cannot be judged without the first partition
			t.Errorf("an empty environment: %v, want it to name %s", err, name)
		}
	}
}

func TestTheFunctionsOwnEventsAreEvents(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../functions/planbackfill/events/*.json")
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := backfill.ParseEvent(text); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}
