package source_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"

	"delfos/infra/local/postgres/postgrestest"
	"delfos/shared/partition"
	"delfos/shared/postgres/role/roletest"
	dbsource "delfos/shared/schema/source"
	"delfos/shared/source"
	"delfos/shared/source/sourcedb"
	"delfos/shared/turbine"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

func TestTheReaderDoesTheSourceAPIsWorkAndNothingElse(t *testing.T) {
	t.Parallel()
	dsn := postgrestest.Database(t, dbsource.Migrations)
	owner := roletest.Connect(t, dsn)
	from := time.Date(2026, 2, 20, 0, 0, 0, 0, time.UTC)
	if _, err := turbine.Fill(t.Context(), owner, turbine.New(turbine.ExampleSeed), from, from.AddDate(0, 0, 1), nil); err != nil {
		t.Fatal(err)
	}
	own := roletest.DSN(t, dsn, dbsource.Reader)
	reads(t, own, from)
	roletest.MayNot(t, owner, roletest.Connect(t, own),
		"INSERT INTO data (timestamp) VALUES (now())",
		"UPDATE data SET power = 0",
		"DELETE FROM data",
		"TRUNCATE data",
		"COPY data FROM PROGRAM 'true'",
		"LOCK TABLE data IN EXCLUSIVE MODE",
		"ALTER TABLE data ADD COLUMN more int",
		"DROP TABLE data",
		"CREATE INDEX ON data (power)",
		"SELECT * FROM goose_db_version",
		"CREATE TABLE mine (id int)",
		"CREATE TEMPORARY TABLE mine (id int)",
		"CREATE SCHEMA mine",
		"CREATE ROLE another",
		"SET ROLE postgres",
		"SELECT rolpassword FROM pg_authid",
		"SELECT pg_read_file('PG_VERSION')",
	)
}

// reads is all that the source API asks the database.
func reads(t *testing.T, dsn string, from time.Time) {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	reader := sourcedb.New(pool)
	if err := reader.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	first, last, ok, err := reader.Extent(t.Context())
	if err != nil || !ok || !first.Equal(from) || !last.Equal(from.AddDate(0, 0, 1).Add(-time.Minute)) {
		t.Errorf("extent %s to %s, %t, %v", first, last, ok, err)
	}
	query := source.Query{Span: partition.Span{Start: from, End: from.AddDate(0, 0, 1)}, Variables: source.VariableNames()}
	samples := 0
	if err := reader.Read(t.Context(), query, 0, func(int64, []float64) error { samples++; return nil }); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(24*60, samples); diff != "" {
		t.Errorf("samples (-want +got):\n%s", diff)
	}
	if fingerprint, err := reader.Fingerprint(t.Context(), query, 0); err != nil || fingerprint == "" {
		t.Errorf("fingerprint %q, %v", fingerprint, err)
	}
}
