package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"

	"delfos/infra/local/postgres"
	"delfos/shared/postgres/migration"
	dbsource "delfos/shared/schema/source"
	dbtarget "delfos/shared/schema/target"
	"delfos/shared/turbine"
)

// The databases of the local PostgreSQL.
const (
	sourceDatabase = "source"
	targetDatabase = "target"
)

// startDatabases has both databases ready and migrated: those that are given, and
// those of a PostgreSQL that it starts where one is not, with the functions' roles.
func (s *Stack) startDatabases(ctx context.Context) error {
	s.dsn = map[string]string{sourceDatabase: s.options.SourceDSN, targetDatabase: s.options.TargetDSN}
	if s.options.SourceDSN == "" || s.options.TargetDSN == "" {
		if err := s.step("PostgreSQL", func() (string, error) { return s.startPostgres(ctx) }); err != nil {
			return err
		}
		go s.watchPostgres(s.database)
	}
	return s.step("Databases", func() (string, error) {
		applied := 0
		for name, migrations := range map[string]fs.FS{sourceDatabase: dbsource.Migrations, targetDatabase: dbtarget.Migrations} {
			if err := s.ensureDatabase(ctx, name); err != nil {
				return "", err
			}
			n, err := migration.Up(ctx, s.dsn[name], migrations)
			if err != nil {
				return "", fmt.Errorf("migrate database %s: %w", name, err)
			}
			applied += n
			if err := s.ensureLogins(ctx, name); err != nil {
				return "", err
			}
		}
		return fmt.Sprintf("%s and %s, %d migrations applied", sourceDatabase, targetDatabase, applied), nil
	})
}

// ensureDatabase waits for a database that is given, and makes one that is not.
func (s *Stack) ensureDatabase(ctx context.Context, name string) error {
	if s.dsn[name] != "" {
		return s.awaitDatabase(ctx, name, s.dsn[name])
	}
	if _, err := s.database.EnsureDatabase(ctx, name); err != nil {
		return fmt.Errorf("create database %s: %w", name, err)
	}
	s.dsn[name] = s.database.DSN(name)
	return nil
}

func (s *Stack) startPostgres(ctx context.Context) (string, error) {
	binaries, err := s.findPostgres(ctx)
	if err != nil {
		return "", err
	}
	s.database, err = postgres.Start(ctx, postgres.Options{
		Binaries: binaries, DataDir: s.state.postgres(), Port: s.choices.PostgresPort, Progress: s.options.Reporter.Update,
	})
	if _, ok := errors.AsType[*postgres.PortTakenError](err); ok {
		s.database, err = postgres.Start(ctx, postgres.Options{
			Binaries: binaries, DataDir: s.state.postgres(), Progress: s.options.Reporter.Update,
		})
	}
	if err != nil {
		return "", err
	}
	s.onClose("PostgreSQL", s.database.Stop)
	s.choices.PostgresPort = s.database.Port() // so that connection strings outlast a restart
	return fmt.Sprintf("%s on port %d", binaries.Version, s.database.Port()), nil
}

// findPostgres takes the machine's PostgreSQL, or else fetches one, once.
func (s *Stack) findPostgres(ctx context.Context) (postgres.Binaries, error) {
	binaries, findErr := postgres.FindFor(ctx, s.state.postgres())
	if findErr == nil {
		return binaries, nil
	}
	binaries, err := postgres.Fetch(ctx, s.state.binaries(), s.options.Reporter.Update)
	if err != nil {
		return binaries, fmt.Errorf("%w; and fetching PostgreSQL failed: %w", findErr, err)
	}
	return binaries, nil
}

// watchPostgres tells of a PostgreSQL that ends by itself.
func (s *Stack) watchPostgres(server *postgres.Server) {
	<-server.Done()
	if err := server.Err(); err != nil {
		s.fail(fmt.Errorf("PostgreSQL has ended: %w", err))
	}
}

// seed fills the source with the turbine's data, the same on every machine. What
// was filled in before stays as it is now, whatever has become of it.
func (s *Stack) seed(ctx context.Context) error {
	calendar := s.settings.Calendar
	from := calendar.Span(calendar.First()).Start
	to := calendar.Span(calendar.First().AddDays(max(0, s.choices.SeedDays))).Start
	if from.Equal(s.choices.SeededFrom) {
		from = s.choices.SeededUntil
	}
	if !from.Before(to) {
		return nil
	}
	return s.step("Source data", func() (string, error) {
		conn, err := pgx.Connect(ctx, s.dsn[sourceDatabase])
		if err != nil {
			return "", err
		}
		defer conn.Close(context.WithoutCancel(ctx))
		inserted, err := turbine.Fill(ctx, conn, turbine.New(turbine.ExampleSeed), from, to, func(done, total int) {
			s.options.Reporter.Update(fmt.Sprintf("%d of %d days", done, total))
		})
		if err != nil {
			return "", fmt.Errorf("fill the source: %w", err)
		}
		s.choices.SeededFrom, s.choices.SeededUntil = calendar.Span(calendar.First()).Start, to
		return fmt.Sprintf("%d samples from %s on", inserted, from.Format(time.DateOnly)), s.remember()
	})
}
