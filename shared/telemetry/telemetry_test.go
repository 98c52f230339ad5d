package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"delfos/shared/telemetry"
)

func TestRecordsCarryWhatTheContextKnows(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logger := telemetry.NewLogger(&out, slog.LevelInfo)
	ctx := lambdacontext.NewContext(context.Background(), &lambdacontext.LambdaContext{AwsRequestID: "request-1"})
	ctx = telemetry.Attach(ctx, slog.String("run_id", "run-1"))
	ctx = telemetry.Attach(ctx, slog.String("partition", "2026-02-20"))

	logger.With("asset", "turbine-1").InfoContext(ctx, "published", "rows", 1152)

	var record map[string]any
	if err := json.Unmarshal(out.Bytes(), &record); err != nil {
		t.Fatalf("%s: %v", out.String(), err)
	}
	for key, want := range map[string]any{
		"level": "INFO", "message": "published", "rows": 1152.0, "asset": "turbine-1",
		"run_id": "run-1", "partition": "2026-02-20", "requestId": "request-1",
	} {
		if record[key] != want {
			t.Errorf("%s = %v, want %v", key, record[key], want)
		}
	}
	if record["timestamp"] == nil {
		t.Error("no timestamp")
	}
}
