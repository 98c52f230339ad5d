package command

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"delfos/infra/local"
	"delfos/shared/awsconfig"
	"delfos/shared/status"
)

// Logical ids in template.yaml.
const (
	etlFunction     = "EtlFunction"
	plannerFunction = "PlanBackfillFunction"
)

// resources are the parts of a stack that the command speaks to.
type resources struct {
	etlName     string
	plannerName string
	machineARN  string // of the backfills' state machine
	tables      status.Tables
	apiURL      string // of the source API
	consoleURL  string
}

// connection is the pipeline as the AWS APIs show it.
type connection struct {
	where
	resources

	config aws.Config
	lambda *lambda.Client
	sfn    stepFunctions
	status *status.Store
	waits  *waits
}

// connect finds the deployed stack, or the running one of a data directory.
func connect(ctx context.Context, terminal Terminal, w where) (connection, error) {
	if w.isDeployed() {
		return connectDeployed(ctx, terminal, w)
	}
	stack, err := local.ReadDescriptor(w.dataDir)
	if err != nil {
		return connection{}, fmt.Errorf("%w on %s: start it with %s", err, w.dataDir, w.line("up"))
	}
	return connectLocal(terminal, w, stack), nil
}

// mend is what to do where a part of the stack is not there.
func (c connection) mend() string {
	if c.isDeployed() {
		return "deploy it again with `sam deploy`"
	}
	return "start it again with `delfos down` and `delfos up`"
}

func connectLocal(terminal Terminal, w where, stack local.Descriptor) connection {
	if !w.mustSay {
		w = where{} // errors say what to type as one types it in a clone
	}
	cfg := aws.Config{
		Region:       stack.Region,
		BaseEndpoint: aws.String(stack.AWSEndpointURL),
		HTTPClient:   awsconfig.HTTPClient(),
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
	}
	waits := newWaits(terminal)
	conn := connectTo(w, waits.watch(cfg, connection{where: w}.mend()), resources{
		etlName: stack.Functions[etlFunction], plannerName: stack.Functions[plannerFunction], machineARN: stack.StateMachineARN,
		tables: status.Tables{Partitions: stack.PartitionsTable, Runs: stack.RunsTable, Backfills: stack.BackfillsTable},
		apiURL: stack.APIURL, consoleURL: stack.ConsoleURL,
	})
	conn.waits = waits
	return conn
}

func connectTo(w where, cfg aws.Config, parts resources) connection {
	return connection{
		where: w, resources: parts, config: cfg,
		// A second try of an invocation would be a second run.
		lambda: lambda.NewFromConfig(cfg, func(o *lambda.Options) { o.RetryMaxAttempts = 1 }),
		sfn:    sfn.NewFromConfig(cfg),
		status: status.New(dynamodb.NewFromConfig(cfg), parts.tables),
	}
}
