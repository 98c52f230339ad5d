// Package recent lets all who watch share an answer for a moment. Browsers poll every
// few seconds, and what they see costs many calls; it is asked for once for those who
// ask at the same time or shortly after, until somebody does something.
package recent

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"
)

// Acts counts what people do, so that nobody sees how things stood before. The zero
// value has seen none. It may be used concurrently.
type Acts struct{ count atomic.Int64 }

// Happened makes every answer old that was asked for until now, also one that is still
// being worked out.
func (a *Acts) Happened() { a.count.Add(1) }

// Answers keeps the answers to questions of one kind. It may be used concurrently.
type Answers[T any] struct {
	acts     *Acts
	now      func() time.Time
	freshFor time.Duration

	flight singleflight.Group
	mu     sync.Mutex
	known  map[string]answer[T] // by the question
}

// answer is what was told of how things stood when it was asked for.
type answer[T any] struct {
	value T
	at    time.Time
	acts  int64
}

// New keeps answers for so long, and until the next act.
func New[T any](acts *Acts, now func() time.Time, freshFor time.Duration) *Answers[T] {
	return &Answers[T]{acts: acts, now: now, freshFor: freshFor, known: map[string]answer[T]{}}
}

// Get answers a question with what is known, or else with what ask says, which is
// called once for all who ask meanwhile. What comes with an error is given to them, and
// not kept. Values are shared: not to be changed.
//
// It does not end with the request that began it, as others wait for it too; within
// bounds its time, so that only those who wait as long wait together. Who has no more
// patience gets the context's error.
func (a *Answers[T]) Get(ctx context.Context, question string, within time.Duration, ask func(context.Context) (T, error)) (T, error) {
	now, acts := a.now(), a.acts.count.Load()
	if value, ok := a.fresh(question, now, acts); ok {
		return value, nil
	}
	reading := a.flight.DoChan(flightOf(question, within, acts), func() (read any, err error) {
		defer caught(&err)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), within)
		defer cancel()
		value, err := ask(ctx)
		if err == nil {
			a.keep(question, answer[T]{value, now, acts})
		}
		return value, err
	})
	select {
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	case result := <-reading:
		if fault, ok := errors.AsType[*panicked](result.Err); ok {
			panic(fault)
		}
		value, _ := result.Val.(T)
		return value, result.Err
	}
}

// panicked is a panic of what was asked, which nobody else's goroutine could recover. Who
// waited for it panics with it, each in their own.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("%v\n\n%s", p.value, p.stack) }

func caught(err *error) {
	if value := recover(); value != nil {
		*err = &panicked{value, debug.Stack()}
	}
}

// flightOf tells apart what may not be waited for together.
func flightOf(question string, within time.Duration, acts int64) string {
	return strconv.FormatInt(acts, 10) + " " + within.String() + " " + question
}

func (a *Answers[T]) fresh(question string, now time.Time, acts int64) (value T, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	known, ok := a.known[question]
	if !ok || !a.holds(known, now, acts) {
		return value, false
	}
	return known.value, true
}

// holds tells whether an answer may be given still. A clock that was set back makes it old.
func (a *Answers[T]) holds(known answer[T], now time.Time, acts int64) bool {
	return known.acts == acts && !now.Before(known.at) && now.Sub(known.at) < a.freshFor
}

// keep notes an answer, unless it has grown old meanwhile or there is a later one, and
// drops those that have.
func (a *Answers[T]) keep(question string, fresh answer[T]) {
	now, acts := a.now(), a.acts.count.Load()
	a.mu.Lock()
	defer a.mu.Unlock()
	for other, known := range a.known {
		if !a.holds(known, now, acts) {
			delete(a.known, other)
		}
	}
	if a.holds(fresh, now, acts) && !a.known[question].at.After(fresh.at) {
		a.known[question] = fresh
	}
}
