package local

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"delfos/infra/local/dynamodb"
	"delfos/infra/local/eventbridge"
	"delfos/infra/local/lambda"
	"delfos/infra/local/logs"
	"delfos/infra/local/postgres"
	"delfos/infra/local/scheduler"
	"delfos/infra/local/secretsmanager"
	"delfos/infra/local/sqs"
	"delfos/infra/local/stepfunctions"
	"delfos/infra/local/template"
	"delfos/shared/etl"
	"delfos/shared/partition"
)

// stopWithin bounds the end of a stack: PostgreSQL's shutdown takes the longest.
const stopWithin = 30 * time.Second

// Stack is the running system. It ends with Close.
type Stack struct {
	options    Options
	root       string // where template.yaml is
	state      state
	descriptor Descriptor

	choices  choices
	settings etl.Settings // of the etl function, as the template gives them

	api, aws, console net.Listener
	template          *template.Template
	database          *postgres.Server  // nil where both databases are given
	dsn               map[string]string // of each database, by its name
	secrets           *secretsmanager.Service
	tables            *dynamodb.Server // nil where a DynamoDB is given
	logs              *logs.Store
	lambda            *lambda.Service

	queues    *sqs.Service
	events    *eventbridge.Bus
	machines  *stepfunctions.Service
	schedules *scheduler.Service

	closers []closer
	failed  chan error
}

// closer ends one part of the stack.
type closer struct {
	part  string
	close func(context.Context) error
}

// Start brings the stack up, and returns when a request to it is answered. What
// it started is stopped again where a step fails.
func Start(ctx context.Context, options Options) (*Stack, error) {
	options, err := options.complete()
	if err != nil {
		return nil, err
	}
	s := &Stack{options: options, failed: make(chan error, 1)}
	for _, step := range []func(context.Context) error{
		s.takeDirectory, s.listen, s.loadTemplate, s.removeOldState, s.startDatabases, s.seed,
		s.openServices, s.startFunctions, s.openOrchestration, s.serve, s.createTables, s.awaitReady,
		s.beginByThemselves, s.publishDescriptor,
	} {
		if err := step(ctx); err != nil {
			return nil, errors.Join(err, s.Close(context.WithoutCancel(ctx)))
		}
	}
	return s, nil
}

// Descriptor says where the stack is.
func (s *Stack) Descriptor() Descriptor { return s.descriptor }

// FirstPartition is the first day that there is.
func (s *Stack) FirstPartition() partition.Key { return s.settings.Calendar.First() }

// SeedDays is how many days from the first partition on the source was filled with;
// below 1 none.
func (s *Stack) SeedDays() int { return s.choices.SeedDays }

// DataDir is where the stack's state is.
func (s *Stack) DataDir() string { return s.state.dir }

// Failed hears of a part that ended by itself, such as a PostgreSQL that was
// killed; the stack is of no use from then on.
func (s *Stack) Failed() <-chan error { return s.failed }

// fail tells whoever listens to Failed; one failure is enough to end the stack.
func (s *Stack) fail(err error) {
	select {
	case s.failed <- err:
	default: // there is one already
	}
}

// Functions tells what each function has done so far, by its logical id.
func (s *Stack) Functions() map[string]lambda.Stats {
	all := s.lambda.Stats()
	byID := make(map[string]lambda.Stats, len(all))
	for _, function := range s.template.Functions {
		byID[function.LogicalID] = all[function.Name]
	}
	return byID
}

// Executions tells how many executions of state machines run and have ended.
func (s *Stack) Executions() stepfunctions.Stats { return s.machines.Stats() }

// Close stops all that Start started, last first, and leaves the state on disk.
func (s *Stack) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, stopWithin)
	defer cancel()
	var problems []error
	for _, c := range slices.Backward(s.closers) {
		if err := c.close(ctx); err != nil {
			problems = append(problems, fmt.Errorf("stop %s: %w", c.part, err))
		}
	}
	s.closers = nil
	return errors.Join(problems...)
}

func (s *Stack) onClose(part string, end func(context.Context) error) {
	s.closers = append(s.closers, closer{part, end})
}

// step reports one step of Start around the work that it is.
func (s *Stack) step(name string, work func() (outcome string, err error)) error {
	s.options.Reporter.Begin(name)
	outcome, err := work()
	if err != nil {
		outcome = "failed"
	}
	s.options.Reporter.End(outcome)
	return err
}
