package local_test

import (
	"strings"
	"testing"

	"delfos/infra/local"
)

func TestWhatTheStackIsGivenIsCheckedBeforeItStarts(t *testing.T) {
	t.Parallel()
	const database = "postgres://u:hush@db:5433/source"
	for _, test := range []struct {
		name    string
		options local.Options
		says    []string // nothing where it is right
	}{
		{"nothing", local.Options{}, nil},
		{"a database", local.Options{SourceDSN: database}, nil},
		{"all of it", local.Options{
			SourceDSN: database + "?sslmode=disable", TargetDSN: "postgresql://u@[::1]/target", DynamoDBEndpoint: "http://dynamodb:8000/",
			Bind: "0.0.0.0", AllowedHosts: []string{"stack", "192.0.2.1", "::2"},
		}, nil},
		{"no URL", local.Options{SourceDSN: "host=db password=hush"}, []string{"--source-dsn", "no URL", "postgres://"}},
		{"a URL of something else", local.Options{TargetDSN: "mysql://u:hush@db/target"}, []string{"--target-dsn", "postgres://"}},
		{"no URL at all", local.Options{TargetDSN: "postgres://u:hush@db:port/target"}, []string{"--target-dsn", "postgres://"}},
		{"no database", local.Options{TargetDSN: "postgres://u:hush@db"}, []string{"--target-dsn", "database is missing"}},
		{"no user", local.Options{TargetDSN: "postgres://db/target"}, []string{"--target-dsn", "user"}},
		{"an sslmode that there is not", local.Options{TargetDSN: database + "?sslmode=some"}, []string{"--target-dsn", "cannot be read"}},
		{"what the functions would not hear of", local.Options{SourceDSN: database + "?search_path=x"}, []string{"search_path", "ALTER ROLE"}},
		{"DynamoDB without a scheme", local.Options{DynamoDBEndpoint: "dynamodb:8000"}, []string{"--dynamodb-endpoint", "http://host:port"}},
		{"DynamoDB with a path", local.Options{DynamoDBEndpoint: "http://dynamodb:8000/shell"}, []string{"--dynamodb-endpoint", "http://host:port"}},
		{"fresh and given", local.Options{SourceDSN: database, Fresh: true}, []string{"--fresh", "empty these yourself"}},
		{"a name to listen at", local.Options{Bind: "localhost"}, []string{"--bind localhost", "0.0.0.0"}},
		{"a host with a port", local.Options{AllowedHosts: []string{"stack:8000"}}, []string{"--allow-host stack:8000", "without scheme and port"}},
		{"all hosts", local.Options{AllowedHosts: []string{"*"}}, []string{"--allow-host *"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := test.options.Check()
			if (err != nil) != (len(test.says) > 0) {
				t.Fatalf("Check = %v, want %q", err, test.says)
			}
			for _, said := range test.says {
				if !strings.Contains(err.Error(), said) {
					t.Errorf("Check = %v, want %q in it", err, said)
				}
			}
			if err != nil && strings.Contains(err.Error(), "hush") {
				t.Errorf("Check shows the password: %v", err)
			}
		})
	}
}
