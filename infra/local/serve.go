package local

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/google/uuid"

	"delfos/infra/local/awsjson"
	"delfos/infra/local/dynamodb"
	"delfos/infra/local/endpoint"
	"delfos/infra/local/httpapi"
	"delfos/infra/local/sts"
	"delfos/infra/local/template"
)

// Logical ids in template.yaml that have a place of their own in the descriptor.
const (
	etlFunction     = "EtlFunction"
	sourceAPI       = "SourceApi"
	consoleAPI      = "ConsoleApi"
	apiTokenSecret  = "ApiToken"
	partitionsTable = "PartitionsTable"
	runsTable       = "RunsTable"
	backfillsTable  = "BackfillsTable"
	deadLetterQueue = "DeadLetterQueue"
	stateMachine    = "BackfillStateMachine"
)

// PortTakenError says that another program serves at a port.
type PortTakenError struct {
	Port int
	Flag string // that chooses another
}

// Error says how to choose another port.
func (e *PortTakenError) Error() string {
	return fmt.Sprintf("port %d is taken by another program: stop that one, or choose another port with %s (0 is any free)", e.Port, e.Flag)
}

// listen takes the ports first of all: a port that is taken is found at once.
func (s *Stack) listen(context.Context) error {
	var err error
	if s.api, err = listenOn(s.options.Bind, s.options.APIPort, "--api-port"); err != nil {
		return err
	}
	s.onClose("the source API's port", closeListener(s.api))
	if s.aws, err = listenOn(s.options.Bind, s.options.AWSPort, "--aws-port"); err != nil {
		return err
	}
	s.onClose("the AWS endpoint's port", closeListener(s.aws))
	if s.console, err = listenOn(s.options.Bind, s.options.ConsolePort, "--console-port"); err != nil {
		return err
	}
	s.onClose("the console's port", closeListener(s.console))
	return nil
}

func closeListener(listener net.Listener) func(context.Context) error {
	return func(context.Context) error {
		if err := listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	}
}

func (s *Stack) apiURL() string     { return urlOf(s.api) }
func (s *Stack) awsURL() string     { return urlOf(s.aws) }
func (s *Stack) consoleURL() string { return urlOf(s.console) }

// serve opens the source API and the AWS endpoint to requests.
func (s *Stack) serve(context.Context) error {
	for _, api := range s.template.HTTPAPIs {
		place, served := map[string]struct {
			name     string
			listener net.Listener
		}{sourceAPI: {"the source API", s.api}, consoleAPI: {"the console", s.console}}[api.LogicalID]
		if !served {
			return fmt.Errorf("template.yaml: the local stack has no port for the HTTP API %s", api.LogicalID)
		}
		handler, err := httpapi.New(httpAPI(api), s.lambda, s.options.Now, uuid.NewString)
		if err != nil {
			return err
		}
		s.serveAt(place.name, place.listener, endpoint.Only(s.hosts(), handler))
	}
	services := endpoint.Services{
		Lambda: s.lambda, Scheduler: s.schedules, STS: &sts.Service{AccountID: AccountID},
		CloudFormation: s.cloudFormation(), APIGateway: s.apiGateway(),
		JSON: []awsjson.Service{s.logs, s.secrets, s.queues, s.events, s.machines},
	}
	if s.tables != nil {
		services.JSON = append(services.JSON, s.tables)
	} else {
		given, err := url.Parse(s.options.DynamoDBEndpoint)
		if err != nil {
			return err
		}
		services.Forwarded = map[string]http.Handler{dynamodb.TargetPrefix: endpoint.Forward("DynamoDB", given)}
	}
	s.serveAt("the AWS endpoint", s.aws, endpoint.Only(s.hosts(), endpoint.Handler(services)))
	return nil
}

// httpAPI is the template's API as it is served.
func httpAPI(api template.HTTPAPI) httpapi.API {
	served := httpapi.API{ID: api.ID, AccountID: AccountID, Region: Region}
	for _, route := range api.Routes {
		served.IntegrationTimeout = max(served.IntegrationTimeout, route.Timeout)
		served.Routes = append(served.Routes, httpapi.Route{Key: route.Key, Function: route.Function, Authorizer: route.Authorizer})
	}
	for _, authorizer := range api.Authorizers {
		served.Authorizers = append(served.Authorizers, httpapi.Authorizer{
			Name: authorizer.Name, Function: authorizer.Function, IdentitySource: authorizer.IdentitySource, TTL: authorizer.TTL,
		})
	}
	return served
}

func (s *Stack) serveAt(name string, listener net.Listener, handler http.Handler) {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.fail(fmt.Errorf("%s has ended: %w", name, err))
		}
	}()
	s.onClose(name, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			return server.Close() // whoever still waits is cut off
		}
		return nil
	})
}

// awaitReady asks the source API for its health: the answer has come through the
// HTTP API, Lambda, the function's process, Secrets Manager and the database.
func (s *Stack) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	return s.step("First request", func() (string, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.apiURL()+"/health", nil)
		if err != nil {
			return "", err
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			return "", fmt.Errorf("the source API does not answer: %w", err)
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return "", fmt.Errorf("the source API is not healthy: %s; its log is in %s", answer.Status, s.state.logs())
		}
		return "answered", nil
	})
}

// publishDescriptor tells the world that the stack is ready.
func (s *Stack) publishDescriptor(context.Context) error {
	d := &s.descriptor
	d.PID, d.Region = os.Getpid(), Region
	d.APIURL, d.AWSEndpointURL, d.ConsoleURL = s.apiURL(), s.awsURL(), s.consoleURL()
	d.SourceDSN, d.TargetDSN = s.dsn[sourceDatabase], s.dsn[targetDatabase]
	d.Functions = map[string]string{}
	for _, function := range s.template.Functions {
		d.Functions[function.LogicalID] = function.Name
	}
	for _, table := range s.template.Tables {
		switch table.LogicalID {
		case partitionsTable:
			d.PartitionsTable = *table.Create.TableName
		case runsTable:
			d.RunsTable = *table.Create.TableName
		case backfillsTable:
			d.BackfillsTable = *table.Create.TableName
		}
	}
	for _, machine := range s.template.StateMachines {
		if machine.LogicalID == stateMachine {
			d.StateMachineARN = machine.ARN
		}
	}
	if err := s.remember(); err != nil {
		return err
	}
	s.onClose("the descriptor", func(context.Context) error { return forgetDescriptor(s.state.dir) })
	return d.write(s.state.dir)
}
