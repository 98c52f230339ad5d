package e2e

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"delfos/shared/status"
)

func TestKilledAtAnyMomentTheTargetHoldsAWholeDay(t *testing.T) {
	t.Parallel()
	const partitions = 8
	w := newWorld(t)
	seed := uint64(time.Now().UnixNano())
	kills := numberFrom(t, "DELFOS_KILLS", 20)
	var all tally
	t.Cleanup(func() { all.report(t, seed) }) // when the last partition is through
	for i := range partitions {
		share := (kills + i) / partitions // they add up
		t.Run(dateOf(i), func(t *testing.T) {
			t.Parallel()
			k := &killer{
				deployment: w.deploy(t, dateOf(i), settings{lease: time.Second}),
				random:     rand.New(rand.NewPCG(seed, uint64(i))), tally: &all,
			}
			k.run(t, share)
		})
	}
}

// tally counts over all partitions.
type tally struct {
	mu     sync.Mutex
	hits   map[step]int // runs that died, by the last step that they reached
	missed int          // runs that ended before they were struck
	fresh  int          // deaths that left the new day published
	looks  int
}

func (a *tally) add(change func(*tally)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change(a)
}

func (a *tally) count(o outcome, at step) {
	if !o.died() {
		a.missed++
		return
	}
	if a.hits == nil {
		a.hits = map[step]int{}
	}
	a.hits[at]++
}

func (a *tally) report(t testing.TB, seed uint64) {
	t.Helper()
	hits := 0
	for _, at := range slices.Sorted(maps.Keys(a.hits)) {
		hits += a.hits[at]
		t.Logf("%4d died after the step %q", a.hits[at], at)
	}
	t.Logf("%d runs died, %d of them with the new day published; %d ended before they were struck; %d looks at the target; seed %d",
		hits, a.fresh, a.missed, a.looks, seed)
}

// killer has runs of one partition die.
type killer struct {
	*deployment
	random *rand.Rand
	tally  *tally
}

func (k *killer) run(t *testing.T, kills int) {
	v := &versions{known: map[int]published{}, fingerprints: map[string]int{}}
	k.renew(t, v, 1)
	length := k.publish(t).took // of a whole run, the process's start included
	ctx, cancel := context.WithCancel(t.Context())
	watched := make(chan error, 1)
	go func() { watched <- k.watch(ctx, v) }()
	for hits := 0; hits < kills && !t.Failed(); {
		k.renew(t, v, v.newest()+1)
		if k.strike(t, length) {
			hits++
			k.recover(t, v)
		}
	}
	cancel()
	if err := <-watched; err != nil {
		t.Error(err)
	}
}

// renew writes a new version of the source, which may be published from now on.
func (k *killer) renew(t testing.TB, v *versions, version int) {
	t.Helper()
	v.add(version, k.write(t, k.date, version))
}

// strike runs the day and kills the process: at a moment of the time that a run
// takes, or shortly after one of its steps, as chance has it. It tells whether the
// run died.
func (k *killer) strike(t testing.TB, length time.Duration) bool {
	t.Helper()
	k.forget()
	if k.random.IntN(2) == 0 {
		k.kill() // every other run starts with a process of its own
	}
	var striking sync.WaitGroup
	strikeIn := func(delay time.Duration) {
		striking.Go(func() {
			<-time.After(delay) // the moment is what is tested
			k.kill()
		})
	}
	if k.random.IntN(2) == 0 {
		strikeIn(time.Duration(k.random.Int64N(int64(length))))
	} else {
		delay := time.Duration(k.random.Int64N(int64(3 * time.Millisecond)))
		k.at(killable[k.random.IntN(len(killable))], func() verdict {
			strikeIn(delay)
			return pass
		})
	}
	o := k.mustInvoke(t)
	at := k.latest()
	k.forget() // a step that was not reached
	striking.Wait()
	k.tally.add(func(a *tally) { a.count(o, at) })
	return o.died()
}

// recover looks at what the death left, runs the day again, and expects it new.
func (k *killer) recover(t testing.TB, v *versions) {
	t.Helper()
	k.awaitNoSession(t)
	if seen, err := k.look(t.Context(), k.date); err != nil {
		t.Error(err)
	} else if version, err := v.of(seen); err != nil {
		t.Error(err)
	} else if version == v.newest() {
		k.tally.add(func(a *tally) { a.fresh++ })
	}
	again := k.publish(t)
	k.holds(t, k.date, v.known[v.newest()])
	k.succeededAs(t, again)
	for _, run := range k.runs(t) {
		if run.Outcome == status.OutcomeRunning {
			t.Errorf("run %s is still recorded as running, after run %s has published", run.ID, again.materialization.RunID)
		}
	}
}

// watch looks at the day until the context ends: what it sees is always one whole
// version, and never an older one than before.
func (k *killer) watch(ctx context.Context, v *versions) error {
	ticker := time.NewTicker(25 * time.Millisecond)
	defer ticker.Stop()
	last := snapshot{}
	for newest := 0; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		seen, err := k.look(ctx, k.date)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		version, err := v.of(seen)
		if err != nil {
			return err
		}
		if version < newest || seen.generation < last.generation {
			return fmt.Errorf("%s went back from version %d, generation %d, to version %d, generation %d",
				k.date, newest, last.generation, version, seen.generation)
		}
		newest, last = version, seen
		k.tally.add(func(a *tally) { a.looks++ })
	}
}

// versions are what a day may hold: those that were written last.
type versions struct {
	mu           sync.Mutex
	last         int
	known        map[int]published
	fingerprints map[string]int
}

func (v *versions) add(version int, content published) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.last, v.known[version] = version, content
	delete(v.known, version-3) // two that may stand, and one for a look that takes long
}

func (v *versions) newest() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.last
}

// of tells which version a snapshot is. The error says that it is none: mixed,
// partly there, or not what its materialization says.
func (v *versions) of(seen snapshot) (int, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for version, content := range v.known {
		if !matches(seen.values, content) {
			continue
		}
		if of, known := v.fingerprints[seen.fingerprint]; known && of != version || seen.rowsWritten != int64(len(content)) {
			return 0, fmt.Errorf("the values are of version %d, and the materialization (%d rows) of version %d", version, seen.rowsWritten, of)
		}
		v.fingerprints[seen.fingerprint] = version
		return version, nil
	}
	return 0, fmt.Errorf("the target holds no whole version of the day: %d values of run %s, generation %d", len(seen.values), seen.runID, seen.generation)
}
