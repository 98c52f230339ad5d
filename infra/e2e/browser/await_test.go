package browser

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"delfos/shared/status"
)

// await waits for something to hold, and tells what there is instead.
func await(t testing.TB, what string, holds func() (now string, ok bool)) {
	t.Helper()
	for deadline := time.Now().Add(within); ; time.Sleep(25 * time.Millisecond) {
		now, ok := holds()
		if ok {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: not so within %s; now: %s", what, within, now)
		}
	}
}

// awaitRunning waits until so many of the days are being run.
func (w *world) awaitRunning(t testing.TB, n int, days ...string) {
	t.Helper()
	await(t, fmt.Sprintf("%d of %v are being run", n, days), func() (string, bool) {
		running, now := 0, make([]string, len(days))
		for i, day := range days {
			found := w.day(t, day)
			if found.Attempt == status.AttemptRunning {
				running++
			}
			now[i] = fmt.Sprintf("%s: data %q, attempt %q of generation %d, failure %+v", day, found.Data, found.Attempt, found.Generation, found.Failure)
		}
		return fmt.Sprintf("%d are\n%s", running, strings.Join(now, "\n")), running == n
	})
}

func (w *world) awaitEnd(t testing.TB, name string) {
	t.Helper()
	await(t, name+" has ended", func() (string, bool) {
		found := w.execution(t, name)
		return fmt.Sprintf("it is %s: %s", found.Status, aws.ToString(found.Cause)), found.Status != types.ExecutionStatusRunning
	})
}

// nothingOf fails the test where one of the days is in the target, once whatever waits to
// publish it has had its turn.
func (w *world) nothingOf(t testing.TB, days ...string) {
	t.Helper()
	w.hold(t, days...)()
	for _, day := range days {
		if rows := w.inTarget(t, day); len(rows) != 0 {
			t.Errorf("%s was published: %v", day, rows)
		}
	}
}
