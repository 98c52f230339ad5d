package bench

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"delfos/infra/local"
)

// BenchmarkUp brings the local stack up on a directory where it has been before, by
// the command, from its start until it says that the stack is ready; and in this
// process, to tell how much of that each step takes.
func BenchmarkUp(b *testing.B) {
	command, err := build("../delfos", filepath.Join(scratch, "delfos"))
	if err != nil {
		b.Fatal(err)
	}
	dir := filepath.Join(scratch, "stack")
	delfos := func(arguments ...string) {
		b.Helper()
		if said, err := exec.Command(command, append(arguments, "--data-dir", dir)...).CombinedOutput(); err != nil {
			b.Fatalf("delfos %s: %v: %s", strings.Join(arguments, " "), err, said)
		}
	}
	defer os.RemoveAll(dir)
	defer delfos("down")
	up := func() { delfos("up", "--detach", "--api-port", "0", "--aws-port", "0", "--console-port", "0") }
	up()
	var taken []time.Duration
	steps := steps{taken: map[string][]time.Duration{}}
	for b.Loop() {
		delfos("down")
		steps.start(b, dir)
		began := time.Now()
		up()
		taken = append(taken, time.Since(began))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(milliseconds(median(taken)), "up-p50-ms")
	for _, step := range slices.Sorted(maps.Keys(steps.taken)) {
		b.ReportMetric(milliseconds(median(steps.taken[step])), strings.ReplaceAll(step, " ", "-")+"-ms")
	}
}

// steps is a local.Reporter that times the steps of local.Start.
type steps struct {
	name  string
	began time.Time
	taken map[string][]time.Duration
}

// start starts and stops the stack once.
func (s *steps) start(b *testing.B, dir string) {
	b.Helper()
	began := time.Now()
	stack, err := local.Start(b.Context(), local.Options{DataDir: dir, Reporter: s})
	if err != nil {
		b.Fatal(err)
	}
	s.taken["all"] = append(s.taken["all"], time.Since(began))
	if err := stack.Close(b.Context()); err != nil {
		b.Fatal(err)
	}
}

func (s *steps) Begin(step string) { s.name, s.began = step, time.Now() }

func (s *steps) Update(string) {}

func (s *steps) End(string) { s.taken[s.name] = append(s.taken[s.name], time.Since(s.began)) }
