package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// OldestMajor is the oldest major version of PostgreSQL that Start takes.
const OldestMajor = 14

// ErrNoBinaries says that Find met no usable installation of PostgreSQL.
var ErrNoBinaries = errors.New("no PostgreSQL found")

// Binaries is an installation of PostgreSQL.
type Binaries struct {
	Dir     string // holds initdb and postgres
	Version string // "15.18"
	Major   int    // 15
}

// Find looks for PostgreSQL 14 or later that has initdb and postgres: on $PATH,
// where pg_config points, then in the usual places of Debian, Homebrew,
// Postgres.app and RPM, newest first. Started as root, it passes over what the
// unprivileged user could not run. Nothing found is ErrNoBinaries.
func Find(ctx context.Context) (Binaries, error) {
	return find(ctx, candidates(ctx), func(Binaries) bool { return true })
}

// FindFor is Find for an existing data directory: it prefers binaries of the
// major version that made it.
func FindFor(ctx context.Context, dataDir string) (Binaries, error) {
	home, err := filepath.Abs(dataDir)
	if err != nil {
		return Binaries{}, err
	}
	if made := madeBy(existingPlace(home)); made != 0 {
		if b, err := find(ctx, candidates(ctx), func(b Binaries) bool { return b.Major == made }); err == nil {
			return b, nil
		}
	}
	return Find(ctx)
}

func find(ctx context.Context, dirs []string, wanted func(Binaries) bool) (Binaries, error) {
	runAs, err := unprivileged()
	if err != nil {
		return Binaries{}, err
	}
	var passed []string
	for _, dir := range dirs {
		b, err := inspect(ctx, dir, runAs)
		if err == nil && wanted(b) {
			return b, nil
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			passed = append(passed, err.Error())
		}
	}
	why := ""
	if len(passed) > 0 {
		why = " (passed over: " + strings.Join(passed, "; ") + ")"
	}
	return Binaries{}, fmt.Errorf("%w%s: install PostgreSQL %d or later (apt install postgresql, brew install postgresql), "+
		"or put the directory that has initdb and postgres on PATH", ErrNoBinaries, why, OldestMajor)
}

// usualPlaces are the bin directories of package managers.
var usualPlaces = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/opt/homebrew/opt/postgresql@*/bin",
	"/usr/local/opt/postgresql@*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
}

// candidates lists directories to look in, best first.
func candidates(ctx context.Context) []string {
	var dirs []string
	for _, name := range []string{"postgres", "initdb"} {
		if path, err := exec.LookPath(name); err == nil {
			if resolved, err := filepath.EvalSymlinks(path); err == nil {
				dirs = append(dirs, filepath.Dir(resolved))
			}
		}
	}
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	for _, pattern := range usualPlaces {
		found, err := filepath.Glob(pattern)
		if err != nil {
			continue // the patterns are constants, and a test matches them
		}
		slices.SortStableFunc(found, func(a, b string) int { return majorIn(b) - majorIn(a) })
		dirs = append(dirs, found...)
	}
	return dirs
}

var firstNumber = regexp.MustCompile(`\d+`)

// majorIn reads the first number of a path; 0 where there is none.
func majorIn(text string) int {
	n, err := strconv.Atoi(firstNumber.FindString(text))
	if err != nil {
		return 0
	}
	return n
}

// inspect tells what is installed in dir. The error wraps os.ErrNotExist where
// that is nothing.
func inspect(ctx context.Context, dir string, runAs *account) (Binaries, error) {
	for _, name := range []string{"initdb", "postgres"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return Binaries{}, err
		}
	}
	if !runAs.reaches(dir) {
		return Binaries{}, fmt.Errorf("%s: user %s cannot enter it", dir, runAs.name)
	}
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return Binaries{}, fmt.Errorf("%s: postgres --version: %w", dir, err)
	}
	b := Binaries{Dir: dir, Version: parseVersion(string(out))}
	b.Major = majorIn(b.Version)
	if b.Major < OldestMajor {
		return Binaries{}, fmt.Errorf("%s: version %q is older than %d", dir, b.Version, OldestMajor)
	}
	return b, nil
}

var versionNumber = regexp.MustCompile(`\) (\d+[^ \n]*)`)

// parseVersion reads "15.18" out of "postgres (PostgreSQL) 15.18 (Debian …)".
func parseVersion(text string) string {
	if m := versionNumber.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}
