package etl_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delfos/shared/telemetry"
)

// metricsOf are the metrics that a record of the log makes, by name.
func metricsOf(t *testing.T, log, message string) map[string]float64 {
	t.Helper()
	for line := range strings.Lines(log) {
		var record map[string]any
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatal(err)
		}
		if record["message"] != message {
			continue
		}
		if record["asset"] != "turbine-1" || !strings.Contains(line, `"Namespace":"delfos","Dimensions":[["asset"]]`) {
			t.Errorf("no metrics of the asset: %s", line)
		}
		values := map[string]float64{}
		for _, name := range []string{"runs", "failures", "rows_read", "rows_written", "coverage", "lag_days"} {
			if value, ok := record[name].(float64); ok {
				values[name] = value
			}
		}
		return values
	}
	t.Fatalf("no record %q in:\n%s", message, log)
	return nil
}

func TestARunIsMeasuredWhetherItPublishesOrFails(t *testing.T) {
	t.Parallel()
	b := setup(t, "UTC")
	var log bytes.Buffer
	b.Logger = telemetry.NewLogger(&log, slog.LevelInfo)
	b.Settings.MetricNamespace = "delfos"
	b.fill(t, b.Settings.Calendar.Span(firstDay), time.Minute)

	if _, err := b.run(t, "2026-02-20"); err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{"runs": 1, "failures": 0, "rows_read": 1440, "rows_written": 1152, "coverage": 1, "lag_days": 275}
	if diff := cmp.Diff(want, metricsOf(t, log.String(), "published")); diff != "" {
		t.Errorf("published (-want +got):\n%s", diff)
	}

	log.Reset()
	if _, err := b.run(t, "2026-02-21"); err == nil {
		t.Fatal("a day without samples was published")
	}
	if diff := cmp.Diff(map[string]float64{"runs": 1, "failures": 1}, metricsOf(t, log.String(), "failed")); diff != "" {
		t.Errorf("failed (-want +got):\n%s", diff)
	}
}
