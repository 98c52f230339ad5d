package postgres_test

import (
	"strings"
	"testing"

	"delfos/shared/postgres"
)

func TestDSNOfADatabaseSecretVerifiesTLSUnlessTheSecretSaysOtherwise(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, secret, want string }{
		{
			"as RDS writes it", `{"engine":"postgres","host":"db","port":5433,"username":"u","password":"p@/ss","dbname":"source"}`,
			"postgres://u:p%40%2Fss@db:5433/source?sslmode=verify-full",
		},
		{"without a port", `{"host":"db","username":"u","password":"p","dbname":"d"}`, "postgres://u:p@db:5432/d?sslmode=verify-full"},
		{"local", `{"host":"127.0.0.1","port":1,"username":"u","password":"p","dbname":"d","sslmode":"disable"}`, "postgres://u:p@127.0.0.1:1/d?sslmode=disable"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := postgres.DSN(test.secret)
			if err != nil || got != test.want {
				t.Errorf("DSN = %q, %v; want %q", got, err, test.want)
			}
		})
	}
}

func TestErrorsOfASecretNameTheFieldAndNeverShowAValue(t *testing.T) {
	t.Parallel()
	for secret, field := range map[string]string{
		`{"username":"u","password":"hush","dbname":"d"}`: "host",
		`{"host":"h","password":"hush","dbname":"d"}`:     "username",
		`{"host":"h","username":"u","password":"hush"}`:   "dbname",
		`hush`: "JSON",
	} {
		_, err := postgres.DSN(secret)
		if err == nil || !strings.Contains(err.Error(), field) || strings.Contains(err.Error(), "hush") {
			t.Errorf("DSN(%s) = %v, want an error that names %s and shows no value", secret, err, field)
		}
	}
	_, err := postgres.Connect(t.Context(), postgres.Settings{DSN: "postgres://u:hush@h:port/d"})
	if err == nil || strings.Contains(err.Error(), "hush") {
		t.Errorf("Connect = %v, want an error without the password", err)
	}
}
