package telemetry_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delfos/shared/telemetry"
)

var measured = telemetry.Metrics{
	Namespace:  "delfos",
	Dimensions: []slog.Attr{slog.String("asset", "turbine-1")},
	Values:     []telemetry.Metric{{"runs", telemetry.Count, 1}, {"coverage", telemetry.None, 0.5}, {"duration_ms", telemetry.Milliseconds, 27}},
}

func record(t *testing.T, metrics telemetry.Metrics) map[string]any {
	t.Helper()
	var out bytes.Buffer
	at := time.Date(2026, 2, 20, 1, 0, 0, 5e6, time.UTC)
	telemetry.NewLogger(&out, slog.LevelInfo).LogAttrs(t.Context(), slog.LevelInfo, "published", metrics.Attributes(at)...)
	var members map[string]any
	if err := json.Unmarshal(out.Bytes(), &members); err != nil {
		t.Fatalf("%s: %v", out.String(), err)
	}
	delete(members, "timestamp")
	return members
}

func TestMetricsAreMembersOfTheRecordThatItsMetadataNames(t *testing.T) {
	t.Parallel()
	want := map[string]any{
		"level": "INFO", "message": "published", "asset": "turbine-1", "runs": 1.0, "coverage": 0.5, "duration_ms": 27.0,
		"_aws": map[string]any{
			"Timestamp": 1771549200005.0,
			"CloudWatchMetrics": []any{map[string]any{
				"Namespace":  "delfos",
				"Dimensions": []any{[]any{"asset"}},
				"Metrics": []any{
					map[string]any{"Name": "runs", "Unit": "Count"},
					map[string]any{"Name": "coverage", "Unit": "None"},
					map[string]any{"Name": "duration_ms", "Unit": "Milliseconds"},
				},
			}},
		},
	}
	if diff := cmp.Diff(want, record(t, measured)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWithoutANamespaceTheNumbersStayInTheLog(t *testing.T) {
	t.Parallel()
	quiet := measured
	quiet.Namespace = ""
	want := map[string]any{"level": "INFO", "message": "published", "asset": "turbine-1", "runs": 1.0, "coverage": 0.5, "duration_ms": 27.0}
	if diff := cmp.Diff(want, record(t, quiet)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
