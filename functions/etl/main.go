// Command etl is the Lambda function that publishes one partition.
package main

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"time"
	_ "time/tzdata" // provided.al2023 has no time zones

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/oklog/ulid/v2"

	"delfos/shared/awsconfig"
	"delfos/shared/etl"
	"delfos/shared/postgres"
	"delfos/shared/secret"
	"delfos/shared/source"
	"delfos/shared/status"
	"delfos/shared/target"
	"delfos/shared/telemetry"
)

func main() {
	logger := telemetry.NewLogger(os.Stdout, slog.LevelInfo)
	runner, err := newRunner(context.Background(), logger)
	if err != nil {
		logger.Error("the function cannot start", "error", err)
		os.Exit(1)
	}
	lambda.Start(etl.Handler(runner))
}

// newRunner wires the run to its source, its target and its status.
func newRunner(ctx context.Context, logger *slog.Logger) (*etl.Runner, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second) // Lambda's limit for a start
	defer cancel()
	settings, err := etl.ReadSettings(os.Getenv)
	if err != nil {
		return nil, err
	}
	cfg := awsconfig.FromEnvironment(os.Getenv)
	secrets := secret.NewKeeper(secret.NewReader(cfg).Text, time.Now)
	token, err := secrets.Token(ctx, settings.APIToken, settings.APITokenSecretARN)
	if err != nil {
		return nil, err
	}
	client, err := source.NewClient(source.ClientOptions{BaseURL: settings.SourceAPIURL, Token: token, HTTPClient: &http.Client{}, Logger: logger})
	if err != nil {
		return nil, err
	}
	pool, err := postgres.Connect(ctx, postgres.Settings{
		AskDSN:          postgres.DSNFrom(secrets, settings.TargetDSN, settings.TargetSecretARN),
		ApplicationName: "delfos-etl",
	})
	if err != nil {
		return nil, err
	}
	return &etl.Runner{
		Settings: settings,
		Source:   client,
		Target:   target.New(pool),
		Status:   status.New(dynamodb.NewFromConfig(cfg), settings.Tables),
		Now:      time.Now,
		NewRunID: func() string { return ulid.Make().String() },
		Logger:   logger,
	}, nil
}
