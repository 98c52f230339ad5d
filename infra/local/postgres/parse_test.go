package postgres

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

func TestExplainNamesWhatTheReaderCanDo(t *testing.T) {
	t.Parallel()
	failed := errors.New("exit status 1")
	tests := []struct {
		name, said string
		err        error
		want       string
	}{
		{
			"a full disk in initdb", "initdb: error: could not write to file \"pg_wal/xlogtemp.1\": No space left on device\n", failed,
			"no space left on the disk of /d: free some and start again, or choose another data directory",
		},
		{"a full disk here", "", fmt.Errorf("write: %w", syscall.ENOSPC), "no space left on the disk of /d: free some"},
		{
			"a taken port", "LOG:  could not bind IPv4 address \"127.0.0.1\": Address already in use\n", failed,
			"cannot listen on 127.0.0.1:5433: the port is taken",
		},
		{
			"full shared memory", "FATAL:  could not resize shared memory segment \"/PostgreSQL.1\": No space left on device\n", failed,
			"start PostgreSQL on /d: exit status 1; it said:\nFATAL:  could not resize shared memory",
		},
		{"silence", "\n", failed, "start PostgreSQL on /d: exit status 1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := explain("start PostgreSQL", "/d", 5433, test.said, test.err).Error(); !strings.Contains(got, test.want) {
				t.Errorf("got %q, want it to have %q", got, test.want)
			}
		})
	}
}

func TestTailIsTheLastLines(t *testing.T) {
	t.Parallel()
	if got := tail("a\nb\nc\n\n", 2); got != "b\nc" {
		t.Errorf("got %q", got)
	}
}

func TestVersionsOfAllPackagersAreRead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n": "15.18",
		"postgres (PostgreSQL) 17.5\n":                           "17.5",
		"postgres (PostgreSQL) 18beta1\n":                        "18beta1",
		"postgres (EnterpriseDB) 16.2.0\n":                       "16.2.0",
		"command not found\n":                                    "",
	} {
		if got := parseVersion(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestBinariesThatCannotServeArePassedOver(t *testing.T) {
	t.Parallel()
	old := fakeInstallation(t, "13.4")
	sixteen, eighteen := fakeInstallation(t, "16.4"), fakeInstallation(t, "18.1")
	dirs := []string{"/nonexistent", old, sixteen, eighteen}
	if b, err := find(t.Context(), dirs, func(Binaries) bool { return true }); err != nil || b.Dir != sixteen || b.Major != 16 {
		t.Errorf("the first usable: got %+v, %v", b, err)
	}
	if b, err := find(t.Context(), dirs, func(b Binaries) bool { return b.Major == 18 }); err != nil || b.Dir != eighteen {
		t.Errorf("18: got %+v, %v", b, err)
	}
	_, err := find(t.Context(), dirs[:2], func(Binaries) bool { return true })
	if !errors.Is(err, ErrNoBinaries) || !strings.Contains(err.Error(), `version "13.4" is older than 14`) || strings.Contains(err.Error(), "\n") {
		t.Errorf("none usable: got %v", err)
	}
}

func TestFetchedBinariesAreNotFetchedAgain(t *testing.T) {
	t.Parallel()
	cache := openDir(t)
	home := filepath.Join(cache, "postgresql-"+string(fetchedVersion))
	if err := os.Mkdir(home, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(fakeInstallation(t, "17.5"), filepath.Join(home, "bin")); err != nil {
		t.Fatal(err)
	}
	b, err := Fetch(t.Context(), cache, func(step string) { t.Errorf("progress: %s", step) })
	if err != nil || b.Dir != filepath.Join(home, "bin") || b.Major != 17 {
		t.Errorf("got %+v, %v", b, err)
	}
}

// fakeInstallation is a directory that postgres's user can enter, with programs
// that tell a version and do no more.
func fakeInstallation(t *testing.T, version string) string {
	t.Helper()
	dir := openDir(t)
	for _, name := range []string{"initdb", "postgres"} {
		script := "#!/bin/sh\necho 'postgres (PostgreSQL) " + version + "'\n"
		path := filepath.Join(dir, name)
		// Written by a process of its own: a file that this process has open for
		// writing while another test forks cannot be run (ETXTBSY).
		cmd := exec.Command("sh", "-c", `cat > "$0" && chmod 755 "$0"`, path)
		cmd.Stdin = strings.NewReader(script)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	return dir
}

// openDir is a directory that any user can enter, unlike t.TempDir.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(memory(), "delfos-test-"+strconv.Itoa(os.Getpid())+"-") //nolint:usetesting // PostgreSQL's user must enter it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// memory is where Linux offers a file system in memory with room for the tests;
// empty elsewhere.
func memory() string {
	var disk syscall.Statfs_t
	if err := syscall.Statfs("/dev/shm", &disk); err != nil || disk.Bavail < 1<<19 { // pages of 4 KiB on Linux
		return ""
	}
	return "/dev/shm"
}

func FuzzParsePostmasterFile(f *testing.F) {
	f.Add("4242\n/data\n1700000000\n5432\n\n127.0.0.1\n  5432001   65536\nready   \n")
	f.Add("4242\n/data\n1700000000\n5432\n\n127.0.0.1\n  5432001   65536\nstarting\n")
	f.Add("-4242\n/data\n")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		pid, ready := parsePostmaster(text)
		if pid == 1 || pid < 0 || (ready && pid == 0) {
			t.Errorf("%q: process %d, ready %v", text, pid, ready)
		}
	})
}

func TestPostmasterFileTellsProcessAndReadiness(t *testing.T) {
	t.Parallel()
	const file = "4242\n/data\n1700000000\n5432\n\n127.0.0.1\n  5432001   65536\n"
	for text, want := range map[string]struct {
		pid   int
		ready bool
	}{
		file + "ready   \n": {4242, true}, file + "starting\n": {4242, false}, "4242\n": {4242, false}, "-4242\n": {}, "": {},
	} {
		if pid, ready := parsePostmaster(text); pid != want.pid || ready != want.ready {
			t.Errorf("%q: got %d %v", text, pid, ready)
		}
	}
}
