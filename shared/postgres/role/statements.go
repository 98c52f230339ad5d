package role

import (
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Statements are what Ensure executes in a database of this name for roles that are not
// there yet, in the same words each time: the password is everybody's. Whoever has to
// make the roles again when they become others compares these.
func Statements(database string, roles ...Role) ([]string, error) {
	same, err := verifier("password", make([]byte, saltBytes))
	if err != nil {
		return nil, err
	}
	statements := restrictPublic(database)
	for _, r := range roles {
		statements = slices.Concat(statements, r.create(), r.reset(database, same), r.grants(database))
	}
	return statements, nil
}

// restrictPublic lets into the database those alone who are granted it. In the schema
// public everybody may create up to PostgreSQL 14.
func restrictPublic(database string) []string {
	return []string{
		"REVOKE ALL ON DATABASE " + identifier(database) + " FROM PUBLIC",
		"REVOKE CREATE ON SCHEMA public FROM PUBLIC",
	}
}

func (r Role) create() []string { return []string{"CREATE ROLE " + identifier(r.Name)} }

// idleTimeout ends a role's sessions that do nothing: a function's sandbox that is frozen,
// or gone, closes none of its connections, and an Aurora cluster does not pause while there
// is one (Aurora User Guide, "Scaling to Zero ACUs with automatic pause and resume"). A
// pool's connection that was ended is replaced before it is used again.
const idleTimeout = "60s"

// reset has the role log in with its password and do nothing, so that what an earlier
// version granted goes.
func (r Role) reset(database, verifier string) []string {
	name, database := identifier(r.Name), identifier(database)
	return []string{
		"ALTER ROLE " + name + " LOGIN PASSWORD " + literal(verifier) + " VALID UNTIL 'infinity' CONNECTION LIMIT -1",
		"ALTER ROLE " + name + " SET idle_session_timeout = " + literal(idleTimeout),
		"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM " + name, // of their columns, too
		"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM " + name,
		"REVOKE ALL ON SCHEMA public FROM " + name,
		"REVOKE ALL ON DATABASE " + database + " FROM " + name,
	}
}

func (r Role) grants(database string) []string {
	name := identifier(r.Name)
	statements := []string{
		"GRANT CONNECT ON DATABASE " + identifier(database) + " TO " + name,
		"GRANT USAGE ON SCHEMA public TO " + name,
	}
	for _, grant := range r.Grants {
		statements = append(statements, "GRANT "+grant.Privileges+" ON TABLE public."+identifier(grant.Table)+" TO "+name)
	}
	return statements
}

func identifier(name string) string { return pgx.Identifier{name}.Sanitize() }

// literal is for what takes no parameter ($1). PostgreSQL has taken a backslash in it
// for itself since 9.1 (standard_conforming_strings).
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
