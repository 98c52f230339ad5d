package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/oklog/ulid/v2"

	"delfos/infra/local/awsjson"
	"delfos/infra/local/dynamodb"
	"delfos/infra/local/lambda"
	"delfos/shared/awsconfig"
	"delfos/shared/bearer"
	"delfos/shared/etl"
	"delfos/shared/partition"
	"delfos/shared/source"
	"delfos/shared/status"
	"delfos/shared/status/statustest"
	"delfos/shared/target"
)

// BenchmarkDayRun publishes a day again and again, into a target that holds a year:
// read raw and written by COPY; by a run in this process (within 1.5 of raw); and by
// a run in the etl's real process behind the local Lambda. Both runs read through
// the API over HTTP and keep their status in the local DynamoDB, on disk.
func BenchmarkDayRun(b *testing.B) {
	_, sourcePool := minutes(b)
	targetDSN, targetPool := year(b)
	api := serveAPI(b, sourcePool)
	table := serveDynamoDB(b)
	parts := &parts{taken: map[string][]time.Duration{}}
	runner := newRunner(b, api, targetPool, table, parts)
	functions := newLambda(b)
	register(b, functions, "etl", 512, etlEnvironment(api, targetDSN, table, "1m"))
	rows := publishedRows(b, runner, targetPool)
	inTurns(b,
		&side{name: "raw", do: func() error {
			if err := readRaw(b.Context(), sourcePool); err != nil {
				return err
			}
			return copyRows(b.Context(), targetPool, rows)
		}},
		&side{name: "run", do: func() error { _, err := runDay(b.Context(), runner); return err }},
		&side{name: "process", do: func() error { return invokeDay(b.Context(), functions) }},
	)
	parts.report(b)
}

// tables is a DynamoDB and the status tables in it.
type tables struct {
	url    string
	client *awsdynamodb.Client
	status.Tables
}

func serveDynamoDB(b *testing.B) tables {
	b.Helper()
	server, err := dynamodb.Open(dynamodb.Options{Dir: filepath.Join(b.TempDir(), "dynamodb"), Region: region, AccountID: accountID})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := server.Close(); err != nil {
			b.Error(err)
		}
	})
	endpoint := httptest.NewServer(awsjson.Handler(server))
	b.Cleanup(endpoint.Close)
	client := awsdynamodb.New(awsdynamodb.Options{
		Region: region, BaseEndpoint: &endpoint.URL, HTTPClient: awsconfig.HTTPClient(), Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
	names, err := statustest.CreateTables(b.Context(), client, "bench")
	if err != nil {
		b.Fatal(err)
	}
	return tables{endpoint.URL, client, names}
}

func newRunner(b *testing.B, api *httptest.Server, pool *pgxpool.Pool, table tables, parts *parts) *etl.Runner {
	b.Helper()
	client, err := source.NewClient(source.ClientOptions{BaseURL: api.URL, Token: bearer.Fixed(token), HTTPClient: api.Client()})
	if err != nil {
		b.Fatal(err)
	}
	calendar, err := partition.NewCalendar("UTC", day)
	if err != nil {
		b.Fatal(err)
	}
	return &etl.Runner{
		Settings: etl.Settings{
			Asset: "turbine-1", Variables: []string{"wind_speed", "power"}, Calendar: calendar,
			Window: 10 * time.Minute, SampleInterval: time.Minute, Lease: 15 * time.Second,
		},
		Source: timedSource{client, parts}, Target: timedTarget{target.New(pool), parts},
		Status: timedStatus{status.New(table.client, table.Tables), parts},
		Now:    time.Now, NewRunID: func() string { return ulid.Make().String() }, Logger: silent,
	}
}

func etlEnvironment(api *httptest.Server, targetDSN string, table tables, sampleInterval string) map[string]string {
	return map[string]string{
		"AWS_ENDPOINT_URL": table.url,
		"ASSET":            "turbine-1", "VARIABLES": "wind_speed,power", "PARTITION_TIME_ZONE": "UTC", "FIRST_PARTITION": day.String(),
		"WINDOW": "10m", "SAMPLE_INTERVAL": sampleInterval, "LEASE": "15s", "RUN_RETENTION_DAYS": "400",
		"SOURCE_API_URL": api.URL, "API_TOKEN": token, "TARGET_DSN": targetDSN,
		"PARTITIONS_TABLE": table.Partitions, "RUNS_TABLE": table.Runs, "BACKFILLS_TABLE": table.Backfills,
	}
}

func runDay(ctx context.Context, runner *etl.Runner) (etl.Materialization, error) {
	return runner.Run(ctx, etl.Request{Partition: day, Trigger: status.TriggerManual, Attempt: 1}, etl.Origin{})
}

func invokeDay(ctx context.Context, functions *lambda.Service) error {
	response, err := functions.Invoke(ctx, lambda.Request{Function: "etl", Payload: fmt.Appendf(nil, `{"partition":%q}`, day)})
	if err != nil {
		return err
	}
	if response.FunctionError != "" {
		return fmt.Errorf("%s: %s", response.FunctionError, response.Payload)
	}
	var published etl.Materialization
	return json.Unmarshal(response.Payload, &published)
}

// publishedRows are what a run publishes of the day.
func publishedRows(b *testing.B, runner *etl.Runner, pool *pgxpool.Pool) [][]any {
	b.Helper()
	if _, err := runDay(b.Context(), runner); err != nil {
		b.Fatal(err)
	}
	found, err := pool.Query(b.Context(), `SELECT timestamp, signal_id, value FROM data WHERE timestamp >= $1 AND timestamp < $2
		ORDER BY timestamp, signal_id`, span.Start, span.End)
	if err != nil {
		b.Fatal(err)
	}
	rows, err := pgx.CollectRows(found, func(row pgx.CollectableRow) ([]any, error) { return row.Values() })
	if err != nil || len(rows) != 1152 {
		b.Fatalf("%d rows are published, %v; want 1152", len(rows), err)
	}
	return rows
}

// copyRows replaces the day in one transaction, with nothing else in it.
func copyRows(ctx context.Context, pool *pgxpool.Pool, rows [][]any) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM data WHERE signal_id = ANY (ARRAY(SELECT id FROM signal)) AND timestamp >= $1 AND timestamp < $2`,
			span.Start, span.End)
		if err != nil {
			return err
		}
		_, err = tx.CopyFrom(ctx, pgx.Identifier{"data"}, []string{"timestamp", "signal_id", "value"}, pgx.CopyFromRows(rows))
		return err
	})
}
