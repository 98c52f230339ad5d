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
