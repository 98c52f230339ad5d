// Command reportbackfill is the Lambda function that tells what became of a
// backfill's partitions.
package main

import (
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"delfos/shared/awsconfig"
	"delfos/shared/backfill/report"
	"delfos/shared/environment"
	"delfos/shared/status"
	"delfos/shared/telemetry"
)

func main() {
	logger := telemetry.NewLogger(os.Stdout, slog.LevelInfo)
	e := environment.NewReader(os.Getenv)
	asset := e.Required("ASSET")
	tables := status.Tables{Partitions: e.Required("PARTITIONS_TABLE"), Runs: e.Required("RUNS_TABLE"), Backfills: e.Required("BACKFILLS_TABLE")}
	if err := e.Err(); err != nil {
		logger.Error("the function cannot start", "error", err)
		os.Exit(1)
	}
	lambda.Start(report.Handler(&report.Reporter{
		Asset:  asset,
		Status: status.New(dynamodb.NewFromConfig(awsconfig.FromEnvironment(os.Getenv)), tables),
		Now:    time.Now,
		Logger: logger,
	}))
}
