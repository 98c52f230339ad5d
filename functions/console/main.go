// Command console is the Lambda function that serves the web console.
package main

import (
	"context"
	"log/slog"
	"os"
	"time"
	_ "time/tzdata" // provided.al2023 has no time zones

	"github.com/aws/aws-lambda-go/lambda"

	"delfos/shared/awsconfig"
	"delfos/shared/bearer"
	"delfos/shared/console"
	"delfos/shared/console/site"
	"delfos/shared/gateway"
	"delfos/shared/pipeline"
	"delfos/shared/postgres"
	"delfos/shared/secret"
	"delfos/shared/telemetry"
)

func main() {
	logger := telemetry.NewLogger(os.Stdout, slog.LevelInfo)
	handler, err := newHandler(context.Background(), logger)
	if err != nil {
		logger.Error("the function cannot start", "error", err)
		os.Exit(1)
	}
	lambda.Start(handler)
}

// newHandler wires the console to its pipeline.
func newHandler(ctx context.Context, logger *slog.Logger) (gateway.Handler, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second) // Lambda's limit for a start
	defer cancel()
	settings, err := console.ReadSettings(os.Getenv)
	if err != nil {
		return nil, err
	}
	secrets := secret.NewKeeper(secret.NewReader(awsconfig.FromEnvironment(os.Getenv)).Text, time.Now)
	apiToken, err := secrets.Token(ctx, settings.APIToken, settings.APITokenSecretARN)
	if err != nil {
		return nil, err
	}
	p, err := newPipeline(ctx, settings, secrets, apiToken, logger)
	if err != nil {
		return nil, err
	}
	options := site.Options{
		Asset: settings.Asset, Location: settings.Calendar.Location(), ReadOnly: settings.ReadOnly, Logger: logger,
	}
	if err := sign(ctx, &options, settings, secrets, apiToken); err != nil {
		return nil, err
	}
	return console.Lambda(console.New(console.Options{Site: options, Pipeline: p, DocsURL: settings.SourceAPIURL})), nil
}

// sign has people sign in by the console's token, if they are to, and sessions and forms
// signed by that or, where nobody signs in, by the API's.
func sign(ctx context.Context, options *site.Options, settings console.Settings, secrets *secret.Keeper, apiToken bearer.Token) (err error) {
	options.Secret = apiToken
	if settings.SignIn {
		options.Token, err = secrets.Token(ctx, settings.Token, settings.TokenSecretARN)
		options.Secret = options.Token
	}
	return err
}

// newPipeline wires the pipeline to the AWS services and the target.
func newPipeline(ctx context.Context, settings console.Settings, secrets *secret.Keeper, apiToken bearer.Token, logger *slog.Logger) (*pipeline.Pipeline, error) {
	pool, err := postgres.Connect(ctx, postgres.Settings{
		AskDSN:          postgres.DSNFrom(secrets, settings.TargetDSN, settings.TargetSecretARN),
		ApplicationName: "delfos-console",
	})
	if err != nil {
		return nil, err
	}
	return pipeline.New(pipeline.Options{
		Config: awsconfig.FromEnvironment(os.Getenv),
		Asset:  settings.Asset, Variables: settings.Variables, Calendar: settings.Calendar,
		Etl: settings.EtlFunction, Planner: settings.PlannerFunction, StateMachineARN: settings.StateMachineARN,
		Tables: settings.Tables, DeadLetterQueueURL: settings.DeadLetterQueueURL,
		ScheduleGroup: settings.ScheduleGroup, TickLogGroup: settings.TickLogGroup,
		SourceURL: settings.SourceAPIURL, SourceToken: apiToken, Target: pool, Logger: logger,
	})
}
