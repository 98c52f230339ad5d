// Command planbackfill is the Lambda function that plans a backfill.
package main

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"delfos/shared/awsconfig"
	"delfos/shared/backfill"
	"delfos/shared/secret"
	"delfos/shared/source"
	"delfos/shared/status"
	"delfos/shared/telemetry"
)

func main() {
	logger := telemetry.NewLogger(os.Stdout, slog.LevelInfo)
	planner, err := newPlanner(context.Background(), logger)
	if err != nil {
		logger.Error("the function cannot start", "error", err)
		os.Exit(1)
	}
	lambda.Start(backfill.Handler(planner))
}

// newPlanner wires the planner to its source and its status.
func newPlanner(ctx context.Context, logger *slog.Logger) (*backfill.Planner, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second) // Lambda's limit for a start
	defer cancel()
	settings, err := backfill.ReadSettings(os.Getenv)
	if err != nil {
		return nil, err
	}
	cfg := awsconfig.FromEnvironment(os.Getenv)
	token, err := secret.NewKeeper(secret.NewReader(cfg).Text, time.Now).Token(ctx, settings.APIToken, settings.APITokenSecretARN)
	if err != nil {
		return nil, err
	}
	client, err := source.NewClient(source.ClientOptions{BaseURL: settings.SourceAPIURL, Token: token, HTTPClient: &http.Client{}, Logger: logger})
	if err != nil {
		return nil, err
	}
	return &backfill.Planner{
		Asset:     settings.Asset,
		Variables: settings.Variables,
		Calendar:  settings.Calendar,
		Status:    status.New(dynamodb.NewFromConfig(cfg), settings.Tables),
		Source:    client,
		Now:       time.Now,
		Logger:    logger,
	}, nil
}
