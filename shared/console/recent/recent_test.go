package recent_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"delfos/shared/console/recent"
)

const freshFor = 2 * time.Second

// source answers with how often it was asked.
type source struct {
	asked atomic.Int64
	fails error
	hold  chan struct{} // where there is one, answers wait for it to be closed
}

func (s *source) read(ctx context.Context) (int64, error) {
	n := s.asked.Add(1)
	if s.hold != nil {
		select {
		case <-s.hold:
		case <-ctx.Done():
			return n, ctx.Err()
		}
	}
	return n, s.fails
}

// watched is answers of a source, by the clock of a synctest bubble.
type watched struct {
	source
	acts    recent.Acts
	answers *recent.Answers[int64]
}

func watch() *watched {
	w := &watched{}
	w.answers = recent.New[int64](&w.acts, time.Now, freshFor)
	return w
}

func (w *watched) get(t *testing.T, question string, want int64) {
	t.Helper()
	if got, err := w.answers.Get(t.Context(), question, time.Minute, w.read); err != nil || got != want {
		t.Errorf("%s: answer %d, want %d; %v", question, got, want, err)
	}
}

func TestAnAnswerIsSharedForAMoment(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch()
		w.get(t, "a", 1)
		time.Sleep(freshFor - time.Nanosecond)
		w.get(t, "a", 1)
		w.get(t, "b", 2)
		time.Sleep(time.Nanosecond)
		w.get(t, "a", 3)
		w.get(t, "b", 2)
	})
}

func TestWhoAsksAtTheSameTimeIsAnsweredByOneReading(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch()
		w.hold = make(chan struct{})
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() { w.get(t, "a", 1) })
		}
		synctest.Wait()
		close(w.hold)
		all.Wait()
	})
}

func TestAPanicIsThatOfWhoAsked(t *testing.T) {
	t.Parallel()
	w := watch()
	defer func() {
		if fault, ok := recover().(error); !ok || !strings.Contains(fault.Error(), "out of order") || !strings.Contains(fault.Error(), "recent_test.go") {
			t.Errorf("it is %v; want what happened, and where", fault)
		}
	}()
	_, err := w.answers.Get(t.Context(), "a", time.Minute, func(context.Context) (int64, error) { panic("out of order") })
	t.Errorf("it ended with %v", err)
}

func TestAClockThatIsSetBackMakesAnswersOld(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 2, 20, 0, 0, 0, 0, time.UTC)
	w := &watched{}
	w.answers = recent.New[int64](&w.acts, func() time.Time { return now }, freshFor)
	w.get(t, "a", 1)
	now = now.Add(-time.Hour)
	w.get(t, "a", 2)
}

func TestAnActMakesAnswersOld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch()
		w.get(t, "a", 1)
		w.acts.Happened()
		w.get(t, "a", 2)
		w.get(t, "a", 2)
	})
}

func TestWhatWasBeingReadAtAnActIsForThoseWhoAskedBefore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch()
		w.hold = make(chan struct{})
		var all sync.WaitGroup
		all.Go(func() { w.get(t, "a", 1) })
		synctest.Wait()
		w.acts.Happened()
		all.Go(func() { w.get(t, "a", 2) })
		synctest.Wait()
		close(w.hold)
		all.Wait()
		w.get(t, "a", 2) // and not the older one, whichever came last
	})
}

func TestAnErrorIsNotKeptAndComesWithWhatThereIs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch()
		w.fails = errors.New("away")
		if got, err := w.answers.Get(t.Context(), "a", time.Minute, w.read); !errors.Is(err, w.fails) || got != 1 {
			t.Errorf("%d, %v", got, err)
		}
		w.fails = nil
		w.get(t, "a", 2)
		w.get(t, "a", 2)
	})
}

func TestWhoLeavesDoesNotTakeTheAnswerFromOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch()
		w.hold = make(chan struct{})
		ctx, leave := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := w.answers.Get(ctx, "a", time.Minute, w.read); !errors.Is(err, context.Canceled) {
				t.Errorf("who has left: %v", err)
			}
		})
		synctest.Wait()
		all.Go(func() { w.get(t, "a", 1) })
		synctest.Wait()
		leave()
		synctest.Wait()
		close(w.hold)
		all.Wait()
	})
}

func TestWhoWaitsLongerDoesNotShareTheShorterWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch()
		w.hold = make(chan struct{})
		var all sync.WaitGroup
		all.Go(func() {
			if got, err := w.answers.Get(t.Context(), "a", time.Second, w.read); !errors.Is(err, context.DeadlineExceeded) || got == 0 {
				t.Errorf("the impatient: %d, %v", got, err)
			}
		})
		all.Go(func() {
			if _, err := w.answers.Get(t.Context(), "a", time.Minute, w.read); err != nil {
				t.Errorf("the patient: %v", err)
			}
		})
		time.Sleep(3 * time.Second)
		close(w.hold)
		all.Wait()
		w.get(t, "a", 3) // what was asked for three seconds ago is old
	})
}
