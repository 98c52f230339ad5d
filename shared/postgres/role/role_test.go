package role_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"delfos/infra/local/postgres/postgrestest"
	"delfos/shared/postgres/migration"
	"delfos/shared/postgres/role"
)

func TestARoleLogsInWithItsPasswordAndMayDoWhatIsGrantedAndNothingElse(t *testing.T) {
	t.Parallel()
	dsn := postgrestest.Database(t, migrations)
	login := role.Login{Role: reader(newName()), Password: `40 chars: '"\ $1 %s ~`}
	does(t, connect(t, dsn), "GRANT CREATE ON SCHEMA public TO PUBLIC", fine) // as it is up to PostgreSQL 14
	ensure(t, dsn, login)
	conn, err := logIn(t, dsn, login)
	if err != nil {
		t.Fatal(err)
	}
	does(t, conn, "SELECT * FROM thing", fine)
	does(t, conn, "INSERT INTO thing (id) VALUES (1)", fine)
	does(t, conn, "INSERT INTO thing (id, name) VALUES (2, 'x')", insufficient)
	does(t, conn, "SELECT * FROM other", insufficient)
	does(t, conn, "SELECT nextval('counter')", insufficient)
	does(t, conn, "CREATE TABLE public.mine (id int)", insufficient)
	does(t, conn, "CREATE TEMPORARY TABLE mine (id int)", insufficient)
	if _, err := logIn(t, dsn, role.Login{Role: login.Role, Password: "another"}); codeOf(err) != invalidPassword {
		t.Errorf("another password: %v", err)
	}
	if _, err := logIn(t, postgrestest.Database(t, migrations), login); err != nil {
		t.Errorf("a database that nobody has restricted: %v", err)
	}
	restricted := postgrestest.Database(t, migrations)
	ensure(t, restricted)
	if _, err := logIn(t, restricted, login); codeOf(err) != insufficient {
		t.Errorf("a database that the role is not let into: %v", err)
	}
}

// A sandbox that is frozen keeps its connections, and these a cluster from pausing.
func TestARolesIdleSessionsEndByThemselves(t *testing.T) {
	t.Parallel()
	dsn := postgrestest.Database(t, migrations)
	login := role.Login{Role: reader(newName()), Password: "p"}
	ensure(t, dsn, login)
	conn, err := logIn(t, dsn, login)
	if err != nil {
		t.Fatal(err)
	}
	var after string
	if err := conn.QueryRow(t.Context(), "SHOW idle_session_timeout").Scan(&after); err != nil || after != "1min" {
		t.Errorf("they end after %q, %v", after, err)
	}
	does(t, conn, "SET idle_session_timeout = '1ms'", fine)
	if _, err := conn.PgConn().ReceiveMessage(t.Context()); err == nil || !strings.Contains(err.Error(), "57P05") {
		t.Errorf("an idle session hears %v, want idle_session_timeout (57P05)", err)
	}
}

func TestMadeAgainARoleHasTheNewPasswordAndTheNewGrantsAlone(t *testing.T) {
	t.Parallel()
	dsn := postgrestest.Database(t, migrations)
	name := newName()
	before := role.Login{Role: role.Role{Name: name, Grants: []role.Grant{
		{Privileges: "SELECT (id), UPDATE", Table: "other"}, {Privileges: "SELECT", Table: "thing"},
	}}, Password: "before"}
	ensure(t, dsn, before)
	stays, err := logIn(t, dsn, before)
	if err != nil {
		t.Fatal(err)
	}
	does(t, connect(t, dsn), "ALTER ROLE "+name+" VALID UNTIL '2000-01-01' CONNECTION LIMIT 0", fine)
	for _, grant := range []string{`USAGE ON SEQUENCE counter`, `CREATE ON SCHEMA public`, `TEMPORARY ON DATABASE ` + database(t, dsn)} {
		does(t, connect(t, dsn), "GRANT "+grant+" TO "+name, fine) // by hand
	}
	after := role.Login{Role: reader(name), Password: "after"}
	for range 2 { // the second time changes nothing
		ensure(t, dsn, after)
		if _, err := logIn(t, dsn, before); codeOf(err) != invalidPassword {
			t.Errorf("the old password: %v", err)
		}
		conn, err := logIn(t, dsn, after)
		if err != nil {
			t.Fatal(err)
		}
		does(t, conn, "SELECT id FROM other", insufficient)
		does(t, conn, "UPDATE other SET id = 1", insufficient)
		does(t, conn, "SELECT nextval('counter')", insufficient)
		does(t, conn, "CREATE TABLE mine (id int)", insufficient)
		does(t, conn, "CREATE TEMPORARY TABLE mine (id int)", insufficient)
		does(t, conn, "INSERT INTO thing (id) SELECT count(*) FROM thing", fine)
	}
	does(t, stays, "SELECT * FROM thing", fine) // who was logged in goes on
}

func TestManyAtOnceTakeTurnsAndTheLastPasswordHolds(t *testing.T) {
	t.Parallel()
	dsn := postgrestest.Database(t, migrations)
	name, logins := newName(), make([]role.Login, 8)
	problems := make([]error, len(logins))
	var all sync.WaitGroup
	for i := range logins {
		logins[i] = role.Login{Role: reader(name), Password: fmt.Sprint("password ", i)}
		all.Go(func() { problems[i] = role.Ensure(t.Context(), dsn, logins[i]) })
	}
	all.Wait()
	if err := errors.Join(problems...); err != nil {
		t.Fatal(err)
	}
	let := 0
	for _, login := range logins {
		if _, err := logIn(t, dsn, login); err == nil {
			let++
		}
	}
	if let != 1 {
		t.Errorf("%d passwords hold, want 1", let)
	}
}

// master makes a database whose owner is what Aurora's master user is: no superuser,
// and one that makes roles.
func master(t *testing.T) (dsn string) {
	t.Helper()
	server, name := postgrestest.Server(t).DSN("postgres"), newName()
	superuser := connect(t, server)
	does(t, superuser, "CREATE ROLE "+name+" LOGIN CREATEDB CREATEROLE PASSWORD 'master'", fine)
	does(t, superuser, "CREATE DATABASE "+name+" OWNER "+name, fine)
	dsn, err := role.Login{Role: role.Role{Name: name}, Password: "master"}.DSN(strings.Replace(server, "/postgres?", "/"+name+"?", 1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := migration.Up(t.Context(), dsn, migrations); err != nil {
		t.Fatal(err)
	}
	return dsn
}

func TestAnOwnerWhoIsNoSuperuserMakesTheRolesToo(t *testing.T) {
	t.Parallel()
	dsn := master(t)
	login := role.Login{Role: reader(newName()), Password: "before"}
	ensure(t, dsn, login)
	login.Password = "after"
	ensure(t, dsn, login)
	conn, err := logIn(t, dsn, login)
	if err != nil {
		t.Fatal(err)
	}
	does(t, conn, "INSERT INTO thing (id) SELECT count(*) FROM thing", fine)
	does(t, conn, "SELECT * FROM other", insufficient)
}
