// Command sourceapi is the Lambda function that serves the source API.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"delfos/shared/awsconfig"
	"delfos/shared/postgres"
	"delfos/shared/secret"
	"delfos/shared/source/sourcedb"
	"delfos/shared/source/sourcehttp"
	"delfos/shared/telemetry"
)

// wakeTimeout is for how long a request waits for a connection. A paused cluster
// takes some 15 s to wake; meanwhile the API answers 503 with Retry-After rather
// than let its clients, who wait 10 s, guess.
const wakeTimeout = 5 * time.Second

func main() {
	logger := telemetry.NewLogger(os.Stdout, slog.LevelInfo)
	handler, err := newHandler(context.Background(), logger)
	if err != nil {
		logger.Error("the function cannot start", "error", err)
		os.Exit(1)
	}
	lambda.Start(handler)
}

// newHandler wires the API to its database and its token.
func newHandler(ctx context.Context, logger *slog.Logger) (sourcehttp.LambdaHandler, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second) // Lambda's limit for a start
	defer cancel()
	secrets := secret.NewKeeper(secret.NewReader(awsconfig.FromEnvironment(os.Getenv)).Text, time.Now)
	token, err := secrets.Token(ctx, os.Getenv("API_TOKEN"), os.Getenv("API_TOKEN_SECRET_ARN"))
	if err != nil {
		return nil, fmt.Errorf("API_TOKEN, API_TOKEN_SECRET_ARN: %w", err)
	}
	pool, err := postgres.Connect(ctx, postgres.Settings{
		AskDSN:          postgres.DSNFrom(secrets, os.Getenv("SOURCE_DSN"), os.Getenv("SOURCE_SECRET_ARN")),
		ApplicationName: "delfos-sourceapi", ConnectTimeout: wakeTimeout,
	})
	if err != nil {
		return nil, fmt.Errorf("SOURCE_DSN, SOURCE_SECRET_ARN: %w", err)
	}
	return sourcehttp.Lambda(sourcehttp.New(sourcehttp.Options{Store: sourcedb.New(pool), Token: token, Logger: logger})), nil
}
