package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"

	dbsource "delfos/infra/db/source"
	dbtarget "delfos/infra/db/target"
	"delfos/infra/local/postgres"
	"delfos/infra/local/turbine"
	"delfos/shared/partition"
	pgmigrate "delfos/shared/postgres"
)

// The databases of the local PostgreSQL.
const (
	sourceDatabase = "source"
	targetDatabase = "target"
)

// startDatabases starts PostgreSQL with both databases, migrated.
func (s *Stack) startDatabases(ctx context.Context) error {
	if err := s.step("PostgreSQL", func() (string, error) { return s.startPostgres(ctx) }); err != nil {
		return err
	}
	go s.watchPostgres(s.database)
	return s.step("Databases", func() (string, error) {
		applied := 0
		for name, migrations := range map[string]fs.FS{sourceDatabase: dbsource.Migrations, targetDatabase: dbtarget.Migrations} {
			if _, err := s.database.EnsureDatabase(ctx, name); err != nil {
				return "", fmt.Errorf("create database %s: %w", name, err)
			}
			n, err := pgmigrate.Migrate(ctx, s.database.DSN(name), migrations)
			if err != nil {
				return "", fmt.Errorf("migrate database %s: %w", name, err)
			}
			applied += n
		}
		return fmt.Sprintf("%s and %s, %d migrations applied", sourceDatabase, targetDatabase, applied), nil
	})
}

func (s *Stack) startPostgres(ctx context.Context) (string, error) {
	binaries, err := s.findPostgres(ctx)
	if err != nil {
		return "", err
	}
	s.database, err = postgres.Start(ctx, postgres.Options{
		Binaries: binaries, DataDir: s.state.postgres(), Port: s.lastPostgresPort, Progress: s.options.Reporter.Update,
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
		s.failed <- fmt.Errorf("PostgreSQL has ended: %w", err)
	}
}

// seed fills the source with the turbine's data, the same on every machine. Days
// that were filled in before stay as they are now, whatever has become of them.
func (s *Stack) seed(ctx context.Context) error {
	seeded, err := s.state.seededDays()
	if err != nil || s.options.SeedDays <= seeded {
		return err
	}
	return s.step("Source data", func() (string, error) {
		calendar, err := s.calendar()
		if err != nil {
			return "", err
		}
		conn, err := pgx.Connect(ctx, s.database.DSN(sourceDatabase))
		if err != nil {
			return "", err
		}
		defer conn.Close(context.WithoutCancel(ctx))
		from := calendar.Span(calendar.First().AddDays(seeded)).Start
		to := calendar.Span(calendar.First().AddDays(s.options.SeedDays)).Start
		inserted, err := turbine.Fill(ctx, conn, turbine.New(turbine.ExampleSeed), from, to, func(done, total int) {
			s.options.Reporter.Update(fmt.Sprintf("%d of %d days", done, total))
		})
		if err != nil {
			return "", fmt.Errorf("fill the source: %w", err)
		}
		return fmt.Sprintf("%d samples, %d days from %s on", inserted, s.options.SeedDays-seeded, from.Format(time.DateOnly)),
			s.state.recordSeededDays(s.options.SeedDays)
	})
}

// calendar is the one that the template gives the etl.
func (s *Stack) calendar() (partition.Calendar, error) {
	for _, function := range s.template.Functions {
		if first, ok := function.Environment["FIRST_PARTITION"]; ok {
			key, err := partition.ParseKey(first)
			if err != nil {
				return partition.Calendar{}, fmt.Errorf("template.yaml, %s, FIRST_PARTITION: %w", function.LogicalID, err)
			}
			return partition.NewCalendar(function.Environment["PARTITION_TIME_ZONE"], key)
		}
	}
	return partition.Calendar{}, errors.New("template.yaml: no function has FIRST_PARTITION")
}
