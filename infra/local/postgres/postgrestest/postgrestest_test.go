package postgrestest_test

import (
	"context"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"

	"delfos/infra/local/postgres/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

var migrations = fstest.MapFS{
	"00001_thing.sql": {Data: []byte("-- +goose Up\nCREATE TABLE thing (id int PRIMARY KEY);\nINSERT INTO thing VALUES (1);\n")},
}

func TestDatabasesHaveTheMigrationsAndShareNothing(t *testing.T) {
	t.Parallel()
	for range 2 {
		conn := connect(t, postgrestest.Database(t, migrations))
		if got := count(t, conn); got != 1 {
			t.Fatalf("a new database has %d things, want the migration's 1", got)
		}
		if _, err := conn.Exec(t.Context(), "INSERT INTO thing VALUES (2)"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestADatabaseWithoutMigrationsIsEmpty(t *testing.T) {
	t.Parallel()
	conn := connect(t, postgrestest.Database(t))
	var exists bool
	if err := conn.QueryRow(t.Context(), "SELECT to_regclass('thing') IS NOT NULL").Scan(&exists); err != nil || exists {
		t.Fatalf("thing exists: %v, %v", exists, err)
	}
}

func TestAServerSurvivesKillAndRestartOnItsPort(t *testing.T) {
	t.Parallel()
	server := postgrestest.NewServer(t)
	conn := connect(t, server.DSN("postgres"))
	if _, err := conn.Exec(t.Context(), "CREATE TABLE thing (id int); INSERT INTO thing VALUES (1)"); err != nil {
		t.Fatal(err)
	}
	postgrestest.Kill(t, server)
	if server.Err() == nil {
		t.Error("a killed server has no error")
	}
	killed := postgrestest.Restart(t, server)
	if killed.Port() != server.Port() || count(t, connect(t, server.DSN("postgres"))) != 1 {
		t.Fatal("after a kill, the port or the data are not the same")
	}
	stopped := postgrestest.Restart(t, killed)
	if killed.Err() != nil || count(t, connect(t, stopped.DSN("postgres"))) != 1 {
		t.Fatalf("after a restart: error %v, or the data are not the same", killed.Err())
	}
}

func BenchmarkDatabase(b *testing.B) {
	postgrestest.Database(b, migrations)
	for b.Loop() {
		postgrestest.Database(b, migrations)
	}
}

func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func count(t *testing.T, conn *pgx.Conn) (n int) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM thing").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
