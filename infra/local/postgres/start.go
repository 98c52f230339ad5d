package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Start starts the server of a data directory, making that if it is new, and
// returns when the server answers. A server that a killed process left there is
// stopped first, and what was committed is recovered. The errors of types
// *PortTakenError, *VersionError, *InUseError and *DiskFullError, and
// ErrNoBinaries, say what to do; others hold the end of the server's log.
func Start(ctx context.Context, o Options) (*Server, error) {
	o, err := o.complete(ctx)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.DataDir, 0o755); err != nil {
		return nil, explain("make the data directory", o.DataDir, o.Port, "", err)
	}
	lock, err := acquire(o.DataDir)
	if err != nil {
		return nil, explainOwn(o, err)
	}
	s, err := startLocked(ctx, o, lock)
	if err != nil {
		release(lock)
		return nil, explainOwn(o, err)
	}
	return s, nil
}

// explainOwn names a full disk that this process met itself.
func explainOwn(o Options, err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return &DiskFullError{DataDir: o.DataDir}
	}
	return err
}

func startLocked(ctx context.Context, o Options, lock *os.File) (*Server, error) {
	runAs, err := unprivileged()
	if err != nil {
		return nil, err
	}
	p, err := settle(ctx, o.DataDir, runAs, o.Progress)
	if err != nil {
		return nil, err
	}
	if _, err := stopPostmaster(ctx, p); err != nil {
		return nil, err
	}
	if o.Port != 0 { // say so before making a data directory
		if err := claimPort(&o.Port, false); err != nil {
			return nil, err
		}
	}
	password, err := ensurePassword(p, o.Rand)
	if err != nil {
		return nil, err
	}
	if madeBy(p) == 0 {
		o.Progress("making a PostgreSQL " + o.Binaries.Version + " data directory in " + p.data())
	}
	if err := ensureData(ctx, p, o, runAs, password); err != nil {
		return nil, err
	}
	s, err := launchUntilUp(ctx, o, p, runAs, password)
	if err != nil {
		return nil, err
	}
	go s.keep(lock)
	return s, nil
}

// launchUntilUp tries again where trying again helps: a free port was taken
// before PostgreSQL had it, or children of a killed server are still on their way
// out.
func launchUntilUp(ctx context.Context, o Options, p place, runAs *account, password string) (*Server, error) {
	const attempts = 20
	wantAny := o.Port == 0
	for attempt := 1; ; attempt++ {
		if err := claimPort(&o.Port, wantAny); err != nil {
			return nil, err
		}
		s := &Server{options: o, password: password, exited: make(chan struct{}), done: make(chan struct{})}
		err := s.launch(ctx, p, runAs)
		if err == nil {
			return s, nil
		}
		var taken *PortTakenError
		again := wantAny && errors.As(err, &taken) || strings.Contains(err.Error(), "pre-existing shared memory block")
		if !again || attempt == attempts {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// claimPort checks that the port is free, or finds one that is.
func claimPort(port *int, wantAny bool) error {
	if wantAny {
		*port = 0
	}
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(*port)))
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return &PortTakenError{Port: *port}
	case err != nil:
		return fmt.Errorf("listen on 127.0.0.1:%d: %w", *port, err)
	}
	if address, ok := listener.Addr().(*net.TCPAddr); ok {
		*port = address.Port
	}
	return listener.Close()
}

// launch runs the server and waits until it answers; what does not answer has
// ended when launch returns.
func (s *Server) launch(ctx context.Context, p place, runAs *account) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	log, offset, err := openLog(s.options.LogPath)
	if err != nil {
		return err
	}
	cmd := exec.Command(filepath.Join(s.options.Binaries.Dir, "postgres"), s.options.arguments(p)...)
	cmd.Dir = p.data()
	cmd.Env = environment()
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = attributes(runAs, syscall.SIGINT)
	started := make(chan error)
	go s.run(cmd, log, started)
	if err := <-started; err != nil {
		return fmt.Errorf("start PostgreSQL from %s: %w", s.options.Binaries.Dir, err)
	}
	err = s.awaitReady(ctx, p)
	if err == nil {
		return nil
	}
	stopErr := s.end(ctx)
	said := readFrom(s.options.LogPath, offset)
	return errors.Join(explain("start PostgreSQL", s.options.DataDir, s.options.Port, said, err), stopErr)
}

// run starts the process and waits for its end on one thread: the kernel ties the
// death signal to the thread that forks, and Go ends threads as it likes unless
// they are locked.
func (s *Server) run(cmd *exec.Cmd, log *os.File, started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := cmd.Start()
	_ = log.Close() // the process has its own
	if err != nil {
		started <- err
		return
	}
	s.pid = cmd.Process.Pid
	started <- nil
	_ = cmd.Wait() // cmd.ProcessState tells more
	s.mu.Lock()
	if !s.stopping {
		s.err = fmt.Errorf("PostgreSQL on port %d ended by itself (%s): its log is %s", s.options.Port, cmd.ProcessState, s.options.LogPath)
	}
	s.mu.Unlock()
	close(s.exited)
}

// keep holds the data directory until the process has ended.
func (s *Server) keep(lock *os.File) {
	<-s.exited
	release(lock)
	close(s.done)
}

// awaitReady waits for the state that pg_ctl waits for, then logs in once.
func (s *Server) awaitReady(ctx context.Context, p place) error {
	notReady := func() bool {
		select {
		case <-s.exited:
			return false
		default:
		}
		pid, ready := readPostmaster(p)
		return pid != s.pid || !ready
	}
	if !becomesFalse(ctx, notReady) {
		return fmt.Errorf("not ready in time: %w", context.Cause(ctx))
	}
	if err := s.Err(); err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, s.DSN("postgres"))
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == "28P01" { // invalid_password
		return fmt.Errorf("the password in %s is not that of the data: put the right one back, or use --fresh to start anew", p.password())
	}
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// maxLogBytes is where a log is set aside, as name.1, before the next start.
const maxLogBytes = 8 << 20

// openLog opens the log at its end, which is at offset.
func openLog(path string) (log *os.File, offset int64, err error) {
	if info, err := os.Stat(path); err == nil && info.Size() > maxLogBytes {
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, 0, err
		}
	}
	log, err = os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, 0, err
	}
	info, err := log.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, log.Close())
	}
	return log, info.Size(), nil
}
