// Package postgrestest gives tests a real PostgreSQL: one server for a test
// binary, one database for a test. A package that uses it has
//
//	func TestMain(m *testing.M) { postgrestest.Main(m) }
package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"delfos/infra/local/postgres"
)

// within bounds each step: starting a server is slow on a busy machine.
const within = 2 * time.Minute

var (
	inMain    atomic.Bool
	sweepOnce sync.Once
	shared    struct {
		sync.Once
		server *postgres.Server
		dir    string
		err    error
	}
)

// Main runs the tests of a package, then stops and removes the shared server if
// one was used, and exits.
func Main(m *testing.M) {
	inMain.Store(true)
	code := m.Run()
	if err := stopShared(); err != nil {
		fmt.Fprintln(os.Stderr, "postgrestest:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

func stopShared() error {
	if shared.dir == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	var stopErr error
	if shared.server != nil {
		stopErr = shared.server.Stop(ctx)
	}
	return errors.Join(stopErr, remove(ctx, shared.dir))
}

// Server is the server that all tests of the package share. Tests must not stop
// it, and have their own databases.
func Server(t testing.TB) *postgres.Server {
	t.Helper()
	if !inMain.Load() {
		t.Fatal("postgrestest: nothing would stop the server: add func TestMain(m *testing.M) { postgrestest.Main(m) }")
	}
	shared.Do(func() {
		if shared.dir, shared.err = newDir(); shared.err == nil {
			shared.server, shared.err = start(shared.dir)
		}
	})
	if shared.err != nil {
		t.Fatalf("postgrestest: %v", shared.err)
	}
	return shared.server
}

// NewServer is a server for this test alone, to be stopped, killed and started
// again. It is removed at the test's end, in whatever state it is then.
func NewServer(t testing.TB) *postgres.Server {
	t.Helper()
	dir, err := newDir()
	if err != nil {
		t.Fatalf("postgrestest: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), within)
		defer cancel()
		if err := remove(ctx, dir); err != nil {
			t.Errorf("postgrestest: %v", err)
		}
	})
	server, err := start(dir)
	if err != nil {
		t.Fatalf("postgrestest: %v", err)
	}
	stopAtEnd(t, server)
	return server
}

// Kill ends a server of NewServer as a crash does, and waits for its end.
func Kill(t testing.TB, server *postgres.Server) {
	t.Helper()
	if err := syscall.Kill(server.PID(), syscall.SIGKILL); err != nil {
		t.Fatalf("postgrestest: kill PostgreSQL: %v", err)
	}
	<-server.Done()
}

// Restart stops a server of NewServer, unless it has ended, and starts it again
// on the same port with the same data.
func Restart(t testing.TB, server *postgres.Server) *postgres.Server {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	if err := server.Stop(ctx); err != nil {
		t.Fatalf("postgrestest: %v", err)
	}
	again, err := postgres.Start(ctx, server.Options())
	if err != nil {
		t.Fatalf("postgrestest: %v", err)
	}
	stopAtEnd(t, again)
	return again
}

func stopAtEnd(t testing.TB, server *postgres.Server) {
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), within)
		defer cancel()
		if err := server.Stop(ctx); err != nil {
			t.Errorf("postgrestest: %v", err)
		}
	})
}

// start starts a server that would not survive a power cut, and is quick for it.
// Commits stay synchronous: what was committed survives a kill of the server.
func start(dir string) (*postgres.Server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	binaries, err := postgres.Find(ctx)
	if errors.Is(err, postgres.ErrNoBinaries) {
		binaries, err = fetch(ctx, err)
	}
	if err != nil {
		return nil, err
	}
	return postgres.Start(ctx, postgres.Options{
		Binaries: binaries,
		DataDir:  filepath.Join(dir, "postgres"),
		Settings: map[string]string{
			"fsync": "off", "full_page_writes": "off", "autovacuum": "off", "shared_buffers": "64MB",
		},
	})
}

// fetch gets binaries where none are installed.
func fetch(ctx context.Context, notFound error) (postgres.Binaries, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return postgres.Binaries{}, notFound
	}
	binaries, err := postgres.Fetch(ctx, filepath.Join(cache, "delfos", "postgres"), func(string) {})
	if err != nil {
		return postgres.Binaries{}, errors.Join(notFound, err)
	}
	return binaries, nil
}

const dirPrefix = "delfos-test-"

// base is where test servers lie: in memory where Linux offers enough of it, which
// a container often does not.
func base() string {
	const memory, enough = "/dev/shm", 2 << 30 // bytes, for a few servers at once
	var disk syscall.Statfs_t
	info, err := os.Stat(memory)
	if err != nil || info.Mode()&0o002 == 0 || syscall.Statfs(memory, &disk) != nil {
		return os.TempDir()
	}
	if uint64(disk.Bavail)*uint64(disk.Bsize) < enough { //nolint:unconvert // the types differ between systems
		return os.TempDir()
	}
	return memory
}

// newDir makes a directory that names its owner, this process, and that
// PostgreSQL's user can enter.
func newDir() (string, error) {
	sweepOnce.Do(sweep)
	dir, err := os.MkdirTemp(base(), dirPrefix+strconv.Itoa(os.Getpid())+"-")
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o755)
}

func remove(ctx context.Context, dir string) error {
	if err := postgres.Remove(ctx, filepath.Join(dir, "postgres")); err != nil {
		return err
	}
	return os.RemoveAll(dir)
}

// sweep removes what killed test binaries left. What cannot be removed is left to
// whoever can.
func sweep() {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	for _, where := range []string{base(), os.TempDir()} {
		dirs, err := filepath.Glob(filepath.Join(where, dirPrefix+"*"))
		if err != nil {
			continue
		}
		for _, dir := range dirs {
			owner, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), dirPrefix), "-")
			pid, err := strconv.Atoi(owner)
			if err == nil && pid > 1 && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
				_ = remove(ctx, dir)
			}
		}
	}
}
