// Package postgres runs a real PostgreSQL on this machine for the local stack and
// the tests: it finds or fetches the binaries, makes the data directory, and starts
// and stops the server, as an unprivileged user where this process is root.
package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const superuser = "postgres"

// readyWithin bounds the wait for a server, which may have a crash to recover from.
const readyWithin = 2 * time.Minute

// Options say what Start starts. DataDir is needed; the zero value of all others works.
type Options struct {
	// Binaries to run; where zero, FindFor looks for them.
	Binaries Binaries
	// DataDir is made if it is not there. It holds the data, the superuser's
	// password (mode 0600), the server's log and a lock. Where PostgreSQL's user
	// cannot enter it, the data lies elsewhere and the file location says where.
	DataDir string
	// Port on 127.0.0.1; 0 is any free one.
	Port int
	// Settings of the server that go before the defaults, as in postgresql.conf.
	Settings map[string]string
	// LogPath is the server's log; DataDir/postgres.log where empty.
	LogPath string
	// Progress hears of steps that take time; may be nil.
	Progress func(string)
	// Rand is what the password is drawn from; crypto/rand where nil.
	Rand io.Reader
}

func (o Options) complete(ctx context.Context) (Options, error) {
	if o.DataDir == "" {
		return o, errors.New("start PostgreSQL: DataDir is empty: name a directory")
	}
	if o.Port < 0 || o.Port > 65535 {
		return o, fmt.Errorf("start PostgreSQL: port %d: want 0 (any free) to 65535", o.Port)
	}
	home, err := filepath.Abs(o.DataDir)
	if err != nil {
		return o, err
	}
	o.DataDir = home
	if o.Binaries.Dir == "" {
		if o.Binaries, err = FindFor(ctx, home); err != nil {
			return o, err
		}
	}
	if o.LogPath == "" {
		o.LogPath = existingPlace(home).log()
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	return o, nil
}

// defaults suit a small machine and many short-lived clients.
var defaults = map[string]string{
	"listen_addresses":                "127.0.0.1",
	"unix_socket_directories":         "",
	"max_connections":                 "200",
	"shared_buffers":                  "128MB",
	"max_parallel_workers_per_gather": "0",
	"jit":                             "off",
	"wal_level":                       "minimal",
	"max_wal_senders":                 "0",
	"timezone":                        "UTC",
	"log_timezone":                    "UTC",
}

// arguments are those of the postgres program, in an order that is always the same.
func (o Options) arguments(p place) []string {
	settings := maps.Clone(defaults)
	maps.Copy(settings, o.Settings)
	settings["port"] = strconv.Itoa(o.Port)
	args := []string{"-D", p.data()}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		args = append(args, "-c", name+"="+settings[name])
	}
	return args
}

// Server is a running PostgreSQL, which belongs to this process: it ends with it,
// even when that is killed (at once on Linux, with the next Start or StopStray
// elsewhere). Its methods may be called concurrently.
type Server struct {
	options  Options // Port is the one in use
	password string
	pid      int
	exited   chan struct{} // the process has ended
	done     chan struct{} // and the data directory is released

	mu       sync.Mutex
	stopping bool
	err      error
}

// DSN is the URL of a database, with the superuser's password in it.
func (s *Server) DSN(database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(superuser, s.password),
		Host: "127.0.0.1:" + strconv.Itoa(s.options.Port), Path: "/" + database, RawQuery: "sslmode=disable",
	}
	return u.String()
}

// Port is the port on 127.0.0.1 that the server listens on.
func (s *Server) Port() int { return s.options.Port }

// PID is the number of the server's first process, the postmaster.
func (s *Server) PID() int { return s.pid }

// Options are those that the server runs with, complete: Start takes them to
// start it again after it ended, on the same port.
func (s *Server) Options() Options { return s.options }

// Done is closed when the server has ended.
func (s *Server) Done() <-chan struct{} { return s.done }

// Err is nil while the server runs and after Stop; otherwise why it ended.
func (s *Server) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Stop ends the server: a fast shutdown, and where that takes longer than the
// context or 10 s, an immediate one. It waits for the end, and does nothing where
// the server has ended.
func (s *Server) Stop(ctx context.Context) error {
	if err := s.end(ctx); err != nil {
		return fmt.Errorf("stop the PostgreSQL of %s: %w", s.options.DataDir, err)
	}
	<-s.done
	return nil
}

// end makes the process end.
func (s *Server) end(ctx context.Context) error {
	s.mu.Lock()
	s.stopping = true
	s.mu.Unlock()
	select {
	case <-s.exited: // its number may be another process's by now
		return nil
	default:
	}
	return shutDown(ctx, s.pid, func(within context.Context) bool {
		select {
		case <-s.exited:
			return true
		case <-within.Done():
			return false
		}
	})
}

const duplicateDatabase, uniqueViolation = "42P04", "23505"

// EnsureDatabase creates a database unless it is there. Concurrent calls are safe;
// one of them created it.
func (s *Server) EnsureDatabase(ctx context.Context, name string) (created bool, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("create database %s: %w", name, err)
		}
	}()
	conn, err := pgx.Connect(ctx, s.DSN("postgres"))
	if err != nil {
		return false, err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // nothing is pending
	var exists bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists); err != nil || exists {
		return false, err
	}
	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
	var refused *pgconn.PgError
	if errors.As(err, &refused) && (refused.Code == duplicateDatabase || refused.Code == uniqueViolation) {
		return false, nil
	}
	return err == nil, err
}
