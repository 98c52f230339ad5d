// Package target holds the schema of the target database as numbered migrations.
package target

import "embed"

// Migrations are the goose migrations, in the order of their numbers.
//
//go:embed *.sql
var Migrations embed.FS
