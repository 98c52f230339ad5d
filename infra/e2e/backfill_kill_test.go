package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"delfos/infra/local"
	"delfos/shared/partition"
	"delfos/shared/status"
)

// The partitions of a round.
const roundDays = 12

// TestWhateverIsKilledDuringABackfillARedriveCompletesIt kills the stack, the
// database or a function's process at some moment of each round's backfill.
func TestWhateverIsKilledDuringABackfillARedriveCompletesIt(t *testing.T) {
	t.Parallel()
	const stacks = 2
	rounds := numberFrom(t, "DELFOS_BACKFILL_KILLS", 6)
	seed := uint64(time.Now().UnixNano())
	for i := range stacks {
		t.Run(fmt.Sprintf("stack %d", i+1), func(t *testing.T) {
			t.Parallel()
			w := newKilledWorld(t, rand.New(rand.NewPCG(seed, uint64(i))))
			for round := range (rounds + i) / stacks {
				w.round(t, round+1)
				if t.Failed() {
					t.Fatalf("in round %d, seed %d", round+1, seed)
				}
			}
			t.Logf("killed: %v; %d backfills needed a redrive, %d none; seed %d", w.killed, w.redriven, w.unharmed, seed)
		})
	}
}

// killedWorld is a stack of which something dies in each round.
type killedWorld struct {
	dir      string
	flags    []string
	stack    local.Descriptor
	random   *rand.Rand
	killed   map[string]int
	redriven int
	unharmed int
}

func newKilledWorld(t testing.TB, random *rand.Rand) *killedWorld {
	t.Helper()
	flags := []string{"--seed-days", strconv.Itoa(roundDays), "--parameter", "Lease=2s"}
	dir, stack := startStack(t, flags...)
	return &killedWorld{dir: dir, flags: flags, stack: stack, random: random, killed: map[string]int{}}
}

func (w *killedWorld) days() (first, last partition.Key) {
	first = partition.MustParseKey("2026-02-20")
	return first, first.AddDays(roundDays - 1)
}

func (w *killedWorld) round(t *testing.T, round int) {
	t.Helper()
	w.changeSource(t, round)
	first, last := w.days()
	b := backfillsOf(w.stack)
	id := fmt.Sprintf("round-%d", round)
	execution := b.start(t, id, map[string]any{"select": "all", "from": first, "to": last, "max_concurrency": 1 + w.random.IntN(4)})

	when := w.random.IntN(roundDays)
	err := holdsWithin(t.Context(), time.Minute, func() bool {
		n, err := b.published(t.Context(), id, first, last)
		return err == nil && n >= when
	})
	if err != nil {
		t.Fatalf("%d partitions of %s are to be published before the kill: %v", when, id, err)
	}
	w.strike(t)
	w.complete(t, execution)
	w.check(t, id)
}

// changeSource has every day come out differently than in the round before.
func (w *killedWorld) changeSource(t testing.TB, round int) {
	t.Helper()
	_, err := open(t, w.stack.SourceDSN).Exec(t.Context(),
		`UPDATE data SET power = $1 WHERE extract(minute FROM timestamp) = 5 AND extract(hour FROM timestamp) = 3`, round)
	if err != nil {
		t.Fatal(err)
	}
}

// strike kills one thing, and brings the stack up again where that took it down.
func (w *killedWorld) strike(t testing.TB) {
	t.Helper()
	victim := []string{"stack", "database", "function"}[w.random.IntN(3)]
	w.killed[victim]++
	switch victim {
	case "stack":
		killStack(t, w.dir, w.stack.PID)
	case "database":
		kill(t, w.postmaster(t))
		err := holdsWithin(t.Context(), time.Minute, func() bool { return !local.IsHeld(w.dir) })
		if err != nil {
			t.Fatalf("the stack is to end with its database: %v", err)
		}
	case "function":
		w.killFunctions(t)
		return
	}
	w.stack = bringUp(t, w.dir, w.flags...)
}

func (w *killedWorld) postmaster(t testing.TB) int {
	t.Helper()
	out, err := exec.Command("find", filepath.Join(w.dir, "postgres"), "-name", "postmaster.pid").Output()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(strings.TrimSpace(string(out)))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.SplitN(string(text), "\n", 2)[0])
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// killFunctions kills all processes of one function that has any.
func (w *killedWorld) killFunctions(t testing.TB) {
	t.Helper()
	byFunction := map[string][]int{}
	for _, process := range processesOf(t, w.dir) {
		pid, command, _ := strings.Cut(process, " ")
		if filepath.Base(command) != "bootstrap" {
			continue
		}
		n, err := strconv.Atoi(pid)
		if err != nil {
			t.Fatal(err)
		}
		function := filepath.Base(filepath.Dir(command))
		byFunction[function] = append(byFunction[function], n)
	}
	var names []string
	for name := range byFunction {
		names = append(names, name)
	}
	slices.Sort(names)
	name := names[w.random.IntN(len(names))]
	w.killed[name]++
	for _, pid := range byFunction[name] {
		kill(t, pid)
	}
}

func kill(t testing.TB, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && err != syscall.ESRCH {
		t.Fatal(err)
	}
}

// complete redrives the backfill until it has succeeded; once is enough, unless
// what was killed takes a second to come back.
func (w *killedWorld) complete(t testing.TB, execution string) {
	t.Helper()
	b := backfillsOf(w.stack)
	const redrives = 3
	for n := range redrives + 1 {
		end := b.await(t, execution)
		if end.Status == types.ExecutionStatusSucceeded {
			if n == 0 {
				w.unharmed++
			} else {
				w.redriven++
			}
			return
		}
		t.Logf("%s is %s: %s: %s", *end.Name, end.Status, aws.ToString(end.Error), aws.ToString(end.Cause))
		if n < redrives {
			b.redrive(t, execution)
		}
	}
	t.Fatalf("%s has not succeeded after %d redrives", execution, redrives)
}

// check expects every day to be published by this round's backfill, whole and once.
func (w *killedWorld) check(t testing.TB, id string) {
	t.Helper()
	first, last := w.days()
	days, err := backfillsOf(w.stack).status.Partitions(t.Context(), asset, first, last)
	if err != nil || len(days) != roundDays {
		t.Fatalf("the status has %d days, %v; want %d", len(days), err, roundDays)
	}
	for _, d := range days {
		if d.Data != status.DataMaterialized || d.Attempt != status.AttemptSucceeded || d.BackfillID != id {
			t.Errorf("%s is %s, its last attempt %s of %s; want it materialized by %s", d.Key, d.Data, d.Attempt, d.BackfillID, id)
		}
	}
	equalsOracle(t, w.stack.SourceDSN, w.stack.TargetDSN, first, last)
}
