package local

import (
	"context"
	"fmt"

	"delfos/infra/local/template"
	"delfos/shared/postgres/role"
	dbsource "delfos/shared/schema/source"
	dbtarget "delfos/shared/schema/target"
)

// login is a role that functions log in to one of the stack's own databases as, with
// its secret and the parameter of template.yaml that takes the secret.
type login struct {
	role      role.Role
	secret    string
	parameter string
}

// logins are those to a database. To one that is given the functions log in as the
// stack does.
func (s *Stack) logins(database string) []login {
	switch {
	case database == sourceDatabase && s.options.SourceDSN == "":
		return []login{{dbsource.Reader, sourceSecret + "-reader", "SourceReaderSecretArn"}}
	case database == targetDatabase && s.options.TargetDSN == "":
		return []login{
			{dbtarget.Writer, targetSecret + "-writer", "TargetWriterSecretArn"},
			{dbtarget.Reader, targetSecret + "-reader", "TargetReaderSecretArn"},
		}
	default:
		return nil
	}
}

// loginParameters give the template the secrets of all logins.
func (s *Stack) loginParameters() map[string]string {
	parameters := map[string]string{}
	for _, database := range []string{sourceDatabase, targetDatabase} {
		for _, l := range s.logins(database) {
			parameters[l.parameter] = s.secrets.ARN(l.secret)
		}
	}
	return parameters
}

// ensureLogins makes the roles of a database that has been migrated, or brings them to
// what this version has them do, and gives Secrets Manager their secrets. Their
// passwords are kept with the template's secrets.
func (s *Stack) ensureLogins(ctx context.Context, database string) error {
	wanted := s.logins(database)
	generated := make([]template.Secret, 0, len(wanted))
	for _, l := range wanted {
		generated = append(generated, template.Secret{
			LogicalID: l.role.Name, Generate: &template.Password{Length: 40, ExcludePunctuation: true, RequireEachIncludedType: true},
		})
	}
	passwords, err := s.state.keptSecrets(generated)
	if err != nil {
		return err
	}
	roles := make([]role.Login, 0, len(wanted))
	for _, l := range wanted {
		made := role.Login{Role: l.role, Password: passwords[l.role.Name]}
		if err := s.putLogin(database, l.secret, made); err != nil {
			return err
		}
		roles = append(roles, made)
	}
	if len(roles) == 0 {
		return nil
	}
	if err := role.Ensure(ctx, s.dsn[database], roles...); err != nil {
		return fmt.Errorf("database %s: %w", database, err)
	}
	return nil
}

func (s *Stack) putLogin(database, secret string, made role.Login) error {
	dsn, err := made.DSN(s.dsn[database])
	if err != nil {
		return err
	}
	text, err := databaseSecret(dsn)
	if err != nil {
		return err
	}
	s.secrets.Put(secret, text)
	return nil
}
