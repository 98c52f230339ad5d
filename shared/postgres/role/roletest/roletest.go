// Package roletest has tests log in as roles, and look at what these may not do.
package roletest

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"delfos/shared/postgres/role"
)

// password is one for all, so that tests on one server do not change each other's.
const password = "OfTheTestsAlone40"

// DSN makes the roles in the owner's database, or finds them there, and is the
// connection string of the first. Roles are a whole server's: tests that run at the
// same time on one server have the roles of one database, made once.
func DSN(t testing.TB, owner string, first role.Role, others ...role.Role) string {
	t.Helper()
	logins := []role.Login{{Role: first, Password: password}}
	for _, other := range others {
		logins = append(logins, role.Login{Role: other, Password: password})
	}
	if err := role.Ensure(context.Background(), owner, logins...); err != nil {
		t.Fatal(err)
	}
	dsn, err := logins[0].DSN(owner)
	if err != nil {
		t.Fatal(err)
	}
	return dsn
}

// Connect is a connection for the length of the test.
func Connect(t testing.TB, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// insufficientPrivilege is the SQLSTATE of what a role may not do.
const insufficientPrivilege = "42501"

// MayNot expects the role to be refused each of the statements for want of a right, and
// the owner not: a statement that is wrong shows nothing. What the owner does is undone.
func MayNot(t testing.TB, owner, role *pgx.Conn, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if err := undone(owner, statement); err != nil {
			t.Errorf("the owner: %s: %v", statement, err)
		}
		err := undone(role, statement)
		var said *pgconn.PgError
		if !errors.As(err, &said) || said.Code != insufficientPrivilege {
			t.Errorf("%s: %v, want it refused for want of a right", statement, err)
		}
	}
}

func undone(conn *pgx.Conn, statement string) error {
	tx, err := conn.Begin(context.Background())
	if err != nil {
		return err
	}
	_, err = tx.Exec(context.Background(), statement)
	return errors.Join(err, tx.Rollback(context.Background()))
}
