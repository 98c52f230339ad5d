// Package role gives the functions login roles of their own, which may do what they
// need and no more: nobody but who brings the schema up to date logs in as the
// database's owner.
package role

import (
	"context"
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
// that are there to these passwords and grants: in this database they may do what is
// listed and what everybody may (PUBLIC), and nothing else. From PUBLIC it takes what
// the functions have no need of: to connect, to make temporary tables, to create in the
// schema public.
//
// A role that is more than a login, owns something in any database of the server, or has
// grants in this one on something else than the schema public and its tables and
// sequences, is an error that says what to take from it. What it is granted in other
// databases stays: these may be of other stacks.
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
	if !isThere {
		if err := execute(ctx, tx, login.Role.create()); err != nil {
			return err
		}
	}
	if err := execute(ctx, tx, login.Role.reset(database, verifier)); err != nil {
		return err
	}
	if err := hasNothing(ctx, tx, login.Role.Name); err != nil {
		return err
	}
	return execute(ctx, tx, login.Role.grants(database))
}

func execute(ctx context.Context, tx pgx.Tx, statements []string) error {
	for _, statement := range statements {
		if _, err := tx.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
