package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	embedded "github.com/fergusstrange/embedded-postgres"
)

// fetchedVersion is the library's build of PostgreSQL that Fetch gets.
const fetchedVersion = embedded.V17

// Fetch gets the binaries of a PostgreSQL into cacheDir, about 30 MB, or finds
// them there. As root it puts them where the unprivileged user can run them, if
// cacheDir is not such a place.
func Fetch(ctx context.Context, cacheDir string, progress func(string)) (Binaries, error) {
	runAs, err := unprivileged()
	if err != nil {
		return Binaries{}, err
	}
	if err := os.MkdirAll(cacheDir, 0o755); err != nil {
		return Binaries{}, fmt.Errorf("fetch PostgreSQL: %w", err)
	}
	if !runAs.reaches(cacheDir) {
		cacheDir = "/var/lib/delfos/cache"
		if err := os.MkdirAll(cacheDir, 0o755); err != nil {
			return Binaries{}, fmt.Errorf("fetch PostgreSQL: %w", err)
		}
	}
	home := filepath.Join(cacheDir, "postgresql-"+string(fetchedVersion))
	if b, err := inspect(ctx, filepath.Join(home, "bin"), runAs); err == nil {
		return b, nil
	}
	progress("fetching PostgreSQL " + string(fetchedVersion))
	if err := fetch(ctx, cacheDir, home); err != nil {
		return Binaries{}, fmt.Errorf("fetch PostgreSQL %s: %w; install PostgreSQL %d or later instead", fetchedVersion, err, OldestMajor)
	}
	return inspect(ctx, filepath.Join(home, "bin"), runAs)
}

// fetch extracts beside home and renames, so that home is whole or not there.
func fetch(ctx context.Context, cacheDir, home string) error {
	work, err := os.MkdirTemp(cacheDir, "fetching-")
	if err != nil {
		return err
	}
	extracted := make(chan error, 1)
	go func() { extracted <- extract(cacheDir, work) }()
	select {
	case err = <-extracted:
	case <-ctx.Done(): // the library cannot be interrupted; it writes into work alone
		return context.Cause(ctx)
	}
	defer func() { _ = os.RemoveAll(work) }() // what is left there is worth nothing
	if err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(work, "postgresql"), home); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return nil
}

// extract downloads into cacheDir and unpacks into work/postgresql. The library
// does so only on the way to a server: it is handed a data directory that is not
// one, which it leaves as it is and which no PostgreSQL starts on.
func extract(cacheDir, work string) error {
	data := filepath.Join(work, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		return err
	}
	major, _, _ := strings.Cut(string(fetchedVersion), ".")
	if err := os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte(major), 0o600); err != nil {
		return err
	}
	port := 0
	if err := claimPort(&port, true); err != nil {
		return err
	}
	binaries := filepath.Join(work, "postgresql")
	err := embedded.NewDatabase(embedded.DefaultConfig().
		Version(fetchedVersion).Port(uint32(port)).CachePath(cacheDir).BinariesPath(binaries).
		RuntimePath(filepath.Join(work, "runtime")).DataPath(data).Logger(io.Discard)).Start()
	if _, statErr := os.Stat(filepath.Join(binaries, "bin", "initdb")); statErr != nil {
		return errors.Join(err, statErr)
	}
	return nil
}
