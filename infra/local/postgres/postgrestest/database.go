package postgrestest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"delfos/infra/local/postgres"
	"delfos/shared/postgres/migration"
)

var (
	templates sync.Map // name -> func() error that makes it, once
	databases atomic.Int64
)

// Database is the DSN of a new database on the shared server, with the goose SQL
// migrations of the file system applied if one is given (at most one). Databases
// with the same migrations are copies of one template; they go with the server.
func Database(t testing.TB, migrations ...fs.FS) string {
	t.Helper()
	if len(migrations) > 1 {
		t.Fatalf("postgrestest: %d sets of migrations: a database has at most one", len(migrations))
	}
	server := Server(t)
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	template := "template1"
	if len(migrations) == 1 {
		var err error
		if template, err = templateOf(ctx, server, migrations[0]); err != nil {
			t.Fatalf("postgrestest: %v", err)
		}
	}
	name := fmt.Sprintf("test_%d", databases.Add(1))
	if err := createDatabase(ctx, server, name, template); err != nil {
		t.Fatalf("postgrestest: %v", err)
	}
	return server.DSN(name)
}

// createDatabase copies files where PostgreSQL would copy through its log, which
// takes more than twice as long with fsync off. Before 15 there is no choice.
func createDatabase(ctx context.Context, server *postgres.Server, name, template string) error {
	conn, err := pgx.Connect(ctx, server.DSN("postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }() // nothing is pending
	create := "CREATE DATABASE " + pgx.Identifier{name}.Sanitize() + " TEMPLATE " + pgx.Identifier{template}.Sanitize()
	if server.Options().Binaries.Major >= 15 {
		create += " STRATEGY file_copy"
	}
	_, err = conn.Exec(ctx, create)
	return err
}

// templateOf names a database that has the migrations and no connections.
func templateOf(ctx context.Context, server *postgres.Server, migrations fs.FS) (string, error) {
	sum, err := fingerprint(migrations)
	if err != nil {
		return "", err
	}
	name := "template_" + sum
	once, _ := templates.LoadOrStore(name, sync.OnceValue(func() error {
		if err := createDatabase(ctx, server, name, "template1"); err != nil {
			return err
		}
		_, err := migration.Up(ctx, server.DSN(name), migrations)
		return err
	}))
	build, ok := once.(func() error)
	if !ok {
		return "", fmt.Errorf("template %s is a %T", name, once)
	}
	return name, build()
}

// fingerprint is of the files' names and contents: file systems cannot be compared.
func fingerprint(files fs.FS) (string, error) {
	hash := sha256.New()
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(hash, "%q %d\n%s", path, len(content), content)
		return err
	})
	return hex.EncodeToString(hash.Sum(nil)[:8]), err
}
