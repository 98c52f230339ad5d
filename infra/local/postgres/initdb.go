package postgres

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
)

// newData begins the names of data directories that initdb has not finished.
const newData = "data.new-"

// ensureData makes the data directory if there is none, and checks that the
// binaries can run it. initdb works beside it and a rename puts it in place: a
// kill in the middle leaves nothing half made.
func ensureData(ctx context.Context, p place, o Options, runAs *account, password string) error {
	if err := sweepUnfinished(p); err != nil {
		return err
	}
	if made := madeBy(p); made == o.Binaries.Major {
		return nil
	} else if made != 0 {
		return &VersionError{DataDir: p.data(), Made: made, Found: o.Binaries.Major}
	}
	fresh, err := os.MkdirTemp(p.near, newData)
	if err != nil {
		return err
	}
	if err := initdb(ctx, fresh, o, runAs, password); err != nil {
		return errors.Join(err, os.RemoveAll(fresh))
	}
	return os.Rename(fresh, p.data())
}

func sweepUnfinished(p place) error {
	left, err := filepath.Glob(filepath.Join(p.near, newData+"*"))
	if err != nil {
		return err
	}
	for _, dir := range left {
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	return nil
}

// initdb fills the empty directory dir.
func initdb(ctx context.Context, dir string, o Options, runAs *account, password string) error {
	if err := runAs.own(dir); err != nil {
		return err
	}
	passwordFile, err := os.CreateTemp(filepath.Dir(dir), newData+"password-") // 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(passwordFile.Name()) }() // sweepUnfinished gets what this does not
	_, err = passwordFile.WriteString(password + "\n")
	if err := errors.Join(err, passwordFile.Close(), runAs.own(passwordFile.Name())); err != nil {
		return err
	}
	args := []string{
		"--pgdata=" + dir, "--username=" + superuser, "--pwfile=" + passwordFile.Name(),
		"--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-instructions",
	}
	if o.Settings["fsync"] == "off" {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, filepath.Join(o.Binaries.Dir, "initdb"), args...)
	cmd.Dir = dir
	cmd.Env = environment()
	cmd.SysProcAttr = attributes(runAs, syscall.SIGKILL)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	runtime.LockOSThread() // see Server.run
	defer runtime.UnlockOSThread()
	if err := cmd.Run(); err != nil {
		return explain("initdb", o.DataDir, o.Port, said.String(), errors.Join(err, context.Cause(ctx)))
	}
	return nil
}

// environment is that of PostgreSQL's programs. The caller's is left out: its
// PG… variables would speak to them, and its secrets are none of theirs.
func environment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
}

// attributes start a process as the account, in a process group of its own, so
// that a terminal's Ctrl-C reaches only this process, which then stops it.
func attributes(runAs *account, deathSignal syscall.Signal) *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Setpgid: true, Credential: runAs.credential()}
	dieWithParent(a, deathSignal)
	return a
}
