package command

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// quietFor is how long an answer is waited for without a word.
const quietFor = 2 * time.Second

// waits tells on stderr of answers that are long in coming: what is waited for, and how
// long at most. A nil one tells nothing.
type waits struct {
	terminal Terminal

	mu    sync.Mutex
	told  map[string]bool // of what, since it last answered at once or failed
	clear func()          // takes away what moves on stderr; nil where nothing does
}

func newWaits(terminal Terminal) *waits { return &waits{terminal: terminal, told: map[string]bool{}} }

// noAnswerError says that something has not answered in its time.
type noAnswerError struct {
	what   string
	within time.Duration
}

// Error names it, and for how long it was waited for.
func (e *noAnswerError) Error() string {
	return fmt.Sprintf("%s has not answered for %s", e.what, atMost(e.within))
}

// Unwrap tells that a deadline passed, which another try may be in time for.
func (e *noAnswerError) Unwrap() error { return context.DeadlineExceeded }

// during waits for what ask does, and so long at most; where ctx ends before, so long.
func (w *waits) during(ctx context.Context, what string, within time.Duration, ask func(context.Context) error) error {
	if deadline, has := ctx.Deadline(); has {
		within = min(within, time.Until(deadline))
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	end := w.tellLater(ctx, what, within)
	err := ask(ctx)
	end(err)
	if errors.Is(err, context.DeadlineExceeded) && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &noAnswerError{what, within}
	}
	return err
}

// tellLater tells of a wait that is long, until end is called with what came of it.
func (w *waits) tellLater(ctx context.Context, what string, within time.Duration) (end func(error)) {
	if w == nil {
		return func(error) {}
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	long := false
	go func() {
		defer close(ended)
		if long = w.terminal.Wait(ctx, quietFor) == nil; long {
			w.tell(what, within)
		}
	}()
	return func(err error) {
		cancel()
		<-ended
		if err != nil || !long {
			w.mu.Lock()
			defer w.mu.Unlock()
			delete(w.told, what)
		}
	}
}

// tell writes one line for all that wait for the same at once, and for answers that are
// slow one after the other.
func (w *waits) tell(what string, within time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.told[what] {
		return
	}
	w.told[what] = true
	if w.clear != nil {
		w.clear()
	}
	fmt.Fprintf(w.terminal.Stderr, "Waiting for %s, up to %s …\n", what, atMost(within))
}

// over has what moves on stderr taken away before a line is written.
func (w *waits) over(clearIt func()) {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clear = clearIt
}

// atMost is a bound as one says it: `30 s`, `6 min`.
func atMost(d time.Duration) string {
	if d >= 2*time.Minute {
		return fmt.Sprintf("%d min", d.Round(time.Minute)/time.Minute)
	}
	return fmt.Sprintf("%d s", max(d.Round(time.Second)/time.Second, 1))
}
