package local

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"delfos/infra/local/dynamodb"
	"delfos/infra/local/lambda"
	"delfos/infra/local/logs"
	"delfos/infra/local/scheduler"
	"delfos/infra/local/secretsmanager"
	"delfos/infra/local/template"
	"delfos/shared/etl"
)

// The secrets of the databases' owners, which template.yaml takes as parameters.
const (
	sourceSecret = "delfos/source" //nolint:gosec // a name
	targetSecret = "delfos/target" //nolint:gosec // a name
)

// authorizerParameter is template.yaml's, that says who turns strangers away.
const authorizerParameter = "SourceApiAuthorizer"

// tickLogGroup is the variable that tells a function where the history of ticks is.
const tickLogGroup = "TICK_LOG_GROUP"

// loadTemplate reads what there is to run.
func (s *Stack) loadTemplate(context.Context) error {
	s.secrets = secretsmanager.New(Region, AccountID, s.options.Now())
	chosen := s.loginParameters()
	maps.Copy(chosen, s.choices.Parameters)
	var err error
	s.template, err = loadTemplate(s.root, s.secrets, chosen, addresses{s.apiURL(), s.consoleURL(), s.awsURL()})
	if err != nil {
		return err
	}
	return s.readSettings()
}

// addresses are the URLs of a stack's ports.
type addresses struct{ api, console, aws string }

// loadTemplate reads the template as a stack at these addresses runs it.
func loadTemplate(root string, secrets *secretsmanager.Service, chosen map[string]string, at addresses) (*template.Template, error) {
	parameters := map[string]string{
		"SourceSecretArn": secrets.ARN(sourceSecret),
		"TargetSecretArn": secrets.ARN(targetSecret),
		"ConsoleSignIn":   "none", // it is served to this machine alone
		// So that who forgets the token hears of the API itself what to send.
		authorizerParameter: "none",
	}
	maps.Copy(parameters, chosen)
	return template.Load(filepath.Join(root, "template.yaml"), template.Environment{
		Parameters: parameters, Region: Region, AccountID: AccountID, StackName: StackName,
		Attributes: map[string]string{
			sourceAPI + ".ApiEndpoint":    at.api,
			consoleAPI + ".ApiEndpoint":   at.console,
			deadLetterQueue + ".QueueUrl": at.aws + "/" + AccountID + "/" + StackName + "-dead-letters",
		},
	})
}

// readSettings finds out now what the etl function would find out at its start.
func (s *Stack) readSettings() error {
	for _, function := range s.template.Functions {
		if function.LogicalID != etlFunction {
			continue
		}
		settings, err := etl.ReadSettings(func(name string) string { return function.Environment[name] })
		if err != nil {
			return fmt.Errorf("template.yaml, %s: %w", etlFunction, err)
		}
		s.settings = settings
		return s.keepTimeZone()
	}
	return fmt.Errorf("template.yaml: there is no function %s", etlFunction)
}

// openServices opens the AWS services that keep state.
func (s *Stack) openServices(ctx context.Context) error {
	return s.step("AWS services", func() (string, error) {
		if err := s.putSecrets(); err != nil {
			return "", err
		}
		var err error
		s.logs, err = logs.Open(logs.Options{Dir: s.state.logs(), Region: Region, AccountID: AccountID, Now: s.options.Now})
		if err != nil {
			return "", fmt.Errorf("open the logs: %w", err)
		}
		s.onClose("the logs", func(context.Context) error { return s.logs.Close() })
		if err := s.openTables(ctx); err != nil {
			return "", err
		}
		return "DynamoDB, SQS, Secrets Manager, CloudWatch Logs", s.openQueues()
	})
}

// openTables opens DynamoDB, or waits for the one that is given.
func (s *Stack) openTables(ctx context.Context) error {
	if s.options.DynamoDBEndpoint != "" {
		return s.awaitDynamoDB(ctx)
	}
	var err error
	s.tables, err = dynamodb.Open(dynamodb.Options{Dir: s.state.dynamodb(), Region: Region, AccountID: AccountID, Now: s.options.Now})
	if err != nil {
		return fmt.Errorf("open DynamoDB: %w", err)
	}
	s.onClose("DynamoDB", func(context.Context) error { return s.tables.Close() })
	return nil
}

// putSecrets gives Secrets Manager the databases' secrets, as RDS writes them,
// and the template's own.
func (s *Stack) putSecrets() error {
	for name, database := range map[string]string{sourceSecret: sourceDatabase, targetSecret: targetDatabase} {
		text, err := databaseSecret(s.dsn[database])
		if err != nil {
			return err
		}
		s.secrets.Put(name, text)
	}
	kept, err := s.state.keptSecrets(s.template.Secrets)
	if err != nil {
		return err
	}
	for _, secret := range s.template.Secrets {
		s.secrets.Put(secret.Name, kept[secret.LogicalID])
	}
	s.descriptor.APIToken = kept[apiTokenSecret]
	return nil
}

func databaseSecret(dsn string) (string, error) {
	u, err := url.Parse(dsn)
	if err != nil {
		return "", err
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		return "", err
	}
	password, _ := u.User.Password()
	text, err := json.Marshal(map[string]any{
		"engine": "postgres", "host": u.Hostname(), "port": port, "username": u.User.Username(), "password": password,
		"dbname": strings.TrimPrefix(u.Path, "/"), "sslmode": u.Query().Get("sslmode"),
	})
	return string(text), err
}

// startFunctions builds the functions and puts them behind Lambda.
func (s *Stack) startFunctions(ctx context.Context) error {
	return s.step("Functions", func() (string, error) {
		bootstraps, err := s.bootstraps(ctx)
		if err != nil {
			return "", err
		}
		s.lambda, err = lambda.New(lambda.Options{
			Region: Region, AccountID: AccountID, Dir: s.state.lambda(), Logs: s.logs, Now: s.options.Now, NewID: uuid.NewString,
			Destination: s.sendToQueue,
		})
		if err != nil {
			return "", fmt.Errorf("start Lambda: %w", err)
		}
		s.onClose("the functions", func(context.Context) error { return s.lambda.Close() })
		var names []string
		for _, function := range s.template.Functions {
			if err := s.lambda.Register(s.function(function, bootstraps[function.LogicalID])); err != nil {
				return "", fmt.Errorf("register %s: %w", function.LogicalID, err)
			}
			names = append(names, function.LogicalID)
		}
		return strings.Join(names, ", "), nil
	})
}

// bootstraps are those that are built already, if there are any, and otherwise new ones.
func (s *Stack) bootstraps(ctx context.Context) (map[string]string, error) {
	if s.options.FunctionsDir != "" {
		return prebuilt(s.options.FunctionsDir, s.template.Functions)
	}
	return Build(ctx, s.root, s.state.functions(), s.template.Functions, s.options.Reporter.Update)
}

// function is the template's function with what reaches it to the local services.
func (s *Stack) function(f template.Function, bootstrap string) lambda.Function {
	environment := map[string]string{}
	maps.Copy(environment, f.Environment)
	maps.Copy(environment, map[string]string{
		"AWS_ENDPOINT_URL":          s.awsURL(), // which the template leaves empty
		"AWS_ACCESS_KEY_ID":         "local",
		"AWS_SECRET_ACCESS_KEY":     "local",
		"AWS_EC2_METADATA_DISABLED": "true",
	})
	if _, reads := environment[tickLogGroup]; reads {
		environment[tickLogGroup] = scheduler.TickLogGroup
	}
	return lambda.Function{
		Name: f.Name, Command: []string{bootstrap}, Environment: environment,
		Timeout: f.Timeout, MemoryMB: f.MemoryMB, ReservedConcurrency: f.ReservedConcurrency, Architecture: f.Architecture,
		LogGroup: f.LogGroup, AsyncRetries: &f.AsyncRetries, OnFailureDestination: f.OnFailureARN,
	}
}

// sendToQueue delivers the record of an asynchronous invocation that has failed.
func (s *Stack) sendToQueue(ctx context.Context, queueARN string, record []byte) error {
	_, err := s.queues.Send(ctx, queueARN, string(record), nil)
	return err
}
