package role_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"delfos/infra/local/postgres/postgrestest"
	"delfos/shared/postgres/role"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

var migrations = fstest.MapFS{"00001_thing.sql": {Data: []byte(
	"-- +goose Up\nCREATE TABLE thing (id int PRIMARY KEY, name text);\nCREATE TABLE other (id int);\nCREATE SEQUENCE counter;\n")}}

var names atomic.Int64

// newName is for a role of one test: roles are a whole server's, which the tests share.
func newName() string { return fmt.Sprint("test_role_", names.Add(1)) }

func reader(name string) role.Role {
	return role.Role{Name: name, Grants: []role.Grant{{Privileges: "SELECT, INSERT (id)", Table: "thing"}}}
}

func ensure(t *testing.T, dsn string, logins ...role.Login) {
	t.Helper()
	if err := role.Ensure(t.Context(), dsn, logins...); err != nil {
		t.Fatal(err)
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

// logIn is a connection as the login, or why there is none.
func logIn(t *testing.T, dsn string, login role.Login) (*pgx.Conn, error) {
	t.Helper()
	own, err := login.DSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), own)
	if err == nil {
		t.Cleanup(func() { _ = conn.Close(context.Background()) })
	}
	return conn, err
}

// does expects a statement to go through, or to end with this SQLSTATE.
func does(t *testing.T, conn *pgx.Conn, statement, code string) {
	t.Helper()
	_, err := conn.Exec(t.Context(), statement)
	said, got := (*pgconn.PgError)(nil), ""
	if errors.As(err, &said) {
		got = said.Code
	}
	if got != code {
		t.Errorf("%s: %v, want SQLSTATE %q", statement, err, code)
	}
}

const (
	fine            = ""
	insufficient    = "42501"
	invalidPassword = "28P01"
)

func codeOf(err error) string {
	if said, ok := errors.AsType[*pgconn.PgError](err); ok {
		return said.Code
	}
	return fmt.Sprint(err)
}

func database(t *testing.T, dsn string) string {
	t.Helper()
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	return config.Database
}
