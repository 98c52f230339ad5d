package bench

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"delfos/infra/local/postgres"
	"delfos/shared/partition"
	sharedpostgres "delfos/shared/postgres"
	"delfos/shared/postgres/migration"
	dbsource "delfos/shared/schema/source"
	dbtarget "delfos/shared/schema/target"
	"delfos/shared/turbine"
)

// server runs with the local stack's settings: a commit is durable, which it is not
// in the servers of postgrestest.
var server = sync.OnceValues(func() (*postgres.Server, error) {
	return postgres.Start(context.Background(), postgres.Options{DataDir: filepath.Join(scratch, "postgres")})
})

// started says that there is a server to stop.
var started atomic.Bool

func stopServer() {
	if !started.Load() {
		return
	}
	if running, err := server(); err == nil {
		_ = running.Stop(context.Background()) // its data goes with it
	}
	_ = postgres.Remove(context.Background(), filepath.Join(scratch, "postgres"))
}

// database is a new database, migrated.
func database(b *testing.B, name string, migrations fs.FS) (dsn string, pool *pgxpool.Pool) {
	b.Helper()
	started.Store(true)
	running, err := server()
	if err != nil {
		b.Fatal(err)
	}
	name = fmt.Sprintf("%s_%d", name, databases.Add(1))
	if _, err := running.EnsureDatabase(b.Context(), name); err != nil {
		b.Fatal(err)
	}
	dsn = running.DSN(name)
	if _, err := migration.Up(b.Context(), dsn, migrations); err != nil {
		b.Fatal(err)
	}
	pool, err = sharedpostgres.Connect(b.Context(), sharedpostgres.Settings{DSN: dsn, ApplicationName: "delfos-bench"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	return dsn, pool
}

var databases atomic.Int64

func execute(b *testing.B, pool *pgxpool.Pool, sql string, arguments ...any) {
	b.Helper()
	if _, err := pool.Exec(b.Context(), sql, arguments...); err != nil {
		b.Fatal(err)
	}
}

// The day that is read and published.
var (
	day  = partition.MustParseKey("2026-02-20")
	span = partition.Span{Start: time.Date(2026, 2, 20, 0, 0, 0, 0, time.UTC), End: time.Date(2026, 2, 21, 0, 0, 0, 0, time.UTC)}
)

// minutes is a source with ten days of the turbine's 1-minute data, as the local
// stack has it.
func minutes(b *testing.B) (dsn string, pool *pgxpool.Pool) {
	b.Helper()
	dsn, pool = database(b, "source", dbsource.Migrations)
	conn, err := pool.Acquire(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Release()
	if _, err := turbine.Fill(b.Context(), conn.Conn(), turbine.New(turbine.ExampleSeed), span.Start, span.Start.AddDate(0, 0, 10), nil); err != nil {
		b.Fatal(err)
	}
	execute(b, pool, `VACUUM ANALYZE data`)
	return dsn, pool
}

// seconds is a source with one day of 1-second data, of as many digits as a
// double precision has: 86,400 rows.
func seconds(b *testing.B) (dsn string, pool *pgxpool.Pool) {
	b.Helper()
	dsn, pool = database(b, "source", dbsource.Migrations)
	execute(b, pool, `
		INSERT INTO data SELECT at, 8 + 4 * sin(extract(epoch FROM at) / 3600), 900 + 700 * sin(extract(epoch FROM at) / 5000), 15
		FROM generate_series($1::timestamptz, $2::timestamptz - interval '1 second', interval '1 second') AS at`, span.Start, span.End)
	execute(b, pool, `VACUUM ANALYZE data`)
	return dsn, pool
}

var signals = []string{
	"wind_speed_mean", "wind_speed_min", "wind_speed_max", "wind_speed_std",
	"power_mean", "power_min", "power_max", "power_std",
}

// year is a target that holds the year before the day.
func year(b *testing.B) (dsn string, pool *pgxpool.Pool) {
	b.Helper()
	dsn, pool = database(b, "target", dbtarget.Migrations)
	execute(b, pool, `INSERT INTO signal (name) SELECT unnest($1::text[])`, signals)
	execute(b, pool, `
		INSERT INTO data SELECT at, id, random()
		FROM generate_series($1::timestamptz, $2::timestamptz - interval '10 minutes', interval '10 minutes') AS at, signal`,
		span.Start.AddDate(-1, 0, 0), span.Start)
	execute(b, pool, `VACUUM ANALYZE data`)
	return dsn, pool
}
