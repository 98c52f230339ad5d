package e2e

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/jackc/pgx/v5/pgxpool"

	"delfos/infra/local/awsjson"
	"delfos/infra/local/dynamodb"
	"delfos/infra/local/endpoint"
	"delfos/infra/local/lambda"
	"delfos/infra/local/logs"
	"delfos/infra/local/postgres"
	"delfos/infra/local/postgres/postgrestest"
	"delfos/infra/local/template"
	"delfos/shared/awsconfig"
	"delfos/shared/bearer"
	"delfos/shared/postgres/migration"
	dbsource "delfos/shared/schema/source"
	dbtarget "delfos/shared/schema/target"
	"delfos/shared/source/sourcedb"
	"delfos/shared/source/sourcehttp"
	"delfos/shared/status"
)

const (
	region    = "us-east-1"
	accountID = "000000000000"
	apiToken  = "a token for tests"
	asset     = "turbine-1"
)

// world is all that the etl talks to, with nothing between: databases, the source
// API, DynamoDB, and Lambda to run it. Deployments put proxies between.
type world struct {
	source, target *pgxpool.Pool
	targetServer   *postgres.Server
	apiURL, awsURL string
	lambda         *lambda.Service
	status         *status.Store
	etl            template.Function
	bootstrap      string
}

// newWorld makes a world for the length of the test.
func newWorld(t testing.TB) *world {
	t.Helper()
	built, err := buildFunctions()
	if err != nil {
		t.Fatal(err)
	}
	server := postgrestest.NewServer(t)
	w := &world{bootstrap: built["EtlFunction"], targetServer: server}
	w.source = newDatabase(t, server, "source", dbsource.Migrations)
	w.target = newDatabase(t, server, "target", dbtarget.Migrations)
	quiet := slog.New(slog.DiscardHandler)
	api := httptest.NewServer(sourcehttp.New(sourcehttp.Options{Store: sourcedb.New(w.source), Token: bearer.Fixed(apiToken), Logger: quiet}))
	t.Cleanup(api.Close)
	w.apiURL = api.URL
	w.startAWS(t)
	return w
}

func newDatabase(t testing.TB, server *postgres.Server, name string, migrations fs.FS) *pgxpool.Pool {
	t.Helper()
	if _, err := server.EnsureDatabase(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	if _, err := migration.Up(t.Context(), server.DSN(name), migrations); err != nil {
		t.Fatal(err)
	}
	pool, err := pgxpool.New(t.Context(), server.DSN(name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// startAWS starts the services and makes the template's tables.
func (w *world) startAWS(t testing.TB) {
	t.Helper()
	system := loadTemplate(t)
	store, err := logs.Open(logs.Options{Region: region, AccountID: accountID})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	w.lambda, err = lambda.New(lambda.Options{Region: region, AccountID: accountID, Logs: store})
	if err != nil {
		t.Fatal(err)
	}
	tables, err := dynamodb.Open(dynamodb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	aws := httptest.NewServer(endpoint.Handler(endpoint.Services{Lambda: w.lambda, JSON: []awsjson.Service{tables, store}}))
	t.Cleanup(aws.Close)
	t.Cleanup(func() {
		if err := w.lambda.Close(); err != nil {
			t.Error(err)
		}
	})
	w.awsURL = aws.URL
	client := awsdynamodb.New(awsdynamodb.Options{
		Region: region, BaseEndpoint: &aws.URL, HTTPClient: awsconfig.HTTPClient(), Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
	for _, table := range system.Tables {
		if _, err := client.CreateTable(t.Context(), &table.Create); err != nil {
			t.Fatal(err)
		}
	}
	for _, function := range system.Functions {
		if function.LogicalID == "EtlFunction" {
			w.etl = function
		}
	}
	w.status = status.New(client, status.Tables{
		Partitions: w.etl.Environment["PARTITIONS_TABLE"], Runs: w.etl.Environment["RUNS_TABLE"],
		Backfills: w.etl.Environment["BACKFILLS_TABLE"],
	})
}

func loadTemplate(t testing.TB) *template.Template {
	t.Helper()
	system, err := readTemplate()
	if err != nil {
		t.Fatal(err)
	}
	return system
}

func readTemplate() (*template.Template, error) {
	const secret = "arn:aws:secretsmanager:" + region + ":" + accountID + ":secret:delfos/"
	return template.Load("../../template.yaml", template.Environment{
		Parameters: map[string]string{"SourceSecretArn": secret + "source-AAAAAA", "TargetSecretArn": secret + "target-AAAAAA"},
		Region:     region, AccountID: accountID,
		Attributes: map[string]string{
			"SourceApi.ApiEndpoint": "http://replaced.invalid", "ConsoleApi.ApiEndpoint": "http://replaced.invalid",
			"DeadLetterQueue.QueueUrl": "http://replaced.invalid", // by each deployment
		},
	})
}

// withTarget is the same world with a target on a server of its own.
func (w *world) withTarget(t testing.TB) *world {
	t.Helper()
	other := *w
	other.targetServer = postgrestest.NewServer(t)
	other.target = newDatabase(t, other.targetServer, "target", dbtarget.Migrations)
	return &other
}

// targetThrough is the target's DSN by way of a proxy.
func (w *world) targetThrough(address string) string {
	dsn, err := url.Parse(w.targetServer.DSN("target"))
	if err != nil {
		panic(err) // the server made it
	}
	dsn.Host = address
	return dsn.String()
}

// write gives the source other values for all of a day, in proportion to version,
// and returns what the target should hold then.
func (w *world) write(t testing.TB, date string, version int) published {
	t.Helper()
	start, end := day(date)
	conn, err := w.source.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	_, err = conn.Exec(t.Context(), `
		INSERT INTO data
		SELECT at, $3 * (5 + sin(extract(epoch FROM at) / 777)), $3 * (900 + 700 * cos(extract(epoch FROM at) / 5000)), 15
		FROM generate_series($1::timestamptz, $2::timestamptz - interval '1 minute', interval '1 minute') AS at
		ON CONFLICT (timestamp) DO UPDATE SET wind_speed = excluded.wind_speed, power = excluded.power`,
		start, end, float64(version))
	if err != nil {
		t.Fatal(err)
	}
	return oracleOn(t, conn.Conn(), start, end)
}

// snapshot is a day of the target as one statement sees it.
type snapshot struct {
	runID, fingerprint      string
	generation, rowsWritten int64
	values                  published
}

// look reads a day and what is said of it in one statement: one view of the
// database (PostgreSQL manual, "Read Committed Isolation Level").
func (w *world) look(ctx context.Context, date string) (snapshot, error) {
	start, end := day(date)
	var s snapshot
	var times []time.Time
	var names []string
	var values []float64
	err := w.target.QueryRow(ctx, `
		SELECT coalesce(m.run_id, ''), coalesce(m.fingerprint, ''), coalesce(m.generation, 0), coalesce(m.rows_written, 0), d.times, d.names, d.values
		FROM (
			SELECT array_agg(timestamp) AS times, array_agg(name) AS names, array_agg(value) AS values
			FROM data JOIN signal ON signal.id = signal_id WHERE timestamp >= $1 AND timestamp < $2
		) AS d LEFT JOIN materialization AS m ON m.partition = $1::date`, start, end,
	).Scan(&s.runID, &s.fingerprint, &s.generation, &s.rowsWritten, &times, &names, &values)
	if err != nil {
		return s, fmt.Errorf("look at %s in the target: %w", date, err)
	}
	s.values = make(published, len(times))
	for i := range times {
		s.values[key(times[i], names[i])] = values[i]
	}
	return s, nil
}

// holds expects exactly these values in the target.
func (w *world) holds(t testing.TB, date string, want published) {
	t.Helper()
	seen, err := w.look(t.Context(), date)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, seen.values, want)
	if seen.rowsWritten != int64(len(want)) {
		t.Errorf("the materialization speaks of %d rows, want %d", seen.rowsWritten, len(want))
	}
}
