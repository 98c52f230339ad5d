package overview

import (
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	pagetest "delfos/shared/console/sitetest"
	"delfos/shared/pipeline"
	"delfos/shared/status"
)

// watched is an overview with two browsers in front of it, whose clock is the test's.
type watched struct {
	*fake
	t     *testing.T
	later atomic.Int64 // than now
	one   *pagetest.Browser
}

func watch(t *testing.T) *watched {
	t.Helper()
	w := &watched{fake: well(t), t: t}
	w.one = browser(t, w.fake, func() time.Time { return now.Add(time.Duration(w.later.Load())) })
	return w
}

// polls asks for the part after a while.
func (w *watched) polls(after time.Duration) string {
	w.t.Helper()
	w.later.Add(int64(after))
	got := w.one.Fragment("/overview/part")
	if got.Status != http.StatusOK {
		w.t.Errorf("the part is answered by %d", got.Status)
	}
	return got.Body
}

// asked fails the test unless the pipeline was asked so often in all.
func (w *watched) asked(looks, ticks int64) {
	w.t.Helper()
	if gotLooks, gotTicks := w.looked.Load(), w.ticked.Load(); gotLooks != looks || gotTicks != ticks {
		w.t.Errorf("asked %d times for the overview and %d times for the ticks, want %d and %d", gotLooks, gotTicks, looks, ticks)
	}
}

func TestWhoeverWatchesSharesALookOfTwoSeconds(t *testing.T) {
	t.Parallel()
	w := watch(t)
	w.one.Get("/")
	for range 20 {
		w.polls(0)
	}
	w.polls(freshFor - time.Nanosecond)
	w.asked(1, 1)
	w.polls(time.Nanosecond)
	w.asked(2, 2) // the first look knew of no trace that a tick leaves
}

func TestThePastTicksAreAskedForAgainWhenSomethingHasChanged(t *testing.T) {
	t.Parallel()
	w := watch(t)
	w.polls(0)
	w.polls(5 * time.Second)
	w.asked(2, 2)
	w.polls(5 * time.Second)
	w.polls(5 * time.Second)
	w.asked(4, 2)
	w.stands.LastRuns.Value = append([]pipeline.Run{{Run: status.Run{ID: "01NEW", Outcome: status.OutcomeRunning}}}, w.stands.LastRuns.Value...)
	w.polls(5 * time.Second) // sees it
	w.polls(5 * time.Second)
	w.asked(6, 3)
	w.polls(ticksFreshFor)
	w.asked(7, 4)
}

func TestNobodySeesHowThingsStoodBeforeSomebodyActed(t *testing.T) {
	t.Parallel()
	w := watch(t)
	lacks(t, w.polls(0), "01NEW")
	w.stands.LastRuns.Value = []pipeline.Run{{Run: status.Run{ID: "01NEW", Outcome: status.OutcomeRunning}}}
	if got := w.one.Post("/form", "/act", nil); got.Status != http.StatusSeeOther {
		t.Fatal(got.Status)
	}
	has(t, w.polls(0), "01NEW")
	w.asked(2, 2)
}

func TestALookAtWhatFailsIsNotKept(t *testing.T) {
	t.Parallel()
	w := watch(t)
	w.stands.Target.Err = &pipeline.UnavailableError{What: "the target", Cause: errors.New("refused")}
	has(t, w.polls(0), "does not answer", "All 10 days are materialized")
	w.stands.Target.Err = nil
	lacks(t, w.polls(0), "does not answer")
	w.asked(2, 2)
}
