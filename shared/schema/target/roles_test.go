package target_test

import (
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"delfos/infra/local/postgres/postgrestest"
	"delfos/shared/partition"
	"delfos/shared/postgres/role/roletest"
	dbtarget "delfos/shared/schema/target"
	"delfos/shared/target"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// What both roles have no right to.
var never = []string{
	"CREATE TABLE mine (id int)",
	"CREATE TEMPORARY TABLE mine (id int)",
	"CREATE SCHEMA mine",
	"CREATE INDEX ON data (value)",
	"ALTER TABLE data ADD COLUMN more int",
	"ALTER TABLE signal DROP CONSTRAINT signal_name_check",
	"ALTER TABLE materialization DISABLE TRIGGER ALL",
	"DROP TABLE data",
	"TRUNCATE data",
	"SELECT * FROM goose_db_version",
	"SELECT setval('signal_id_seq', 100)",
	"SELECT nextval('signal_id_seq')",
	"UPDATE data SET value = 0",
	"UPDATE signal SET name = name",
	"DELETE FROM signal WHERE false",
	"DELETE FROM materialization",
	"INSERT INTO signal (id, name) OVERRIDING SYSTEM VALUE VALUES (7, 'power_max')",
	"UPDATE materialization SET partition = partition",
	"INSERT INTO materialization (partition, run_id, generation, fingerprint, rows_read, rows_written, published_at) VALUES ('2000-01-01', '', 1, '', 0, 0, now())",
	"COPY data TO '/dev/null'",
	"COPY signal FROM PROGRAM 'true'",
	"CREATE ROLE another",
	"ALTER ROLE postgres PASSWORD NULL",
	"GRANT pg_read_all_data TO delfos_target_writer",
	"SET ROLE postgres",
	"SELECT rolpassword FROM pg_authid",
	"SELECT pg_read_file('PG_VERSION')",
	"SELECT pg_reload_conf()",
}

func TestEachRoleDoesItsFunctionsWorkAndNothingElse(t *testing.T) {
	t.Parallel()
	dsn := postgrestest.Database(t, dbtarget.Migrations)
	owner := roletest.Connect(t, dsn)
	writer := roletest.DSN(t, dsn, dbtarget.Writer, dbtarget.Reader)
	reader := roletest.DSN(t, dsn, dbtarget.Reader)
	publishes(t, writer)
	reads(t, reader)
	roletest.MayNot(t, owner, roletest.Connect(t, writer), append([]string{
		"SELECT value FROM data",
		"ALTER ROLE delfos_target_reader PASSWORD NULL",
		"SET ROLE delfos_target_reader",
	}, never...)...)
	roletest.MayNot(t, owner, roletest.Connect(t, reader), append([]string{
		"INSERT INTO data (timestamp, signal_id, value) SELECT now(), id, 1 FROM signal",
		"COPY data (timestamp, signal_id, value) FROM PROGRAM 'true'",
		"DELETE FROM data",
		"INSERT INTO signal (name) VALUES ('power_max')",
		"UPDATE materialization SET generation = 9",
		"INSERT INTO materialization (partition, run_id, generation, fingerprint, rows_read, rows_written) VALUES ('2000-01-01', '', 1, '', 0, 0)",
		"LOCK TABLE materialization IN EXCLUSIVE MODE",
		"SELECT * FROM signal FOR UPDATE",
		"ALTER ROLE delfos_target_writer PASSWORD NULL",
		"SET ROLE delfos_target_writer",
	}, never...)...)
}

var day = partition.MustParseKey("2026-02-20")

func publication(t *testing.T, generation int64, signals ...string) target.Publication {
	t.Helper()
	calendar, err := partition.NewCalendar("UTC", day)
	if err != nil {
		t.Fatal(err)
	}
	p := target.Publication{
		Partition: day, Span: calendar.Span(day), RunID: "run", Generation: generation, Fingerprint: "f", RowsRead: 1,
		LeaseLeft: func() time.Duration { return time.Minute },
	}
	for _, signal := range signals {
		p.Rows = append(p.Rows, target.Row{Time: p.Span.Start, Signal: signal, Value: 1})
	}
	return p
}

// publishes is all that the etl asks the target: new signals, a day again, what is
// published, the sessions of a run that is stuck, the fence.
func publishes(t *testing.T, dsn string) {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	loader := target.New(pool)
	for generation, signals := range [][]string{{"power_mean"}, {"power_mean", "power_std"}} {
		if _, err := loader.Replace(t.Context(), publication(t, int64(generation)+1, signals...)); err != nil {
			t.Fatalf("generation %d: %v", generation+1, err)
		}
	}
	stuck := hold(t, dsn)
	past := publication(t, 3, "power_mean")
	past.LeaseLeft = func() time.Duration { return 400 * time.Millisecond }
	if _, err := loader.Replace(t.Context(), past); err != nil {
		t.Errorf("past a run that is stuck: %v", err)
	}
	if err := stuck.Ping(t.Context()); err == nil {
		t.Error("the session of the run that is stuck was not ended")
	}
	if m, found, err := loader.Current(t.Context(), day); err != nil || !found || m.Generation != 3 {
		t.Errorf("current %+v, %t, %v", m, found, err)
	}
	_, err = loader.Replace(t.Context(), publication(t, 2, "power_mean"))
	if !errors.As(err, new(*target.SupersededError)) {
		t.Errorf("an earlier generation: %v", err)
	}
}

// hold is the session of generation 2 as it stands amid its publication, with the
// partition's lock.
func hold(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn := roletest.Connect(t, dsn)
	for _, statement := range []string{
		"BEGIN", "SELECT set_config('application_name', 'delfos publishes 2026-02-20 generation 2', true)",
		"SELECT pg_advisory_xact_lock(hashtextextended('delfos/2026-02-20', 0))",
	} {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	return conn
}

// reads is a look at each table; the console's own queries are the end-to-end tests'.
func reads(t *testing.T, dsn string) {
	t.Helper()
	var values, days int
	err := roletest.Connect(t, dsn).QueryRow(t.Context(), `
		SELECT (SELECT count(value) FROM data JOIN signal ON signal.id = signal_id WHERE name = 'power_mean'),
			(SELECT count(*) FROM materialization WHERE generation = 3)`).Scan(&values, &days)
	if err != nil || values != 1 || days != 1 {
		t.Errorf("%d values of %d days, %v; want 1 of 1", values, days, err)
	}
}
