package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"delfos/infra/local/postgres/postgrestest"
	"delfos/shared/postgres"
	"delfos/shared/postgres/role"
	"delfos/shared/secret"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// rotating is a role in a database of its own, and its secret.
type rotating struct {
	t     *testing.T
	owner string
	role  role.Role
	text  atomic.Value // the secret's
	reads atomic.Int32
}

// change gives the role and the secret a password, as an operator does.
func (r *rotating) change(password string) {
	r.t.Helper()
	if err := role.Ensure(r.t.Context(), r.owner, role.Login{Role: r.role, Password: password}); err != nil {
		r.t.Fatal(err)
	}
	u, err := url.Parse(r.owner)
	if err != nil {
		r.t.Fatal(err)
	}
	r.text.Store(fmt.Sprintf(`{"host":%q,"port":%s,"username":%q,"password":%q,"dbname":%q,"sslmode":"disable"}`,
		u.Hostname(), u.Port(), r.role.Name, password, strings.TrimPrefix(u.Path, "/")))
}

func (r *rotating) read(context.Context, string) (string, error) {
	r.reads.Add(1)
	return r.text.Load().(string), nil
}

// cut ends the sessions of a program, and waits until they are gone.
func (r *rotating) cut(program string) {
	r.t.Helper()
	owner, err := pgx.Connect(r.t.Context(), r.owner)
	if err != nil {
		r.t.Fatal(err)
	}
	defer owner.Close(r.t.Context())
	tag, err := owner.Exec(r.t.Context(), "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = $1", program)
	if err != nil || tag.RowsAffected() == 0 {
		r.t.Fatalf("%d sessions ended, %v", tag.RowsAffected(), err)
	}
}

func TestAChangedPasswordIsThatOfTheNextConnectionOnceTheSecretIsReadAgain(t *testing.T) {
	t.Parallel()
	r := &rotating{t: t, owner: postgrestest.Database(t), role: role.Role{Name: "test_rotating"}}
	r.change("before")
	at := time.Unix(0, 0)
	keeper := secret.NewKeeper(r.read, func() time.Time { return at })
	pool := connect(t, postgres.Settings{AskDSN: postgres.DSNFrom(keeper, "", "arn"), ApplicationName: "test-rotating"})
	if err := pool.Ping(t.Context()); err != nil || r.reads.Load() != 1 {
		t.Fatalf("%v; the first connection has the secret read %d times, want once in all", err, r.reads.Load())
	}
	r.change("after")
	if err := pool.Ping(t.Context()); err != nil {
		t.Errorf("a connection that is there: %v", err)
	}
	r.cut("test-rotating")
	_ = pool.Ping(t.Context()) // the connection that was cut goes
	var said *pgconn.PgError
	if err := pool.Ping(t.Context()); !errors.As(err, &said) || said.Code != "28P01" || strings.Contains(err.Error(), "before") {
		t.Errorf("with the secret that is kept: %v, want the password refused", err)
	}
	at = at.Add(secret.KeepFor)
	var user, program, zone string
	err := pool.QueryRow(t.Context(), "SELECT current_user, current_setting('application_name'), current_setting('timezone')").Scan(&user, &program, &zone)
	if err != nil || user != "test_rotating" || program != "test-rotating" || zone != "UTC" {
		t.Errorf("once it is read again: %s, %s, %s, %v", user, program, zone, err)
	}
}

func connect(t *testing.T, settings postgres.Settings) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Connect(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func TestAConnectionStringThatIsNotToBeHadEndsTheConnectionAndIsNotShown(t *testing.T) {
	t.Parallel()
	dsn, asked := postgrestest.Database(t), 0
	for name, answer := range map[string]func() (string, error){
		"no answer":  func() (string, error) { return "", errors.New("no secret") },
		"not a DSN":  func() (string, error) { return "postgres://u:hush@h:port/d", nil },
		"no cluster": func() (string, error) { return "postgres://u:hush@127.0.0.1:1/d", nil },
	} {
		asked = 0
		pool := connect(t, postgres.Settings{AskDSN: func(ctx context.Context) (string, error) {
			if asked++; asked == 1 {
				return dsn, nil
			}
			if _, isBounded := ctx.Deadline(); !isBounded {
				t.Errorf("%s: asked without a deadline", name)
			}
			return answer()
		}})
		if err := pool.Ping(t.Context()); err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v, want an error without the password", name, err)
		}
	}
	_, err := postgres.Connect(t.Context(), postgres.Settings{AskDSN: func(context.Context) (string, error) { return "", errors.New("no secret") }})
	if err == nil || !strings.Contains(err.Error(), "no secret") {
		t.Errorf("at once: %v", err)
	}
}
