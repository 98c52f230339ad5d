// Package bench measures the figures that the system is held to. A figure is a
// ratio of two sides that run in turns, so that a busy machine slows them alike,
// and of each side the median counts.
package bench

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

// scratch is a directory on the disk, not in memory: a commit waits for it.
var scratch string

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "delfos-bench-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o711); err != nil { // PostgreSQL's own user passes through
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	scratch = dir
	defer stopServer()
	return m.Run()
}

// side is one way of doing the work, and how long each time took.
type side struct {
	name  string
	do    func() error
	taken []time.Duration
}

// inTurns runs the sides one after the other, until the benchmark has its time,
// and reports the median of each in milliseconds and the ratio of each to the
// first. What is done a few times before is not measured: all sides are warm.
func inTurns(b *testing.B, sides ...*side) { inTurnsAfter(b, 5, sides...) }

// inTurnsAfter is inTurns with so many rounds of warming.
func inTurnsAfter(b *testing.B, warming int, sides ...*side) {
	for round := -warming; round < 0 || b.Loop(); round++ {
		for _, s := range sides {
			began := time.Now()
			if err := s.do(); err != nil {
				b.Fatalf("%s: %v", s.name, err)
			}
			if round >= 0 {
				s.taken = append(s.taken, time.Since(began))
			}
		}
	}
	b.ReportMetric(0, "ns/op") // a round of all sides says nothing
	for _, s := range sides {
		b.ReportMetric(milliseconds(median(s.taken)), s.name+"-p50-ms")
	}
	for _, s := range sides[1:] {
		b.ReportMetric(median(s.taken).Seconds()/median(sides[0].taken).Seconds(), s.name+"/"+sides[0].name)
	}
}

func median(durations []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(durations))[len(durations)/2]
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// bootstrap is the path of a function of this repository, built as the local stack does.
func bootstrap(b *testing.B, function string) string {
	b.Helper()
	path, err := build("../../functions/"+function, filepath.Join(scratch, function, "bootstrap"), "-tags", "lambda.norpc")
	if err != nil {
		b.Fatal(err)
	}
	return path
}

var builds sync.Map // path -> func() error, once

func build(pkg, path string, flags ...string) (string, error) {
	once, _ := builds.LoadOrStore(path, sync.OnceValue(func() error {
		args := append([]string{"build", "-trimpath", "-ldflags", "-s -w", "-o", path}, flags...)
		command := exec.CommandContext(context.Background(), "go", append(args, pkg)...)
		command.Env = append(os.Environ(), "CGO_ENABLED=0")
		if said, err := command.CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w: %s", pkg, err, said)
		}
		return nil
	}))
	return path, once.(func() error)()
}

var silent = slog.New(slog.DiscardHandler)
