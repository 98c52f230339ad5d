package local

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
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

// The secrets of the databases, which template.yaml takes as parameters.
const (
	sourceSecret = "delfos/source" //nolint:gosec // a name
	targetSecret = "delfos/target" //nolint:gosec // a name
)

// tickLogGroup is the variable that tells a function where the history of ticks is.
const tickLogGroup = "TICK_LOG_GROUP"

// loadTemplate reads what there is to run.
func (s *Stack) loadTemplate(context.Context) error {
	s.secrets = secretsmanager.New(Region, AccountID, s.options.Now())
	parameters := map[string]string{
		"SourceSecretArn": s.secrets.ARN(sourceSecret),
		"TargetSecretArn": s.secrets.ARN(targetSecret),
		"ConsoleSignIn":   "none", // it is served to this machine alone
	}
	maps.Copy(parameters, s.choices.Parameters)
	var err error
	s.template, err = template.Load(s.root+"/template.yaml", template.Environment{
		Parameters: parameters, Region: Region, AccountID: AccountID, StackName: StackName,
		Attributes: map[string]string{
			sourceAPI + ".ApiEndpoint":    s.apiURL(),
			consoleAPI + ".ApiEndpoint":   s.consoleURL(),
			deadLetterQueue + ".QueueUrl": s.awsURL() + "/" + AccountID + "/" + StackName + "-dead-letters",
		},
	})
	if err != nil {
		return err
	}
	return s.readSettings()
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
func (s *Stack) openServices(context.Context) error {
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
		s.tables, err = dynamodb.Open(dynamodb.Options{Dir: s.state.dynamodb(), Region: Region, AccountID: AccountID, Now: s.options.Now})
		if err != nil {
			return "", fmt.Errorf("open DynamoDB: %w", err)
		}
		s.onClose("DynamoDB", func(context.Context) error { return s.tables.Close() })
		return "DynamoDB, SQS, Secrets Manager, CloudWatch Logs", s.openQueues()
	})
}

// putSecrets gives Secrets Manager the databases' secrets, as RDS writes them,
// and the template's own.
func (s *Stack) putSecrets() error {
	for name, database := range map[string]string{sourceSecret: sourceDatabase, targetSecret: targetDatabase} {
		text, err := databaseSecret(s.database.DSN(database))
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
		"dbname": strings.TrimPrefix(u.Path, "/"), "sslmode": "disable", // the server listens on this machine alone
	})
	return string(text), err
}

// startFunctions builds the functions and puts them behind Lambda.
func (s *Stack) startFunctions(ctx context.Context) error {
	return s.step("Functions", func() (string, error) {
		bootstraps, err := Build(ctx, s.root, s.state.functions(), s.template.Functions, s.options.Reporter.Update)
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

// function is the template's function with what reaches it to the local services.
func (s *Stack) function(f template.Function, bootstrap string) lambda.Function {
	environment := map[string]string{
		"AWS_ENDPOINT_URL":          s.awsURL(),
		"AWS_ACCESS_KEY_ID":         "local",
		"AWS_SECRET_ACCESS_KEY":     "local",
		"AWS_EC2_METADATA_DISABLED": "true",
	}
	maps.Copy(environment, f.Environment)
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
