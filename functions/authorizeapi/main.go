// Command authorizeapi is the Lambda authorizer of the source API: API Gateway asks it
// whether a request for data has the token.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"delfos/shared/authorizer"
	"delfos/shared/awsconfig"
	"delfos/shared/secret"
	"delfos/shared/telemetry"
)

// readTimeout is for how long the secret may take, below the function's own timeout. An
// authorizer without it does not start, and lets nobody through.
const readTimeout = 4 * time.Second

func main() {
	logger := telemetry.NewLogger(os.Stdout, slog.LevelInfo)
	handler, err := newHandler(context.Background(), logger)
	if err != nil {
		logger.Error("the function cannot start", "error", err)
		os.Exit(1)
	}
	lambda.Start(handler)
}

// newHandler wires the authorizer to the API's token.
func newHandler(ctx context.Context, logger *slog.Logger) (authorizer.Handler, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	secrets := secret.NewKeeper(secret.NewReader(awsconfig.FromEnvironment(os.Getenv)).Text, time.Now)
	token, err := secrets.Token(ctx, os.Getenv("API_TOKEN"), os.Getenv("API_TOKEN_SECRET_ARN"))
	if err != nil {
		return nil, fmt.Errorf("API_TOKEN, API_TOKEN_SECRET_ARN: %w", err)
	}
	return authorizer.New(token, logger), nil
}
