package role

import (
	"strings"

	"github.com/jackc/pgx/v5"
)

// restrictPublic lets into the database those alone who are granted it. In the schema
// public everybody may create up to PostgreSQL 14.
func restrictPublic(database string) []string {
	return []string{
		"REVOKE ALL ON DATABASE " + identifier(database) + " FROM PUBLIC",
		"REVOKE CREATE ON SCHEMA public FROM PUBLIC",
	}
}

// grants begin with nothing, so that what an earlier version granted goes.
func (r Role) grants(database string) []string {
	name, database := identifier(r.Name), identifier(database)
	statements := []string{
		"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM " + name, // of their columns, too
		"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM " + name,
		"REVOKE ALL ON SCHEMA public FROM " + name,
		"REVOKE ALL ON DATABASE " + database + " FROM " + name,
		"GRANT CONNECT ON DATABASE " + database + " TO " + name,
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
