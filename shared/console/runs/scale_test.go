package runs

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"delfos/shared/etl"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
	"delfos/shared/status"
)

// TestTimeRunsFromLeftToRight holds of any times: later is never further left, and all is
// within the width.
func TestTimeRunsFromLeftToRight(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := time.Date(2026, 2, 20, 0, 0, 0, 0, time.UTC)
		var times []busy
		for range rapid.IntRange(1, 40).Draw(t, "runs") {
			at = at.Add(time.Duration(rapid.Int64Range(0, int64(90*time.Hour)).Draw(t, "gap")))
			times = append(times, busy{at, at.Add(time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "took")))})
		}
		parts := stretches(times)
		if len(parts) == 0 || len(parts) > mostBreaks+1 {
			t.Fatalf("%d stretches", len(parts))
		}
		last := 0.0
		for _, each := range times {
			left, right := place(parts, each.start), place(parts, each.end)
			if left < last || right < left || right > 100.001 {
				t.Fatalf("from %f to %f after %f", left, right, last)
			}
			last = left
		}
	})
}

// TestLongIdleTimesAreLeftOut is about runs at these seconds, each of 1 s.
func TestLongIdleTimesAreLeftOut(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		at   []int
		want int // stretches
	}{
		"one run":                       {[]int{0}, 1},
		"a burst":                       {[]int{0, 1, 2, 3}, 1},
		"two bursts":                    {[]int{0, 1, 2, 3600, 3601}, 2},
		"ticks alone, all as far apart": {[]int{0, 60, 120, 180, 240, 300, 360, 420, 480, 540}, 1},
		"a burst and some ticks":        {[]int{0, 1, 2, 3, 60, 120, 180}, 4},
		"hours, and days between":       {[]int{0, 3600, 7200, 90_000, 93_600, 190_000}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var times []busy
			for _, second := range c.at {
				start := time.Date(2026, 3, 1, 0, 0, second, 0, time.UTC)
				times = append(times, busy{start, start.Add(time.Second)})
			}
			if got := stretches(times); len(got) != c.want {
				t.Errorf("%d stretches, want %d", len(got), c.want)
			}
		})
	}
}

// TestLanesKeepRunsApart holds of packed lanes while there are enough.
func TestLanesKeepRunsApart(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	first := partition.MustParseKey("2026-01-01")
	var runs []pipeline.Run
	for i := range 60 {
		runs = append(runs, pipeline.Run{Run: status.Run{
			Partition: first.AddDays(i), Outcome: status.OutcomeSucceeded,
			StartedAt: now.Add(time.Duration(i) * time.Minute), FinishedAt: now.Add(time.Duration(i)*time.Minute + 5*time.Minute),
		}})
	}
	bars, _ := laid(runs, now)
	if days, _ := byDay(bars); days != nil {
		t.Fatal("60 days have lanes of their own")
	}
	lanes := packed(bars)
	if lanes > 8 {
		t.Errorf("%d lanes for 6 runs at once", lanes)
	}
	for i, a := range bars {
		for _, b := range bars[:i] {
			if a.lane == b.lane && a.left < b.right {
				t.Errorf("%s lies on %s", a.run.Partition, b.run.Partition)
			}
		}
	}
}

// TestEveryErrorOfTheEtlHasAdvice keeps the advice as long as the list of errors.
func TestEveryErrorOfTheEtlHasAdvice(t *testing.T) {
	t.Parallel()
	for _, each := range []etl.Error{
		&etl.SourceUnavailable{}, &etl.SourceChanged{}, &etl.TargetUnavailable{}, &etl.StatusUnavailable{}, &etl.OutOfTime{}, &etl.LeaseLost{},
		&etl.Cancelled{}, &etl.BackfillStopped{}, &etl.Superseded{}, &etl.PartitionBusy{}, &etl.InvalidEvent{}, &etl.PartitionOutOfRange{},
		&etl.EmptyPartition{}, &etl.InvalidSourceData{}, &etl.SourceRejected{}, &etl.InternalFailure{},
	} {
		if name := typeName(each); advice(name) == "" {
			t.Errorf("there is no advice on %s", name)
		}
	}
	for _, name := range []string{status.FailureLeaseExpired, status.FailureCancelled} {
		if advice(name) == "" {
			t.Errorf("there is no advice on %s", name)
		}
	}
}

func typeName(value any) string { return reflect.TypeOf(value).Elem().Name() }
