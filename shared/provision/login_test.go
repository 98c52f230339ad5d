package provision_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"delfos/infra/local/postgres/postgrestest"
	"delfos/shared/postgres"
	"delfos/shared/provision"
	"delfos/shared/schema"
	"delfos/shared/schema/source"
	"delfos/shared/schema/target"
)

// secrets are Secrets Manager's: texts by ARN.
type secrets map[string]string

func (s secrets) Text(_ context.Context, arn string) (string, error) {
	if s[arn] == "" {
		return "", errors.New("there is no secret " + arn)
	}
	return s[arn], nil
}

// put is a secret as RDS writes it, of a user of the owner's database.
func (s secrets) put(t *testing.T, arn, owner, user, password string) {
	t.Helper()
	u, err := url.Parse(owner)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]any{
		"engine": "postgres", "host": u.Hostname(), "port": port, "username": user, "password": password,
		"dbname": strings.TrimPrefix(u.Path, "/"), "sslmode": "disable",
	})
	if err != nil {
		t.Fatal(err)
	}
	s[arn] = string(text)
}

// logsIn tells whether who has the secret gets in.
func (s secrets) logsIn(t *testing.T, arn string) bool {
	t.Helper()
	dsn, err := postgres.DSN(s[arn])
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		return false
	}
	return conn.Close(t.Context()) == nil
}

// logins are those of functions/migrate.
func logins(sourceReader, targetWriter, targetReader string) (ofSource, ofTarget []provision.Login) {
	environment := map[string]string{
		"SOURCE_READER_SECRET_ARN": sourceReader, "TARGET_WRITER_SECRET_ARN": targetWriter, "TARGET_READER_SECRET_ARN": targetReader,
	}
	getenv := func(name string) string { return environment[name] }
	return schema.Source(getenv, nil).Logins, schema.Target(getenv, nil).Logins
}

func TestEachRoleGetsItsSecretsPasswordAndItsFunctionHearsOfTheSecretThen(t *testing.T) {
	t.Parallel()
	w, kept := newWorld(t), secrets{}
	sourceDSN, targetDSN := postgrestest.Database(t), postgrestest.Database(t)
	ofSource, ofTarget := logins("arn:sr", "arn:tw", "arn:tr")
	handler := provision.Handler(&provision.Provisioner{
		Databases: []provision.Database{
			{Name: "source", DSN: fixed(sourceDSN), Migrations: source.Migrations, Logins: ofSource},
			{Name: "target", DSN: fixed(targetDSN), Migrations: target.Migrations, Logins: ofTarget},
		},
		Secrets: kept, Answer: w.send(), Logger: slog.New(slog.DiscardHandler),
	})
	for i, password := range []string{"before", "before", "after"} {
		stale := kept["arn:tw"]
		kept.put(t, "arn:sr", sourceDSN, "delfos_source_reader", password+"1")
		kept.put(t, "arn:tw", targetDSN, "delfos_target_writer", password+"2")
		kept.put(t, "arn:tr", targetDSN, "delfos_target_reader", password+"3")
		done, err := handler(t.Context(), w.event("Update", "databases", "0"))
		if diff := cmp.Diff([]string{"delfos_source_reader", "delfos_target_writer", "delfos_target_reader"}, done.Roles); diff != "" || err != nil {
			t.Fatalf("%v, roles (-want +got):\n%s", err, diff)
		}
		for arn := range kept {
			if !kept.logsIn(t, arn) {
				t.Errorf("time %d: the user of %s is not let in", i, arn)
			}
		}
		kept["stale"] = stale
		if password == "after" && kept.logsIn(t, "stale") {
			t.Error("the password of before holds still")
		}
		delete(kept, "stale")
		want := map[string]any{
			"Samples": 0., "SourceReaderSecretArn": "arn:sr", "TargetWriterSecretArn": "arn:tw", "TargetReaderSecretArn": "arn:tr",
		}
		if diff := cmp.Diff(want, w.answers[i].Data); diff != "" || w.answers[i].Status != cfn.StatusSuccess {
			t.Errorf("answered %s (-want +got):\n%s", w.answers[i].Status, diff)
		}
	}
}

func TestASecretThatIsNotTheRolesIsAnsweredAsAFailureWithoutItsPassword(t *testing.T) {
	t.Parallel()
	dsn := postgrestest.Database(t, target.Migrations)
	kept := secrets{"arn:none of a database": "hush"}
	kept.put(t, "arn:master", dsn, "delfos", "hush")
	kept.put(t, "arn:empty", dsn, "delfos_target_writer", "")
	for arn, reason := range map[string]string{
		"arn:master":             `secret arn:master is of the user "delfos"`,
		"arn:none of a database": "want a JSON object",
		"arn:empty":              "its password is empty",
		"arn:absent":             "there is no secret arn:absent",
	} {
		w := newWorld(t)
		_, ofTarget := logins("", arn, "")
		handler := provision.Handler(&provision.Provisioner{
			Databases: []provision.Database{{Name: "target", DSN: fixed(dsn), Migrations: target.Migrations, Logins: ofTarget}},
			Secrets:   kept, Answer: w.send(), Logger: slog.New(slog.DiscardHandler),
		})
		if _, err := handler(t.Context(), w.event("Create", "", "0")); err != nil {
			t.Fatal(err)
		}
		got := w.answers[0]
		if got.Status != cfn.StatusFailed || !strings.Contains(got.Reason, "database target: role delfos_target_writer: ") ||
			!strings.Contains(got.Reason, reason) || strings.Contains(got.Reason, "hush") {
			t.Errorf("%s: answered %s, %s; want %q", arn, got.Status, got.Reason, reason)
		}
	}
}

func TestInDatabasesThatWereThereNoRoleIsMade(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ofSource, _ := logins("", "", "")
	handler := provision.Handler(&provision.Provisioner{
		Databases: []provision.Database{{Name: "source", DSN: fixed(postgrestest.Database(t)), Migrations: source.Migrations, Logins: ofSource}},
		Answer:    w.send(), Logger: slog.New(slog.DiscardHandler),
	})
	done, err := handler(t.Context(), w.event("Create", "", "0"))
	if diff := cmp.Diff(provision.Done{Migrated: map[string]int{"source": 1}}, done); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if diff := cmp.Diff(map[string]any{"Samples": 0.}, w.answers[0].Data); diff != "" {
		t.Errorf("answered (-want +got):\n%s", diff)
	}
}
