package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// place is where the parts of one server lie. home is the directory that the
// caller named; near is the same, or a directory that the unprivileged user
// reaches where it does not reach home.
type place struct{ home, near string }

func (p place) data() string     { return filepath.Join(p.near, "data") }
func (p place) password() string { return filepath.Join(p.home, "password") }
func (p place) location() string { return filepath.Join(p.home, "location") }
func (p place) lock() string     { return filepath.Join(p.home, "lock") }
func (p place) log() string      { return filepath.Join(p.home, "postgres.log") }

// existingPlace is the place as it was last settled.
func existingPlace(home string) place {
	p := place{home: home, near: home}
	if text, err := os.ReadFile(p.location()); err == nil {
		p.near = strings.TrimSpace(string(text))
	}
	return p
}

// settle decides where the data lies, and makes the directory.
func settle(ctx context.Context, home string, runAs *account, progress func(string)) (place, error) {
	p := existingPlace(home)
	if runAs != nil {
		if err := os.Chmod(home, 0o711); err != nil {
			return p, err
		}
	}
	if p.near != home {
		return p, os.MkdirAll(p.near, 0o711)
	}
	if runAs.reaches(home) {
		return p, nil
	}
	near, err := reachable(ctx, home, runAs)
	if err != nil {
		return p, err
	}
	if err := writeWhole(p.location(), near+"\n", 0o644); err != nil {
		return p, err
	}
	progress(fmt.Sprintf("PostgreSQL keeps its data in %s: user %s, whom it runs as, cannot enter %s", near, runAs.name, home))
	return place{home: home, near: near}, nil
}

// reachable makes an empty directory for home's data where the account can enter
// it. What an earlier home of the same path left there is gone with that home's
// password, and is removed.
func reachable(ctx context.Context, home string, runAs *account) (string, error) {
	sum := sha256.Sum256([]byte(home))
	near := filepath.Join("/var/lib/delfos", hex.EncodeToString(sum[:8]))
	if err := os.MkdirAll(filepath.Dir(near), 0o755); err == nil && runAs.reaches(filepath.Dir(near)) {
		if _, err := stopPostmaster(ctx, place{home: home, near: near}); err != nil {
			return "", err
		}
		return near, errors.Join(os.RemoveAll(near), os.Mkdir(near, 0o755))
	}
	near, err := os.MkdirTemp("", "delfos-")
	if err != nil {
		return "", err
	}
	if err := os.Chmod(near, 0o711); err != nil {
		return "", err
	}
	if !runAs.reaches(near) {
		return "", errors.Join(os.Remove(near), fmt.Errorf(
			"user %s, whom PostgreSQL runs as, can enter neither %s nor /var/lib/delfos nor %s: choose another data directory",
			runAs.name, home, os.TempDir()))
	}
	return near, nil
}

// ensurePassword reads the superuser's password, or draws one of 128 bits.
func ensurePassword(p place, random io.Reader) (string, error) {
	text, err := os.ReadFile(p.password())
	switch {
	case err == nil:
		return strings.TrimSpace(string(text)), nil
	case !errors.Is(err, os.ErrNotExist):
		return "", err
	case madeBy(p) != 0:
		return "", fmt.Errorf("the password of the PostgreSQL in %s is gone (%s): put the file back, or use --fresh to start anew",
			p.data(), p.password())
	}
	drawn := make([]byte, 16)
	if _, err := io.ReadFull(random, drawn); err != nil {
		return "", fmt.Errorf("draw a password for PostgreSQL: %w", err)
	}
	password := hex.EncodeToString(drawn)
	return password, writeWhole(p.password(), password+"\n", 0o600)
}

// writeWhole writes a file that is there whole or not at all.
func writeWhole(path, text string, mode os.FileMode) error {
	partial := path + ".partial"
	if err := os.WriteFile(partial, []byte(text), mode); err != nil {
		return err
	}
	return os.Rename(partial, path)
}

// madeBy is the major version that made the data; 0 where there is none.
func madeBy(p place) int {
	text, err := os.ReadFile(filepath.Join(p.data(), "PG_VERSION"))
	if err != nil {
		return 0
	}
	return majorIn(string(text))
}

// acquire takes the lock of a home for this process, until the file is closed or
// the process ends in whatever way. A lock held elsewhere is an *InUseError.
func acquire(home string) (*os.File, error) {
	p := existingPlace(home)
	file, err := os.OpenFile(p.lock(), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close() // it holds nothing
		if errors.Is(err, syscall.EWOULDBLOCK) {
			pid, _ := readPostmaster(p)
			return nil, &InUseError{DataDir: home, PID: pid}
		}
		return nil, fmt.Errorf("lock %s: %w", p.lock(), err)
	}
	return file, nil
}

// release gives a lock of acquire back. Closing alone would leave it to a process
// that another goroutine is about to start: until it executes its program, it has
// a copy of the descriptor.
func release(lock *os.File) {
	_ = syscall.Flock(int(lock.Fd()), syscall.LOCK_UN)
	_ = lock.Close()
}

// Remove deletes what Start put into a data directory and elsewhere for it, and
// the directory itself unless something else is in it. A stray server there is
// stopped first; a server of a live process is an *InUseError. A directory that is
// not there is no error.
func Remove(ctx context.Context, dataDir string) error {
	home, err := filepath.Abs(dataDir)
	if err != nil {
		return err
	}
	if _, err := os.Stat(home); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	lock, err := acquire(home)
	if err != nil {
		return err
	}
	defer release(lock)
	p := existingPlace(home)
	if _, err := stopPostmaster(ctx, p); err != nil {
		return err
	}
	// The data goes first and the location after it: a kill in between leaves
	// nothing that a second Remove would not find.
	targets := []string{p.data(), p.log(), p.log() + ".1", p.password(), p.location(), p.lock()}
	unfinished, err := filepath.Glob(filepath.Join(p.near, newData+"*"))
	if err != nil {
		return err
	}
	for _, target := range append(unfinished, targets...) {
		if err := os.RemoveAll(target); err != nil {
			return fmt.Errorf("remove the PostgreSQL of %s: %w", home, err)
		}
	}
	_, _ = os.Remove(p.near), os.Remove(home) // both refuse while something else is inside
	return nil
}
