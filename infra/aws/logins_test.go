package aws_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"delfos/shared/schema/source"
	"delfos/shared/schema/target"
)

// Each function's database, by the variable that says which; Schema gives the secret
// once its role is there.
func TestEachFunctionLogsInAsItsRoleAndTheOneThatMigratesAsTheOwner(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"SourceApiFunction SOURCE_SECRET_ARN": strings.Replace(sourceReader, "SourceDatabase.Outputs.Reader", "Schema.SourceReader", 1),
		"EtlFunction TARGET_SECRET_ARN":       strings.Replace(targetWriter, "TargetDatabase.Outputs.Writer", "Schema.TargetWriter", 1),
		"ConsoleFunction TARGET_SECRET_ARN":   strings.Replace(targetReader, "TargetDatabase.Outputs.Reader", "Schema.TargetReader", 1),
		"MigrateFunction SOURCE_SECRET_ARN":   sourceOwner,
		"MigrateFunction TARGET_SECRET_ARN":   targetOwner,
	}
	got := map[string]string{}
	for _, function := range load(t).some(t, "AWS::Lambda::Function") {
		for _, name := range []string{"SOURCE_SECRET_ARN", "TARGET_SECRET_ARN"} {
			if value := at(function.properties, "Environment", "Variables", name); value != nil {
				got[function.id+" "+name] = text(value)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheSecretsOfACreatedDatabaseAreOfItsOwnerAndItsRoles(t *testing.T) {
	t.Parallel()
	all := load(t)
	attached := map[string]bool{}
	for _, attachment := range all.some(t, "AWS::SecretsManager::SecretTargetAttachment") {
		attached[text(attachment.properties["SecretId"])] = true
	}
	got := map[string][]string{}
	for _, database := range all.some(t, "AWS::CloudFormation::Stack") {
		name, isDatabase := at(database.properties, "Parameters", "DatabaseName").(string)
		if !isDatabase {
			continue
		}
		written := at(database.properties, "Parameters", "Written") == "true"
		for _, secret := range all.of("AWS::SecretsManager::Secret") {
			generated := at(secret.properties, "GenerateSecretString", "SecretStringTemplate")
			if secret.file != "infra/aws/database.yaml" || secret.whole["Condition"] == "HasWriter" && !written {
				continue
			}
			var says struct{ Username, DBName string }
			if err := json.Unmarshal([]byte(strings.ReplaceAll(text(generated), "${DatabaseName}", name)), &says); err != nil || says.DBName != name {
				t.Errorf("%s: %s, %v", secret.id, text(generated), err)
			}
			if !attached["${"+secret.id+"}"] {
				t.Errorf("%s does not say where the cluster is", secret.id)
			}
			got[name] = append(got[name], says.Username)
		}
	}
	want := map[string][]string{
		"source": {source.Reader.Name, "delfos"},
		"target": {target.Reader.Name, "delfos", target.Writer.Name},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("users by database (-want +got):\n%s", diff)
	}
}
