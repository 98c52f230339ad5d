package role_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/postgres/postgrestest"
	"delfos/shared/postgres/role"
)

var verifier = regexp.MustCompile(`'SCRAM-SHA-256\$4096:[^']*'`)

func TestTheStatementsAreWhatIsExecutedAndTheSameEachTime(t *testing.T) {
	t.Parallel()
	dsn := postgrestest.Database(t, migrations)
	does(t, connect(t, dsn), "ALTER DATABASE "+database(t, dsn)+" SET log_statement = 'all'", fine)
	login := role.Login{Role: reader(newName()), Password: "p"}
	ensure(t, dsn, login)
	log, err := os.ReadFile(postgrestest.Server(t).Options().LogPath)
	if err != nil {
		t.Fatal(err)
	}
	var executed []string
	for line := range strings.Lines(string(log)) {
		_, statement, isOne := strings.Cut(strings.TrimSpace(line), ": ") // after the level
		if _, sent, isSent := strings.Cut(statement, ": "); isOne && isSent && (strings.Contains(sent, `"`+login.Role.Name+`"`) ||
			strings.Contains(sent, `"`+database(t, dsn)+`"`)) {
			executed = append(executed, verifier.ReplaceAllString(sent, "'…'"))
		}
	}
	statements, err := role.Statements(database(t, dsn), login.Role)
	again, againErr := role.Statements(database(t, dsn), login.Role)
	if diff := cmp.Diff(statements, again); diff != "" || err != nil || againErr != nil {
		t.Fatalf("%v, %v (-first +again):\n%s", err, againErr, diff)
	}
	var want []string
	for _, statement := range statements {
		if statement != "REVOKE CREATE ON SCHEMA public FROM PUBLIC" { // of which role and database, the log does not say
			want = append(want, verifier.ReplaceAllString(statement, "'…'"))
		}
	}
	if diff := cmp.Diff(want, executed); diff != "" {
		t.Errorf("(-want +executed):\n%s", diff)
	}
}
