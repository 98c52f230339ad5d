// Package schema has the databases of the pipeline as the function brings them up to date
// that CloudFormation calls: each with its migrations, and who logs in to it.
package schema

import (
	"delfos/shared/postgres"
	"delfos/shared/provision"
	"delfos/shared/schema/source"
	"delfos/shared/schema/target"
)

// Source is the source database, as the function's environment names it. Its secret is
// read when it is needed: a function that cannot start leaves CloudFormation without an
// answer.
func Source(getenv func(string) string, secrets postgres.SecretReader) provision.Database {
	return provision.Database{
		Name:       "source",
		DSN:        postgres.DSNFrom(secrets, getenv("SOURCE_DSN"), getenv("SOURCE_SECRET_ARN")),
		Migrations: source.Migrations,
		Logins: []provision.Login{
			{Role: source.Reader, SecretARN: getenv("SOURCE_READER_SECRET_ARN"), Attribute: "SourceReaderSecretArn"},
		},
	}
}

// Target is the target database, likewise.
func Target(getenv func(string) string, secrets postgres.SecretReader) provision.Database {
	return provision.Database{
		Name:       "target",
		DSN:        postgres.DSNFrom(secrets, getenv("TARGET_DSN"), getenv("TARGET_SECRET_ARN")),
		Migrations: target.Migrations,
		Logins: []provision.Login{
			{Role: target.Writer, SecretARN: getenv("TARGET_WRITER_SECRET_ARN"), Attribute: "TargetWriterSecretArn"},
			{Role: target.Reader, SecretARN: getenv("TARGET_READER_SECRET_ARN"), Attribute: "TargetReaderSecretArn"},
		},
	}
}
