package postgres

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// PortTakenError says that another process listens on the port.
type PortTakenError struct{ Port int }

func (e *PortTakenError) Error() string {
	return fmt.Sprintf("PostgreSQL cannot listen on 127.0.0.1:%d: the port is taken; stop what uses it, or choose another (0 is any free one)", e.Port)
}

// VersionError says that a data directory was made by another major version.
type VersionError struct {
	DataDir     string
	Made, Found int
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("data directory %s was made by PostgreSQL %d, found %d: use --fresh to start anew or put %d's binaries on PATH",
		e.DataDir, e.Made, e.Found, e.Made)
}

// InUseError says that a live process runs a server on the data directory.
type InUseError struct {
	DataDir string
	PID     int // of the server; 0 while it is not up
}

func (e *InUseError) Error() string {
	server := ""
	if e.PID != 0 {
		server = fmt.Sprintf(" (PostgreSQL is process %d)", e.PID)
	}
	return fmt.Sprintf("data directory %s is in use by another running stack%s: stop that one first, or choose another data directory",
		e.DataDir, server)
}

// DiskFullError says that the disk that holds a data directory is full.
type DiskFullError struct{ DataDir string }

func (e *DiskFullError) Error() string {
	return fmt.Sprintf("no space left on the disk of %s: free some and start again, or choose another data directory", e.DataDir)
}

// explain turns what a program of PostgreSQL said before it failed into the
// error that helps most.
func explain(what, dataDir string, port int, said string, err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), diskFull(said):
		return &DiskFullError{DataDir: dataDir}
	case strings.Contains(said, "could not bind") && strings.Contains(said, "Address already in use"):
		return &PortTakenError{Port: port}
	}
	if said = tail(said, 12); said == "" {
		return fmt.Errorf("%s on %s: %w", what, dataDir, err)
	}
	return fmt.Errorf("%s on %s: %w; it said:\n%s", what, dataDir, err, said)
}

// diskFull leaves out shared memory, which runs out with the same words.
func diskFull(said string) bool {
	for line := range strings.Lines(said) {
		if strings.Contains(line, "No space left on device") && !strings.Contains(line, "shared memory") {
			return true
		}
	}
	return false
}

// tail is the last n lines of a text.
func tail(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// maxLogRead bounds what explain looks at, in bytes.
const maxLogRead = 64 << 10

// readFrom is the text of a file from an offset on, its end if that is long;
// empty where it cannot be read.
func readFrom(path string, offset int64) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }() // only read
	info, err := file.Stat()
	if err != nil || info.Size() <= offset {
		return ""
	}
	offset = max(offset, info.Size()-maxLogRead)
	text := make([]byte, info.Size()-offset)
	n, err := file.ReadAt(text, offset)
	if err != nil {
		text = text[:n]
	}
	return string(text)
}
