package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/jackc/pgx/v5"

	"delfos/infra/local"
	"delfos/shared/awsconfig"
	"delfos/shared/status"
)

// world is a stack and its AWS APIs.
type world struct {
	local.Descriptor
	dir   string
	stack *local.Stack

	sfn       *sfn.Client
	lambda    *lambda.Client
	scheduler *scheduler.Client
	status    *status.Store
}

const (
	asset    = "turbine-1"
	seedDays = 60
)

// shared is a stack for the tests that each keep to days of their own.
var shared struct {
	once  sync.Once
	world *world
	err   error
}

func sharedWorld(t testing.TB) *world {
	t.Helper()
	theBrowser(t) // which tells whether the test is skipped, before the stack's seconds
	shared.once.Do(func() {
		if shared.world, shared.err = start(local.Options{SeedDays: seedDays}); shared.err == nil {
			shared.err = shared.world.tickLater(context.Background())
		}
	})
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.world
}

func stopShared() error {
	if shared.world == nil {
		return nil
	}
	return shared.world.remove()
}

// newWorld is a stack for one test.
func newWorld(t testing.TB, options local.Options) *world {
	t.Helper()
	before := sharedWorld(t) // whose functions are built
	dir, err := newDirectory()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(dir, "functions"), os.DirFS(filepath.Join(before.dir, "functions"))); err != nil {
		t.Fatal(err)
	}
	options.DataDir = dir
	w, err := start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.remove(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// newDirectory is one that PostgreSQL's own user can pass through.
func newDirectory() (string, error) {
	dir, err := os.MkdirTemp("", "delfos-browser-")
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o755)
}

func start(options local.Options) (*world, error) {
	if options.DataDir == "" {
		var err error
		if options.DataDir, err = newDirectory(); err != nil {
			return nil, err
		}
	}
	stack, err := local.Start(context.Background(), options)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(options.DataDir))
	}
	d := stack.Descriptor()
	cfg := aws.Config{
		Region: d.Region, BaseEndpoint: &d.AWSEndpointURL, HTTPClient: awsconfig.HTTPClient(),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	}
	return &world{
		Descriptor: d, dir: options.DataDir, stack: stack,
		sfn: sfn.NewFromConfig(cfg), lambda: lambda.NewFromConfig(cfg), scheduler: scheduler.NewFromConfig(cfg),
		status: status.New(dynamodb.NewFromConfig(cfg), status.Tables{
			Partitions: d.PartitionsTable, Runs: d.RunsTable, Backfills: d.BackfillsTable,
		}),
	}, nil
}

// tickLater moves what runs by itself to half a day from now: at its own hour it would
// run days under the tests' hands.
func (w *world) tickLater(ctx context.Context) error {
	all, err := w.scheduler.ListSchedules(ctx, &scheduler.ListSchedulesInput{})
	if err != nil {
		return err
	}
	for _, each := range all.Schedules {
		found, err := w.scheduler.GetSchedule(ctx, &scheduler.GetScheduleInput{Name: each.Name})
		if err != nil {
			return err
		}
		at := fmt.Sprintf("cron(0 %d * * ? *)", time.Now().UTC().Add(12*time.Hour).Hour())
		_, err = w.scheduler.UpdateSchedule(ctx, &scheduler.UpdateScheduleInput{
			Name: found.Name, Description: found.Description, ScheduleExpression: &at, ScheduleExpressionTimezone: found.ScheduleExpressionTimezone,
			FlexibleTimeWindow: found.FlexibleTimeWindow, State: found.State, Target: found.Target,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *world) remove() error {
	return errors.Join(w.stack.Close(context.Background()), os.RemoveAll(w.dir))
}

// connect opens a connection to one of the databases for the length of the test.
func connect(t testing.TB, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func execute(t testing.TB, conn *pgx.Conn, sql string, arguments ...any) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql, arguments...); err != nil {
		t.Fatal(err)
	}
}

// hold keeps runs of these days from publishing, until the function that it returns is
// called: it has the locks that they take (package target).
func (w *world) hold(t testing.TB, days ...string) (release func()) {
	t.Helper()
	conn := connect(t, w.TargetDSN)
	execute(t, conn, `BEGIN`)
	execute(t, conn, `SELECT pg_advisory_xact_lock(hashtextextended('delfos/' || day, 0)) FROM unnest($1::text[]) AS day`, days)
	return func() { execute(t, conn, `COMMIT`) }
}
