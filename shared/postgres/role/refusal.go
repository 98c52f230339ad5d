package role

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// errMighty is an error rather than a change: who is no superuser cannot take these
// from a role (PostgreSQL manual, ALTER ROLE), and Aurora's master user is none.
var errMighty = errors.New("it is there and may do more than it should (it is a superuser, makes roles or databases, replicates, " +
	"passes row security by, or is a member of another role): drop it, or take this from it")

// find tells whether a role is there, and as a login alone.
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

// hasNothing expects a role to own nothing and to have been granted nothing, as after
// reset. An owner may do everything with what it owns, and REVOKE takes nothing from
// it; what is left of grants is where reset does not look, or not the owner's to take.
func hasNothing(ctx context.Context, tx pgx.Tx, name string) error {
	var owned, granted string
	// What depends on roles (PostgreSQL manual, "pg_shdepend"): o of an owner, a of
	// an access list. Things of other databases cannot be described here.
	err := tx.QueryRow(ctx, `
		WITH depending AS (
			SELECT deptype, dbid IN (0, here.oid) AS is_here, classid = 'pg_database'::regclass AS is_database,
				CASE WHEN dbid IN (0, here.oid) THEN pg_describe_object(classid, objid, objsubid)
				ELSE 'something in database ' || (SELECT datname FROM pg_database WHERE oid = dbid) END AS what
			FROM pg_shdepend, (SELECT oid FROM pg_database WHERE datname = current_database()) here
			WHERE refclassid = 'pg_authid'::regclass AND refobjid = (SELECT oid FROM pg_roles WHERE rolname = $1))
		SELECT coalesce(string_agg(DISTINCT what, ', ') FILTER (WHERE deptype = 'o'), ''),
			coalesce(string_agg(DISTINCT what, ', ') FILTER (WHERE deptype = 'a' AND is_here AND NOT is_database), '')
		FROM depending`, name).Scan(&owned, &granted)
	switch {
	case err != nil:
		return fmt.Errorf("look what it owns and has been granted: %w", err)
	case owned != "":
		return fmt.Errorf("it owns %s: give that to another (ALTER … OWNER TO), or drop it", owned)
	case granted != "":
		return fmt.Errorf("it has been granted more than it should: revoke what it has on %s", granted)
	}
	return nil
}
