// Package migration brings a database's schema up to date. It stands by itself, for
// what it imports is a seventh of a function that only connects.
package migration

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"delfos/shared/postgres"
)

// Up brings the database that dsn names up to the last of the goose SQL
// migrations at the root of the file system, and returns how many it applied: 0
// where the database was up to date. A session lock makes concurrent calls take
// turns. Each migration is one transaction, unless it says otherwise: after an
// error the database stands at the last migration that went through.
func Up(ctx context.Context, dsn string, migrations fs.FS) (applied int, err error) {
	config, err := postgres.ParseConfig(dsn)
	if err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	db := stdlib.OpenDB(*config)
	defer func() { _ = db.Close() }() // nothing is pending after Up
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations,
		goose.WithSessionLocker(locker), goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return 0, fmt.Errorf("migrate: read the migrations: %w", err)
	}
	results, err := provider.Up(ctx)
	if err != nil {
		return len(results), fmt.Errorf("migrate: %w", err)
	}
	return len(results), nil
}
