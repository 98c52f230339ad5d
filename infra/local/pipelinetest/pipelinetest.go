// Package pipelinetest gives tests a whole pipeline within their process: the local
// AWS services behind one endpoint, the real state machine, the functions' real code
// called in place of their processes, and both databases.
//
// A package that uses it has
//
//	func TestMain(m *testing.M) { postgrestest.Main(m) }
package pipelinetest

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/jackc/pgx/v5/pgxpool"

	"delfos/infra/local/awsjson"
	"delfos/infra/local/dynamodb"
	"delfos/infra/local/endpoint"
	"delfos/infra/local/logs"
	"delfos/infra/local/postgres/postgrestest"
	"delfos/infra/local/scheduler"
	"delfos/infra/local/sqs"
	"delfos/infra/local/stepfunctions"
	"delfos/shared/awsconfig"
	"delfos/shared/bearer"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
	dbsource "delfos/shared/schema/source"
	dbtarget "delfos/shared/schema/target"
	"delfos/shared/source"
	"delfos/shared/source/sourcedb"
	"delfos/shared/source/sourcehttp"
	"delfos/shared/status"
	"delfos/shared/status/statustest"
)

// What the parts are called.
const (
	Asset     = "turbine-1"
	Region    = "us-east-1"
	AccountID = "000000000000"
	Etl       = "delfos-EtlFunction"
	Planner   = "delfos-PlanBackfillFunction"
	Reporter  = "delfos-ReportBackfillFunction"
	Queue     = "delfos-dead-letters"
	EtlLogs   = "/aws/lambda/delfos-EtlFunction"
	Tick      = "delfos-DailyTick"
	Sweep     = "delfos-Sweep"
)

// World is a pipeline of some days up to yesterday, of which the source has samples. It
// goes with the test.
type World struct {
	Pipeline *pipeline.Pipeline
	Options  pipeline.Options // that Pipeline was made with

	Calendar    partition.Calendar
	First, Last partition.Key
	Now         func() time.Time

	Status    *status.Store
	DynamoDB  *awsdynamodb.Client
	Logs      *logs.Store
	Schedules *scheduler.Service
	Queues    *sqs.Service
	Machines  *stepfunctions.Service
	Source    *pgxpool.Pool
	Target    *pgxpool.Pool

	functions *functions
	changes   *changes
	api       *httptest.Server
	endpoint  *httptest.Server
}

// New makes a world of so many days.
func New(t testing.TB, days int) *World {
	t.Helper()
	w := &World{Now: time.Now, changes: newChanges()}
	w.layCalendar(t, days)
	w.Source, w.Target = pool(t, dbsource.Migrations), pool(t, dbtarget.Migrations)
	w.api = httptest.NewServer(sourcehttp.New(sourcehttp.Options{
		Store: sourcedb.New(w.Source), Token: bearer.Fixed(token), Logger: slog.New(slog.DiscardHandler),
	}))
	t.Cleanup(w.api.Close)
	w.openServices(t)
	w.functions = w.newFunctions(t)
	w.openMachine(t)
	w.openSchedules(t)
	w.Options = w.options()
	var err error
	if w.Pipeline, err = pipeline.New(w.Options); err != nil {
		t.Fatal(err)
	}
	return w
}

// token is the source API's.
const token = "a token for tests"

// layCalendar chooses a time zone in which it is about noon, so that no day ends
// during a test.
func (w *World) layCalendar(t testing.TB, days int) {
	t.Helper()
	zone := "UTC"
	switch offset := 12 - w.Now().UTC().Hour(); {
	case offset > 0:
		zone = fmt.Sprintf("Etc/GMT-%d", offset) // east of Greenwich
	case offset < 0:
		zone = fmt.Sprintf("Etc/GMT+%d", -offset)
	}
	location, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	w.Last = partition.NewKey(w.Now().In(location)).AddDays(-1)
	w.First = w.Last.AddDays(1 - days)
	if w.Calendar, err = partition.NewCalendar(zone, w.First); err != nil {
		t.Fatal(err)
	}
}

func pool(t testing.TB, migrations fs.FS) *pgxpool.Pool {
	t.Helper()
	p, err := pgxpool.New(context.Background(), postgrestest.Database(t, migrations))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// openServices opens the services, and the endpoint that the others come behind.
func (w *World) openServices(t testing.TB) {
	t.Helper()
	handler := &later{}
	w.endpoint = httptest.NewServer(handler)
	t.Cleanup(w.endpoint.Close)
	tables, err := dynamodb.Open(dynamodb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	closes(t, tables.Close)
	w.Logs, err = logs.Open(logs.Options{Dir: t.TempDir(), Region: Region, AccountID: AccountID})
	if err != nil {
		t.Fatal(err)
	}
	closes(t, w.Logs.Close)
	w.Queues, err = sqs.Open(sqs.Options{Region: Region, AccountID: AccountID, BaseURL: w.endpoint.URL})
	if err != nil {
		t.Fatal(err)
	}
	closes(t, w.Queues.Close)
	if err := w.Queues.Declare(Queue, nil); err != nil {
		t.Fatal(err)
	}
	handler.make = func() http.Handler {
		return endpoint.Handler(endpoint.Services{
			Lambda: w.functions, Scheduler: w.Schedules, JSON: []awsjson.Service{tables, w.Queues, w.Machines, w.Logs},
		})
	}
	w.DynamoDB = awsdynamodb.NewFromConfig(w.Config())
	tablesOf, err := statustest.CreateTables(context.Background(), awsdynamodb.New(awsdynamodb.Options{
		Region: Region, BaseEndpoint: &w.endpoint.URL, Credentials: w.Config().Credentials,
		HTTPClient: direct{awsjson.Handler(tables)},
	}), "delfos")
	if err != nil {
		t.Fatal(err)
	}
	w.Options.Tables = tablesOf
	w.Status = status.New(w.DynamoDB, tablesOf)
}

// direct asks a handler without a network.
type direct struct{ handler http.Handler }

// Do answers a request.
func (d direct) Do(r *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	d.handler.ServeHTTP(recorder, r)
	return recorder.Result(), nil
}

// later makes its handler at the first request, when everything is there.
type later struct {
	once    sync.Once
	make    func() http.Handler
	handler http.Handler
}

// ServeHTTP answers a request.
func (l *later) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.once.Do(func() { l.handler = l.make() })
	l.handler.ServeHTTP(w, r)
}

func closes(t testing.TB, how func() error) {
	t.Helper()
	t.Cleanup(func() {
		if err := how(); err != nil {
			t.Error(err)
		}
	})
}

// Config is of the AWS endpoint.
func (w *World) Config() aws.Config {
	return aws.Config{
		Region: Region, BaseEndpoint: aws.String(w.endpoint.URL), HTTPClient: awsconfig.HTTPClient(),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	}
}

func (w *World) options() pipeline.Options {
	return pipeline.Options{
		Config: w.Config(), Asset: Asset, Variables: source.VariableNames()[:2], Calendar: w.Calendar,
		Etl: Etl, Planner: Planner, StateMachineARN: w.machineARN(), Tables: w.Options.Tables,
		DeadLetterQueueURL: w.endpoint.URL + "/" + AccountID + "/" + Queue, TickLogGroup: scheduler.TickLogGroup,
		SourceURL: w.api.URL, SourceToken: bearer.Fixed(token), Target: w.Target, Now: w.Now,
	}
}

// Day is the key of the nth day, from 0.
func (w *World) Day(n int) partition.Key { return w.First.AddDays(n) }

// FillSource gives the source a sample each minute of some days.
func (w *World) FillSource(t testing.TB, days ...partition.Key) {
	t.Helper()
	for _, key := range days {
		span := w.Calendar.Span(key)
		_, err := w.Source.Exec(t.Context(), `
			INSERT INTO data SELECT at, 8 + 4 * sin(extract(epoch FROM at) / 3600), 900 + 700 * sin(extract(epoch FROM at) / 5000), 15
			FROM generate_series($1::timestamptz, $2::timestamptz - interval '1 minute', interval '1 minute') AS at`, span.Start, span.End)
		if err != nil {
			t.Fatal(err)
		}
	}
}
