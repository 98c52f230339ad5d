// Command migrate is the Lambda function that CloudFormation calls to bring the
// databases up to date.
package main

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"time"
	_ "time/tzdata" // provided.al2023 has no time zones

	"github.com/aws/aws-lambda-go/lambda"

	"delfos/shared/awsconfig"
	"delfos/shared/environment"
	"delfos/shared/partition"
	"delfos/shared/postgres"
	"delfos/shared/provision"
	"delfos/shared/schema"
	"delfos/shared/secret"
	"delfos/shared/telemetry"
	"delfos/shared/turbine"
)

func main() {
	logger := telemetry.NewLogger(os.Stdout, slog.LevelInfo)
	secrets := secret.NewReader(awsconfig.FromEnvironment(os.Getenv))
	source, target := schema.Source(os.Getenv, secrets), schema.Target(os.Getenv, secrets)
	lambda.Start(provision.Handler(&provision.Provisioner{
		Databases: []provision.Database{source, target},
		Demo: func(ctx context.Context, days int) (int64, error) {
			return demo(ctx, source.DSN, days)
		},
		Answer:  provision.Send(&http.Client{}, sleep),
		Secrets: secrets,
		Logger:  logger,
	}))
}

// demo fills in the first days, the same as on every machine.
func demo(ctx context.Context, sourceDSN func(context.Context) (string, error), days int) (int64, error) {
	e := environment.NewReader(os.Getenv)
	calendar := e.Calendar("PARTITION_TIME_ZONE", "FIRST_PARTITION")
	if err := e.Err(); err != nil {
		return 0, err
	}
	text, err := sourceDSN(ctx)
	if err != nil {
		return 0, err
	}
	conn, err := postgres.Wake(ctx, text)
	if err != nil {
		return 0, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	from, to := span(calendar, days)
	return turbine.Fill(ctx, conn, turbine.New(turbine.ExampleSeed), from, to, nil)
}

func span(calendar partition.Calendar, days int) (from, to time.Time) {
	first := calendar.First()
	return calendar.Span(first).Start, calendar.Span(first.AddDays(days)).Start
}

func sleep(ctx context.Context, pause time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pause):
		return nil
	}
}
