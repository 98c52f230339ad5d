package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

var quick = map[string]string{"fsync": "off", "shared_buffers": "16MB"}

func TestDataAndPasswordOutliveTheServer(t *testing.T) {
	t.Parallel()
	options := Options{DataDir: filepath.Join(openDir(t), "postgres"), Settings: quick}
	first := start(t, options)
	execute(t, first, "CREATE TABLE kept (id int)")
	stop(t, first)
	if first.Err() != nil {
		t.Errorf("a stopped server has error %v", first.Err())
	}
	second := start(t, options)
	execute(t, second, "SELECT * FROM kept")
	if first.DSN("x")[:20] != second.DSN("x")[:20] {
		t.Error("the password changed")
	}
	info, err := os.Stat(filepath.Join(options.DataDir, "password"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("password file: mode %v, %v", info.Mode(), err)
	}
}

// TestADirectoryThatPostgresCannotEnterWorks holds as root, where the data goes
// elsewhere (t.TempDir is root's alone), as for any other user.
func TestADirectoryThatPostgresCannotEnterWorks(t *testing.T) {
	t.Parallel()
	var told []string
	options := Options{
		DataDir: filepath.Join(t.TempDir(), "a b", "postgres"), Settings: quick,
		Progress: func(step string) { told = append(told, step) },
	}
	s := start(t, options)
	execute(t, s, "SELECT 1")
	p := existingPlace(options.DataDir)
	if moved := p.near != p.home; moved != strings.Contains(strings.Join(told, "\n"), "keeps its data in "+p.near) {
		t.Errorf("data in %s, told %q", p.near, told)
	}
	if err := Remove(t.Context(), options.DataDir); !isInUse(err) {
		t.Errorf("removing a running server's data: %v", err)
	}
	stop(t, s)
	if err := Remove(t.Context(), options.DataDir); err != nil {
		t.Error(err)
	}
	for _, dir := range []string{p.near, p.home} {
		if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is left: %v", dir, err)
		}
	}
}

func TestStartRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		prepare func(t *testing.T, o *Options)
		want    string
	}{
		"data of another major version": {
			func(t *testing.T, o *Options) {
				write(t, filepath.Join(o.DataDir, "password"), "secret")
				write(t, filepath.Join(o.DataDir, "data", "PG_VERSION"), "13\n")
			},
			"was made by PostgreSQL 13, found ",
		},
		"data whose password is gone": {
			func(t *testing.T, o *Options) { write(t, filepath.Join(o.DataDir, "data", "PG_VERSION"), "15\n") },
			"put the file back, or use --fresh",
		},
		"a taken port": {
			func(t *testing.T, o *Options) {
				listener, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = listener.Close() })
				_, port, _ := net.SplitHostPort(listener.Addr().String())
				o.Port, _ = strconv.Atoi(port)
			},
			"the port is taken; stop what uses it",
		},
		"a port that is none": {func(_ *testing.T, o *Options) { o.Port = 70000 }, "port 70000: want 0 (any free) to 65535"},
		"no data directory":   {func(_ *testing.T, o *Options) { o.DataDir = "" }, "DataDir is empty"},
		"a source of randomness that fails": {
			func(_ *testing.T, o *Options) { o.Rand = strings.NewReader("few") }, "draw a password",
		},
		"a setting that the server does not know": {
			func(_ *testing.T, o *Options) { o.Settings = map[string]string{"no_such": "on"} },
			`unrecognized configuration parameter "no_such"`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options := Options{DataDir: filepath.Join(openDir(t), "postgres"), Settings: quick}
			test.prepare(t, &options)
			s, err := Start(t.Context(), options)
			if err == nil {
				stop(t, s)
				t.Fatal("it started")
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %q, want it to have %q", err, test.want)
			}
		})
	}
}

func TestARunningServer(t *testing.T) {
	t.Parallel()
	s := start(t, Options{DataDir: filepath.Join(openDir(t), "postgres"), Settings: quick})
	t.Run("asks for the password", func(t *testing.T) {
		t.Parallel()
		wrong := strings.Replace(s.DSN("postgres"), s.password, strings.Repeat("0", 32), 1)
		if conn, err := pgx.Connect(t.Context(), wrong); err == nil {
			_ = conn.Close(t.Context()) // the test has failed
			t.Error("a wrong password was accepted")
		}
	})
	t.Run("keeps others off its data directory", func(t *testing.T) {
		t.Parallel()
		_, err := Start(t.Context(), Options{DataDir: s.Options().DataDir})
		var inUse *InUseError
		if !errors.As(err, &inUse) || inUse.PID != s.PID() {
			t.Errorf("got %v, want an InUseError of process %d", err, s.PID())
		}
		if stopped, err := StopStray(t.Context(), s.Options().DataDir); stopped || !isInUse(err) {
			t.Errorf("StopStray: %v, %v", stopped, err)
		}
	})
	t.Run("creates a database once", func(t *testing.T) {
		t.Parallel()
		var wait sync.WaitGroup
		var created atomic.Int64
		for range 8 {
			wait.Go(func() {
				is, err := s.EnsureDatabase(t.Context(), `an "odd" name`)
				if err != nil {
					t.Error(err)
				}
				if is {
					created.Add(1)
				}
			})
		}
		wait.Wait()
		if created.Load() != 1 {
			t.Errorf("%d calls say that they created the database, want 1", created.Load())
		}
	})
}

func TestAStrayServerIsStopped(t *testing.T) {
	t.Parallel()
	options := Options{DataDir: filepath.Join(openDir(t), "a b", "postgres"), Settings: quick}
	if stopped, err := StopStray(t.Context(), options.DataDir); stopped || err != nil {
		t.Errorf("where nothing is: %v, %v", stopped, err)
	}
	s := start(t, options)
	execute(t, s, "CREATE TABLE kept (id int)")
	stop(t, s)
	ended := stray(t, s.Options())
	if stopped, err := StopStray(t.Context(), options.DataDir); !stopped || err != nil {
		t.Errorf("got %v, %v", stopped, err)
	}
	<-ended
	ended = stray(t, s.Options())
	execute(t, start(t, s.Options()), "SELECT * FROM kept")
	<-ended
}

func TestWhatAKilledStartLeftIsNoObstacle(t *testing.T) {
	t.Parallel()
	options := Options{DataDir: filepath.Join(openDir(t), "postgres"), Settings: quick}
	unfinished := filepath.Join(options.DataDir, "data.new-1", "PG_VERSION")
	write(t, unfinished, "15\n")
	s := start(t, options)
	if _, err := os.Stat(filepath.Dir(unfinished)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the unfinished data directory is left: %v", err)
	}
	stop(t, s)
	// The number in a stale postmaster.pid is a live process's by now: this one's.
	write(t, filepath.Join(options.DataDir, "data", "postmaster.pid"), strconv.Itoa(os.Getpid())+"\n")
	execute(t, start(t, options), "SELECT 1")
}

// TestAServerDiesWithItsProcess kills a process that runs a server: this test
// binary in the role of runServer.
func TestAServerDiesWithItsProcess(t *testing.T) {
	t.Parallel()
	options := Options{DataDir: filepath.Join(openDir(t), "postgres"), Settings: quick}
	for range 2 {
		owner := exec.Command(os.Args[0])
		owner.Env = append(os.Environ(), roleVariable+"="+options.DataDir)
		owner.Stderr = os.Stderr
		out, err := owner.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := owner.Start(); err != nil {
			t.Fatal(err)
		}
		pid := make([]byte, 16)
		n, err := out.Read(pid)
		if err != nil {
			t.Fatal(err)
		}
		if err := owner.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = owner.Wait() // killed: an error that says so
		s := start(t, options)
		execute(t, s, "SELECT * FROM kept")
		stop(t, s)
		number, err := strconv.Atoi(string(pid[:n]))
		if err != nil || isPostmaster(number, existingPlace(options.DataDir).data()) {
			t.Errorf("the killed process's server %d still runs (%v)", number, err)
		}
	}
}

// roleVariable makes this test binary a process that runs a server.
const roleVariable = "DELFOS_TEST_RUN_SERVER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(roleVariable); dir != "" {
		fmt.Fprintln(os.Stderr, runServer(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// runServer starts a server, commits something, writes the server's number, and waits
// to be killed.
func runServer(dir string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s, err := Start(ctx, Options{DataDir: dir, Settings: quick})
	if err != nil {
		return err
	}
	if err := run(ctx, s, "CREATE TABLE IF NOT EXISTS kept (id int)"); err != nil {
		return err
	}
	if _, err := os.Stdout.WriteString(strconv.Itoa(s.PID())); err != nil {
		return err
	}
	<-ctx.Done()
	return ctx.Err()
}

// stray runs the server as if its process had gone: without lock and death signal.
func stray(t *testing.T, o Options) (ended <-chan struct{}) {
	t.Helper()
	runAs, err := unprivileged()
	if err != nil {
		t.Fatal(err)
	}
	p := existingPlace(o.DataDir)
	cmd := exec.Command(filepath.Join(o.Binaries.Dir, "postgres"), o.arguments(p)...)
	cmd.Env = environment()
	cmd.Dir = p.data()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: runAs.credential()}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		_ = cmd.Wait() // it is stopped by a signal
		close(done)
	}()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if !becomesFalse(ctx, func() bool { pid, ready := readPostmaster(p); return pid != cmd.Process.Pid || !ready }) {
		t.Fatal("the stray server is not ready in time")
	}
	return done
}

func start(t *testing.T, o Options) *Server {
	t.Helper()
	s, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
	return s
}

func stop(t *testing.T, s *Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := s.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func execute(t *testing.T, s *Server, sql string) {
	t.Helper()
	if err := run(t.Context(), s, sql); err != nil {
		t.Fatal(err)
	}
}

func run(ctx context.Context, s *Server, sql string) error {
	conn, err := pgx.Connect(ctx, s.DSN("postgres"))
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, sql)
	return errors.Join(err, conn.Close(ctx))
}

func isInUse(err error) bool {
	var inUse *InUseError
	return errors.As(err, &inUse)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
