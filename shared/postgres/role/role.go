// Package role gives the functions login roles of their own, which may do what they
// need and no more: nobody but who brings the schema up to date logs in as the
// database's owner.
package role

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/jackc/pgx/v5"

	"delfos/shared/postgres"
)

// Role is a login role. Its texts become parts of statements as they are: they are
// constants of this program, never input.
type Role struct {
	Name   string
	Grants []Grant
}

// Grant is what a role may do with one table of the schema public.
type Grant struct {
	Privileges string // as GRANT takes them: "SELECT, INSERT (name)"
	Table      string
}

// Login is a role and the password that it logs in with.
type Login struct {
	Role     Role
	Password string // of printable ASCII
}

// DSN is the owner's connection string of a database, a URL, with this login in the
// owner's place. Its error shows nothing of the string.
func (l Login) DSN(owner string) (string, error) {
	u, err := url.Parse(owner)
	if err != nil || u.Host == "" {
		return "", fmt.Errorf("role %s: the owner's connection string is no URL", l.Role.Name)
	}
	u.User = url.UserPassword(l.Role.Name, l.Password)
	return u.String(), nil
}

// Ensure makes the roles in the database that dsn names, as its owner, or brings those
// that are there to these passwords and grants: they have what is listed and nothing
// else. From PUBLIC it takes what the functions have no need of: to connect, to make
// temporary tables, to create in the schema public.
//
// All of it is one transaction: after an error nothing has changed. Concurrent calls
// on one database take turns; the last one's passwords hold. The server hears no
// password, only what it checks one with.
func Ensure(ctx context.Context, dsn string, logins ...Login) error {
	config, err := postgres.ParseConfig(dsn)
	if err != nil {
		return fmt.Errorf("make the roles: %w", err)
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("make the roles: connect to %s: %w", config.Host, err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // nothing is pending
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtextextended('delfos/roles', 0))"); err != nil {
			return fmt.Errorf("make the roles: wait for whoever makes them: %w", err)
		}
		if err := execute(ctx, tx, restrictPublic(config.Database)); err != nil {
			return fmt.Errorf("take from PUBLIC what nobody needs: %w", err)
		}
		for _, login := range logins {
			if err := ensure(ctx, tx, config.Database, login); err != nil {
				return fmt.Errorf("role %s: %w", login.Role.Name, err)
			}
		}
		return nil
	})
}

func ensure(ctx context.Context, tx pgx.Tx, database string, login Login) error {
	verifier, err := newVerifier(login.Password)
	if err != nil {
		return err
	}
	isThere, err := find(ctx, tx, login.Role.Name)
	if err != nil {
		return err
	}
	var statements []string
	if !isThere {
		statements = append(statements, "CREATE ROLE "+identifier(login.Role.Name))
	}
	statements = append(statements, "ALTER ROLE "+identifier(login.Role.Name)+" LOGIN PASSWORD "+literal(verifier))
	return execute(ctx, tx, append(statements, login.Role.grants(database)...))
}

// errMighty is an error rather than a change: who is no superuser cannot take these
// from a role (PostgreSQL manual, ALTER ROLE), and Aurora's master user is none.
var errMighty = errors.New("it is there and may do more than it should (it is a superuser, makes roles or databases, replicates, " +
	"passes row security by, or is a member of another role): drop it, or take this from it")

// find tells whether a role is there.
func find(ctx context.Context, tx pgx.Tx, name string) (isThere bool, err error) {
	var mighty bool
	err = tx.QueryRow(ctx, `
		SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls
			OR EXISTS (SELECT FROM pg_auth_members WHERE member = pg_roles.oid)
		FROM pg_roles WHERE rolname = $1`, name).Scan(&mighty)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return false, nil
	case err == nil && mighty:
		return true, errMighty
	}
	return true, err
}

func execute(ctx context.Context, tx pgx.Tx, statements []string) error {
	for _, statement := range statements {
		if _, err := tx.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
