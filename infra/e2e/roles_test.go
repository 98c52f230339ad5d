package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"delfos/infra/local"
	dbsource "delfos/shared/schema/source"
	dbtarget "delfos/shared/schema/target"
)

// users are who is logged in to a database, by program.
func users(t *testing.T, dsn string) map[string]string {
	t.Helper()
	rows, err := open(t, dsn).Query(t.Context(), `
		SELECT application_name, string_agg(DISTINCT usename, ' ') FROM pg_stat_activity
		WHERE datname = current_database() AND application_name LIKE 'delfos-%' GROUP BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	var program, user string
	if _, err := pgx.ForEachRow(rows, []any{&program, &user}, func() error { found[program] = user; return nil }); err != nil {
		t.Fatal(err)
	}
	return found
}

func areUsers(t *testing.T, dsn string, want map[string]string) {
	t.Helper()
	if diff := cmp.Diff(want, users(t, dsn)); diff != "" {
		t.Errorf("users by program (-want +got):\n%s", diff)
	}
}

// page is a page of the console.
func page(t *testing.T, stack local.Descriptor, path string) string {
	t.Helper()
	answer, err := http.Get(stack.ConsoleURL + path)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", path, answer.Status, err)
	}
	return string(text)
}

// worksAsRoles has each function do what it does in its database, and looks whom it is
// logged in as.
func worksAsRoles(t *testing.T, dir string, stack local.Descriptor, date string) {
	t.Helper()
	must(t, dir, "materialize", "--partition", date)
	start, end := day(date)
	compare(t, target(t, stack.TargetDSN, start, end), oracle(t, stack.SourceDSN, start, end))
	if curves := page(t, stack, "/partitions/"+date+"/curves"); !strings.Contains(curves, "10-minute windows") {
		t.Errorf("the console shows no curves of %s: %s", date, curves)
	}
	if overview := page(t, stack, "/"); !regexp.MustCompile(`[12] days? published`).MatchString(overview) {
		t.Error("the console's first page does not count what is published")
	}
	areUsers(t, stack.SourceDSN, map[string]string{"delfos-sourceapi": dbsource.Reader.Name})
	areUsers(t, stack.TargetDSN, map[string]string{"delfos-etl": dbtarget.Writer.Name, "delfos-console": dbtarget.Reader.Name})
}

func TestEachFunctionIsLoggedInAsItsRoleAlsoInADirectoryOfAnOlderVersion(t *testing.T) {
	t.Parallel()
	dir, stack := startStack(t, "--seed-days", "2")
	worksAsRoles(t, dir, stack, "2026-02-20")

	// An older version has no such roles; whatever has made one since, the password is
	// another.
	owner := open(t, stack.TargetDSN)
	for _, statement := range []string{
		"DROP OWNED BY " + dbtarget.Writer.Name, "DROP ROLE " + dbtarget.Writer.Name, "GRANT CONNECT, TEMPORARY ON DATABASE target TO PUBLIC",
	} {
		if _, err := owner.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	must(t, dir, "down")
	forgotten := forget(t, filepath.Join(dir, "secrets.json"), dbsource.Reader.Name, dbtarget.Writer.Name, dbtarget.Reader.Name)
	stack = bringUp(t, dir)
	worksAsRoles(t, dir, stack, "2026-02-21")

	must(t, dir, "down")
	if remade := forget(t, filepath.Join(dir, "secrets.json"), dbtarget.Writer.Name); remade[dbtarget.Writer.Name] == forgotten[dbtarget.Writer.Name] {
		t.Error("a password that was forgotten is back")
	}
}

// forget takes secrets from those that are kept, and returns what they were.
func forget(t *testing.T, path string, names ...string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	kept, forgotten := map[string]string{}, map[string]string{}
	if err := json.Unmarshal(text, &kept); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if len(kept[name]) != 40 {
			t.Errorf("the password of %s has %d characters, want 40", name, len(kept[name]))
		}
		forgotten[name] = kept[name]
		delete(kept, name)
	}
	if text, err = json.Marshal(kept); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return forgotten
}

func TestADatabaseThatIsGivenIsUsedAsItIsAndTheOtherByItsRoles(t *testing.T) {
	t.Parallel()
	g := give(t, "roleless_source", "roleless_target")
	dir, stack := startStack(t, "--source-dsn", g.source, "--seed-days", "1")
	must(t, dir, "materialize", "--partition", "2026-02-20")
	areUsers(t, stack.TargetDSN, map[string]string{"delfos-etl": dbtarget.Writer.Name})
	areUsers(t, g.source, map[string]string{"delfos-sourceapi": "postgres"})
	var changed bool
	if err := open(t, g.source).QueryRow(t.Context(), "SELECT datacl IS NOT NULL FROM pg_database WHERE datname = current_database()").Scan(&changed); err != nil || changed {
		t.Errorf("what may be done in the given database has changed: %t, %v", changed, err)
	}
}
