package role_test

import (
	"os"
	"strings"
	"testing"

	"delfos/infra/local/postgres/postgrestest"
	"delfos/shared/postgres/role"
)

func TestAfterAnErrorNothingHasChanged(t *testing.T) {
	t.Parallel()
	dsn := postgrestest.Database(t, migrations)
	old, fresh := newName(), newName()
	good := role.Login{Role: reader(old), Password: "before"}
	ensure(t, dsn, good)
	changed := role.Login{Role: reader(old), Password: "after"}
	for what, bad := range map[string]role.Login{
		"a table that is not there": {Role: role.Role{Name: fresh, Grants: []role.Grant{{Privileges: "SELECT", Table: "nothing"}}}, Password: "p"},
		"no password":               {Role: reader(fresh)},
	} {
		err := role.Ensure(t.Context(), dsn, changed, bad)
		if err == nil || !strings.Contains(err.Error(), "role "+fresh+": ") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := logIn(t, dsn, good); err != nil {
		t.Errorf("the password has changed: %v", err)
	}
	var made bool
	if err := connect(t, dsn).QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", fresh).Scan(&made); err != nil || made {
		t.Errorf("the other role was made: %t, %v", made, err)
	}
}

func TestARoleThatMayDoMoreThanItShouldIsRefusedAndNamed(t *testing.T) {
	t.Parallel()
	dsn := postgrestest.Database(t, migrations)
	owner := connect(t, dsn)
	for _, attribute := range []string{"SUPERUSER", "CREATEROLE", "CREATEDB", "REPLICATION", "BYPASSRLS", "IN ROLE pg_read_all_data"} {
		mighty := reader(newName())
		does(t, owner, "CREATE ROLE "+mighty.Name+" "+attribute, fine)
		err := role.Ensure(t.Context(), dsn, role.Login{Role: mighty, Password: "p"})
		if err == nil || !strings.Contains(err.Error(), mighty.Name) || !strings.Contains(err.Error(), "drop it") {
			t.Errorf("%s: %v", attribute, err)
		}
	}
}

func TestARoleThatOwnsSomethingOrHasGrantsElsewhereIsRefusedUntilTheyAreTaken(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ give, take, said string }{
		"a table of its own":     {"ALTER TABLE other OWNER TO %s", "ALTER TABLE other OWNER TO CURRENT_USER", "owns table other"},
		"a schema of its own":    {"CREATE SCHEMA own AUTHORIZATION %s", "DROP SCHEMA own", "owns schema own"},
		"a function of its own":  {"ALTER FUNCTION f OWNER TO %s", "ALTER FUNCTION f OWNER TO CURRENT_USER", "owns function f()"},
		"a schema":               {"GRANT USAGE ON SCHEMA aside TO %s", "REVOKE USAGE ON SCHEMA aside FROM %s", "on schema aside"},
		"a table of that schema": {"GRANT SELECT ON aside.things TO %s", "REVOKE SELECT ON aside.things FROM %s", "on table aside.things"},
		"a column of it":         {"GRANT SELECT (id) ON aside.things TO %s", "REVOKE SELECT (id) ON aside.things FROM %s", "on column id of table aside.things"},
		"a function":             {"GRANT EXECUTE ON FUNCTION f TO %s", "REVOKE EXECUTE ON FUNCTION f FROM %s", "on function f()"},
		"what is made later": {
			"ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO %s", "ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM %s",
			"on default privileges on new relations",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dsn := postgrestest.Database(t, migrations)
			owner, login := connect(t, dsn), role.Login{Role: reader(newName()), Password: "p"}
			does(t, owner, "CREATE SCHEMA aside CREATE TABLE things (id int)", fine)
			does(t, owner, "CREATE FUNCTION f() RETURNS int RETURN 1", fine)
			ensure(t, dsn, login)
			does(t, owner, strings.ReplaceAll(test.give, "%s", login.Role.Name), fine)
			err := role.Ensure(t.Context(), dsn, login)
			if err == nil || !strings.Contains(err.Error(), "role "+login.Role.Name+": it ") || !strings.Contains(err.Error(), test.said) {
				t.Errorf("got %v, want %q", err, test.said)
			}
			does(t, owner, strings.ReplaceAll(test.take, "%s", login.Role.Name), fine)
			ensure(t, dsn, login)
		})
	}
}

func TestWhatARoleOwnsInAnotherDatabaseIsRefusedAndWhatItIsGrantedThereIsNot(t *testing.T) {
	t.Parallel()
	here, there := postgrestest.Database(t, migrations), postgrestest.Database(t, migrations)
	login := role.Login{Role: reader(newName()), Password: "p"}
	ensure(t, there, login)
	ensure(t, here, login)
	does(t, connect(t, there), "ALTER TABLE other OWNER TO "+login.Role.Name, fine)
	if err := role.Ensure(t.Context(), here, login); err == nil || !strings.Contains(err.Error(), "something in database "+database(t, there)) {
		t.Errorf("an owner elsewhere: %v", err)
	}
}

func TestTheServerHearsNoPassword(t *testing.T) {
	t.Parallel()
	dsn := postgrestest.Database(t, migrations)
	does(t, connect(t, dsn), "ALTER DATABASE "+database(t, dsn)+" SET log_statement = 'all'", fine)
	login := role.Login{Role: reader(newName()), Password: "KeptToOurselves40"}
	ensure(t, dsn, login)
	if _, err := logIn(t, dsn, login); err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(postgrestest.Server(t).Options().LogPath)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(log), `ALTER ROLE "`+login.Role.Name+`" LOGIN PASSWORD 'SCRAM-SHA-256$`) {
		t.Error("the log does not show the statement: this test shows nothing")
	}
	if strings.Contains(string(log), login.Password) {
		t.Error("the log shows the password")
	}
}

func TestErrorsShowNoConnectionString(t *testing.T) {
	t.Parallel()
	login := role.Login{Role: reader("nobody"), Password: "hush"}
	for _, dsn := range []string{"postgres://u:hush@h:port/d", "postgres://u:hush@127.0.0.1:1/d?connect_timeout=1", "host=127.0.0.1 port=1 password=hush"} {
		if err := role.Ensure(t.Context(), dsn, login); err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("Ensure = %v, want an error without the password", err)
		}
	}
	for _, dsn := range []string{"postgres://u:hush@h:port/d", "host=127.0.0.1 port=1 password=hush"} {
		if made, err := login.DSN(dsn); err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("DSN = %s, %v, want an error without the password", made, err)
		}
	}
}
