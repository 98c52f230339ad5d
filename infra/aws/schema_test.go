package aws_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"delfos/shared/postgres/role"
	"delfos/shared/provision"
	"delfos/shared/schema"
	"delfos/shared/schema/source"
	"delfos/shared/schema/target"
)

func TestTheSchemaIsBroughtUpToDateWheneverThereIsANewMigration(t *testing.T) {
	t.Parallel()
	count := func(files fs.FS) int {
		names, err := fs.Glob(files, "*.sql")
		if err != nil {
			t.Fatal(err)
		}
		return len(names)
	}
	want := fmt.Sprintf("%d %d", count(source.Migrations), count(target.Migrations))
	for _, schema := range load(t).some(t, "Custom::Schema") {
		schema.holds(t, want, "Migrations")
		schema.holds(t, 600, "ServiceTimeout")
	}
}

func TestTheRolesAreMadeAnewWheneverWhatIsDoneToMakeThemChanges(t *testing.T) {
	t.Parallel()
	inSource, err := role.Statements("source", source.Reader)
	inTarget, targetErr := role.Statements("target", target.Writer, target.Reader)
	if err := errors.Join(err, targetErr); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(strings.Join(slices.Concat(inSource, inTarget), "\n")))
	for _, schema := range load(t).some(t, "Custom::Schema") {
		schema.holds(t, hex.EncodeToString(sum[:4]), "Roles")
	}
}

func TestSchemaIsAskedAgainWhereTheDatabasesAreOthers(t *testing.T) {
	t.Parallel()
	all := load(t)
	choice, ok := at(all.named(t, "Schema").properties, "Databases", "Fn::If").([]any)
	if !ok || len(choice) != 3 || choice[0] != "CreatesDatabases" {
		t.Fatalf("Databases are %v", choice)
	}
	created, given := texts(choice[1]), texts(choice[2])
	for _, database := range []string{"SourceDatabase", "TargetDatabase"} {
		if cluster := "${" + database + ".Outputs.ClusterArn}"; !slices.Contains(created, cluster) {
			t.Errorf("another cluster than %s goes unnoticed", cluster)
		}
	}
	// Each secret that the function reads.
	environment := at(all.named(t, "MigrateFunction").properties, "Environment", "Variables").(object)
	for name, value := range environment {
		if !strings.HasSuffix(name, "_SECRET_ARN") {
			continue
		}
		secret, ok := at(value, "Fn::If").([]any)
		if !ok || secret[0] != "CreatesDatabases" || !slices.Contains(created, text(secret[1])) || secret[2] != "" && !slices.Contains(given, text(secret[2])) {
			t.Errorf("%s: another than %s goes unnoticed", name, text(value))
		}
	}
}

// The policy is no part of the role, so that the function does not wait for it.
func TestTheDatabasesAreBroughtUpToDateOnceTheFunctionMay(t *testing.T) {
	t.Parallel()
	all := load(t)
	if diff := cmp.Diff([]string{"MigratePolicy"}, texts(all.named(t, "Schema").whole["DependsOn"])); diff != "" {
		t.Errorf("Schema waits for (-want +got):\n%s", diff)
	}
	policy := all.named(t, "MigratePolicy")
	policy.holds(t, `[{"Ref":"MigrateRole"}]`, "Roles")
	all.named(t, "MigrateFunction").holds(t, "${MigrateRole.Arn}", "Role")
}

// unread is a Secrets Manager of which the ARNs alone are of interest.
type unread struct{}

func (unread) Text(_ context.Context, arn string) (string, error) {
	return "", errors.New("asked for " + arn)
}

// wired are the databases as the function finds them in the environment that the template
// gives it.
func wired(t *testing.T, all templates) []provision.Database {
	t.Helper()
	var looked []string
	environment := at(all.named(t, "MigrateFunction").properties, "Environment", "Variables").(object)
	getenv := func(name string) string {
		looked = append(looked, name)
		if environment[name] == nil {
			return ""
		}
		return text(environment[name])
	}
	databases := []provision.Database{schema.Source(getenv, unread{}), schema.Target(getenv, unread{})}
	for name := range environment {
		if (strings.HasSuffix(name, "_DSN") || strings.HasSuffix(name, "_ARN")) && !slices.Contains(looked, name) {
			t.Errorf("the function does not look %s up", name)
		}
	}
	for _, name := range looked {
		if environment[name] == nil {
			t.Errorf("the template does not give the function %s", name)
		}
	}
	return databases
}

func TestTheFunctionThatMigratesFindsEachDatabaseAndEachRolesSecretInItsEnvironment(t *testing.T) {
	t.Parallel()
	databases := wired(t, load(t))
	got := map[string]string{}
	for _, database := range databases {
		_, err := database.DSN(t.Context())
		got[database.Name] = fmt.Sprint(err)
		for _, login := range database.Logins {
			got[login.Role.Name] = login.SecretARN
		}
	}
	want := map[string]string{
		"source": "asked for " + sourceOwner, "target": "asked for " + targetOwner,
		source.Reader.Name: "if CreatesDatabases then ${SourceDatabase.Outputs.ReaderSecretArn} else ",
		target.Writer.Name: "if CreatesDatabases then ${TargetDatabase.Outputs.WriterSecretArn} else ",
		target.Reader.Name: "if CreatesDatabases then ${TargetDatabase.Outputs.ReaderSecretArn} else ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Which function takes which, TestEachFunctionLogsInAsItsRoleAndTheOneThatMigratesAsTheOwner says.
func TestWhatTheTemplateAsksOfSchemaIsTheSecretOfTheRoleThatTheNameSays(t *testing.T) {
	t.Parallel()
	all := load(t)
	var asked, answered []string
	walk(all[system], func(id, attribute string) {
		if id == "Schema" {
			asked = append(asked, attribute)
		}
	})
	databases := wired(t, all)
	for _, database := range databases {
		for _, login := range database.Logins {
			answered = append(answered, login.Attribute)
			// SourceReaderSecretArn is of delfos_source_reader.
			if !strings.EqualFold(strings.ReplaceAll(login.Role.Name, "_", ""), "delfos"+strings.TrimSuffix(login.Attribute, "SecretArn")) {
				t.Errorf("%s is the secret of %s", login.Attribute, login.Role.Name)
			}
		}
	}
	slices.Sort(asked)
	slices.Sort(answered)
	if diff := cmp.Diff(answered, slices.Compact(asked)); diff != "" || len(answered) == 0 {
		t.Errorf("(-answered +asked):\n%s", diff)
	}
}
