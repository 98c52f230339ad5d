// Package source holds the schema of the source database as goose migrations.
package source

import "embed"

// Migrations are the numbered goose SQL files, at the root of the file system.
//
//go:embed *.sql
var Migrations embed.FS
