package asl_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"delfos/infra/local/stepfunctions/asl"
)

func TestTheWaitBeforeARetryGrows(t *testing.T) {
	t.Parallel()
	// The specification's example, "Retrying after error": 3 s, then 4.5 s; capped, then with jitter.
	retrier := asl.Retrier{IntervalSeconds: 3, BackoffRate: 1.5}
	capped := asl.Retrier{IntervalSeconds: 1, BackoffRate: 2, MaxDelaySeconds: 5}
	jittered := asl.Retrier{IntervalSeconds: 8, BackoffRate: 2, FullJitter: true, MaxDelaySeconds: 20}
	for _, c := range []struct {
		retrier asl.Retrier
		attempt int
		random  float64
		want    time.Duration
	}{
		{retrier, 1, 0.9, 3 * time.Second},
		{retrier, 2, 0.9, 4500 * time.Millisecond},
		{retrier, 3, 0, 6750 * time.Millisecond},
		{capped, 3, 0, 4 * time.Second},
		{capped, 4, 0, 5 * time.Second},
		{capped, 5000, 0, 5 * time.Second},
		{jittered, 1, 0, 0},
		{jittered, 1, 0.5, 4 * time.Second},
		{jittered, 2, 0.25, 4 * time.Second},
		{jittered, 3, 0.5, 10 * time.Second},
		{retrier, 10_000, 0, 99_999_999 * time.Second},
	} {
		if got := c.retrier.Delay(c.attempt, c.random); got != c.want {
			t.Errorf("%+v, attempt %d: got %v, want %v", c.retrier, c.attempt, got, c.want)
		}
	}
}

func TestAWaitIsWithinItsBounds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		retrier := asl.Retrier{
			IntervalSeconds: rapid.Int64Range(1, 99_999_999).Draw(t, "interval"),
			BackoffRate:     rapid.Float64Range(1, 1e300).Draw(t, "rate"),
			MaxDelaySeconds: rapid.Int64Range(1, 31_622_399).Draw(t, "max"),
			FullJitter:      rapid.Bool().Draw(t, "jitter"),
		}
		got := retrier.Delay(rapid.IntRange(1, 1000).Draw(t, "attempt"), rapid.Float64Range(0, 0.999999).Draw(t, "random"))
		if got < 0 || got > time.Duration(retrier.MaxDelaySeconds)*time.Second {
			t.Fatalf("%+v waits %v", retrier, got)
		}
	})
}

func TestErrorsAreMatchedByTheirNames(t *testing.T) {
	t.Parallel()
	list := func(names ...string) []string { return names }
	for _, c := range []struct {
		errorEquals []string
		name        string
		want        bool
	}{
		{list("A", "B"), "B", true},
		{list("A"), "B", false},
		{nil, "A", false},
		{list("States.ALL"), "A", true},
		{list("States.ALL"), "States.Timeout", true},
		{list("States.ALL"), "States.DataLimitExceeded", false},
		{list("States.DataLimitExceeded"), "States.DataLimitExceeded", true},
		{list("States.ALL"), "States.Runtime", false},
		{list("States.Runtime"), "States.Runtime", false}, // recorded
		{list("States.TaskFailed"), "A", true},
		{list("States.TaskFailed"), "States.Timeout", false},
		{list("States.TaskFailed"), "States.HeartbeatTimeout", false},
		{list("States.Timeout"), "States.HeartbeatTimeout", true},
		{list("States.HeartbeatTimeout"), "States.Timeout", false},
		{list("State.ALL"), "A", false},
	} {
		if got := asl.MatchesError(c.errorEquals, c.name); got != c.want {
			t.Errorf("%v takes %s: got %t", c.errorEquals, c.name, got)
		}
	}
}
