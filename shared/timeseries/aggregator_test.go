package timeseries_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"delfos/shared/partition"
	"delfos/shared/timeseries"
)

const width = 10 * time.Minute

var (
	midnight = time.Date(2026, 2, 20, 0, 0, 0, 0, time.UTC)
	day      = partition.Span{Start: midnight, End: midnight.AddDate(0, 0, 1)}
)

// collector is an emit that keeps what it is given.
type collector struct{ windows []timeseries.Window }

func (c *collector) emit(w timeseries.Window) error {
	w.Statistics = append([]timeseries.Statistics(nil), w.Statistics...)
	c.windows = append(c.windows, w)
	return nil
}

func newAggregator(t rapid.TB, span partition.Span, variables int, c *collector) *timeseries.Aggregator {
	t.Helper()
	a, err := timeseries.NewAggregator(span, width, variables, c.emit)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// aggregate feeds one variable's samples, in batches that end at cuts.
func aggregate(t rapid.TB, span partition.Span, times []int64, values []float64, cuts ...int) []timeseries.Window {
	t.Helper()
	var c collector
	a := newAggregator(t, span, 1, &c)
	from := 0
	for _, to := range append(cuts, len(times)) {
		if err := a.Add(times[from:to], [][]float64{values[from:to]}); err != nil {
			t.Fatal(err)
		}
		from = to
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	return c.windows
}

// minutes are a sample a minute over a span, each its own number.
func minutes(span partition.Span) (times []int64, values []float64) {
	for at := span.Start; at.Before(span.End); at = at.Add(time.Minute) {
		times = append(times, at.UnixMicro())
		values = append(values, float64(len(values)))
	}
	return times, values
}

func TestNewAggregatorRefusesWhatCannotBeCut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		span      partition.Span
		width     time.Duration
		variables int
		want      string
	}{
		{"no width", day, 0, 1, "width"},
		{"a negative width", day, -time.Minute, 1, "width"},
		{"a width of nanoseconds", day, time.Microsecond + 1, 1, "width"},
		{"an empty span", partition.Span{Start: midnight, End: midnight}, width, 1, "span"},
		{"a reversed span", partition.Span{Start: day.End, End: day.Start}, width, 1, "span"},
		{"a span of nanoseconds", partition.Span{Start: midnight.Add(1), End: day.End}, width, 1, "span"},
		{"no variable", day, width, 0, "variables"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := timeseries.NewAggregator(c.span, c.width, c.variables, new(collector).emit)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error on the %s", err, c.want)
			}
		})
	}
}

func TestWindowsAreHalfOpenAndLabelledWithTheirStart(t *testing.T) {
	t.Parallel()
	at := func(offset time.Duration) int64 { return midnight.Add(offset).UnixMicro() }
	got := aggregate(t, day,
		[]int64{at(0), at(width - time.Microsecond), at(width), at(24*time.Hour - time.Microsecond)},
		[]float64{1, 3, 5, 7})
	want := []timeseries.Window{
		{Start: midnight, Statistics: []timeseries.Statistics{{Count: 2, Mean: 2, Min: 1, Max: 3, Std: math.Sqrt2}}},
		{Start: midnight.Add(width), Statistics: []timeseries.Statistics{{Count: 1, Mean: 5, Min: 5, Max: 5, Std: nan}}},
		{Start: midnight.Add(143 * width), Statistics: []timeseries.Statistics{{Count: 1, Mean: 7, Min: 7, Max: 7, Std: nan}}},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateNaNs()); diff != "" {
		t.Error(diff)
	}
}

func TestAWindowWithoutAnySampleIsNotEmitted(t *testing.T) {
	t.Parallel()
	var c collector
	a := newAggregator(t, day, 2, &c)
	times := []int64{midnight.UnixMicro(), midnight.Add(10 * time.Minute).UnixMicro(), midnight.Add(time.Hour).UnixMicro()}
	if err := a.Add(times, [][]float64{{1, nan, nan}, {nan, nan, 2}}); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if len(c.windows) != 2 || !c.windows[1].Start.Equal(midnight.Add(time.Hour)) {
		t.Fatalf("got %+v, want the windows of 00:00 and 01:00", c.windows)
	}
	if first, second := c.windows[0].Statistics, c.windows[1].Statistics; first[0].Count != 1 || first[1].Count != 0 || second[0].Count != 0 || second[1].Count != 1 {
		t.Errorf("the counts are wrong: %+v", c.windows)
	}
}

func TestNoSampleAtAllIsNoWindow(t *testing.T) {
	t.Parallel()
	if got := aggregate(t, day, nil, nil); got != nil {
		t.Errorf("got %+v", got)
	}
}

func TestDaysOfOtherLengthsHaveTheirWindows(t *testing.T) {
	t.Parallel()
	calendar, err := partition.NewCalendar("Europe/Lisbon", partition.MustParseKey("2026-01-01"))
	if err != nil {
		t.Fatal(err)
	}
	for day, want := range map[string]int{"2026-02-20": 144, "2026-03-29": 138, "2026-10-25": 150} {
		span := calendar.Span(partition.MustParseKey(day))
		if got := timeseries.WindowCount(span, width); got != want {
			t.Errorf("WindowCount of %s is %d, want %d", day, got, want)
		}
		times, values := minutes(span)
		windows := aggregate(t, span, times, values)
		if len(windows) != want {
			t.Errorf("%s has %d windows, want %d", day, len(windows), want)
		}
		for i, w := range windows {
			if !w.Start.Equal(span.Start.Add(time.Duration(i)*width)) || w.Start.Location() != time.UTC || w.Statistics[0].Count != 10 {
				t.Fatalf("%s: window %d is %+v", day, i, w)
			}
		}
	}
}

func TestTheLastWindowIsCutOffAtTheSpansEnd(t *testing.T) {
	t.Parallel()
	span := partition.Span{Start: midnight, End: midnight.Add(25 * time.Minute)}
	if got := timeseries.WindowCount(span, width); got != 3 {
		t.Errorf("WindowCount is %d, want 3", got)
	}
	times, values := minutes(span)
	windows := aggregate(t, span, times, values)
	if len(windows) != 3 || windows[2].Statistics[0].Count != 5 {
		t.Errorf("got %+v", windows)
	}
	var c collector
	err := newAggregator(t, span, 1, &c).Add([]int64{span.End.UnixMicro()}, [][]float64{{1}})
	if _, ok := errors.AsType[*timeseries.SampleError](err); !ok {
		t.Errorf("a sample at the end: %v", err)
	}
}

func TestBatchesDoNotChangeTheWindows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		gaps := rapid.SliceOfN(rapid.Int64Range(1, 900_000_000), 0, 200).Draw(t, "gaps")
		var times []int64
		at := midnight.UnixMicro() - 1
		for _, gap := range gaps {
			if at += gap; at < day.End.UnixMicro() {
				times = append(times, at)
			}
		}
		sample := rapid.OneOf(rapid.Float64Range(-1e6, 1e6), rapid.Just(nan))
		values := rapid.SliceOfN(sample, len(times), len(times)).Draw(t, "values")
		var cuts []int
		for i := range times {
			if rapid.Bool().Draw(t, "cut") {
				cuts = append(cuts, i)
			}
		}
		whole := aggregate(t, day, times, values)
		if diff := cmp.Diff(whole, aggregate(t, day, times, values, cuts...), cmpopts.EquateNaNs()); diff != "" {
			t.Fatal(diff)
		}
		checkAgainstNaiveGrouping(t, times, values, whole)
	})
}

func checkAgainstNaiveGrouping(t *rapid.T, times []int64, values []float64, got []timeseries.Window) {
	groups := map[int64][]float64{}
	for i, at := range times {
		start := at - (at-midnight.UnixMicro())%width.Microseconds()
		if !math.IsNaN(values[i]) {
			groups[start] = append(groups[start], values[i])
		}
	}
	if len(got) != len(groups) {
		t.Fatalf("%d windows, want %d", len(got), len(groups))
	}
	for i, w := range got {
		if i > 0 && !got[i-1].Start.Before(w.Start) {
			t.Fatalf("the window of %s came after that of %s", w.Start, got[i-1].Start)
		}
		checkNear(t, w.Statistics[0], exactly(groups[w.Start.UnixMicro()]))
	}
}

func TestAddRefusesSamplesThatAreNotInPlace(t *testing.T) {
	t.Parallel()
	at := func(minute int) int64 { return midnight.Add(time.Duration(minute) * time.Minute).UnixMicro() }
	for _, c := range []struct {
		name    string
		batches [][]int64
		instant int64
		reason  string
	}{
		{"before the span", [][]int64{{at(-1)}}, at(-1), "outside the span"},
		{"at the span's end", [][]int64{{at(0), at(1440)}}, at(1440), "outside the span"},
		{"long after the span", [][]int64{{at(0)}, {at(99999)}}, at(99999), "outside the span"},
		{"twice", [][]int64{{at(5), at(5)}}, at(5), "there was a sample at that time already"},
		{"twice, over two batches", [][]int64{{at(5)}, {at(5)}}, at(5), "there was a sample at that time already"},
		{"out of order", [][]int64{{at(5), at(4)}}, at(4), "it came after the sample at 2026-02-20T00:05:00Z"},
		{"out of order, in an earlier window", [][]int64{{at(15), at(25), at(4)}}, at(4), "it came after the sample at 2026-02-20T00:25:00Z"},
		{"out of order, over two batches", [][]int64{{at(15)}, {at(4)}}, at(4), "it came after"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := newAggregator(t, day, 1, new(collector))
			var err error
			for _, batch := range c.batches {
				err = a.Add(batch, [][]float64{make([]float64, len(batch))})
			}
			var misplaced *timeseries.SampleError
			if !errors.As(err, &misplaced) {
				t.Fatalf("got %v, want a SampleError", err)
			}
			if misplaced.Time.UnixMicro() != c.instant || !strings.Contains(err.Error(), c.reason) ||
				!strings.Contains(err.Error(), misplaced.Time.Format(time.RFC3339)) {
				t.Errorf("got %q, want %q and the instant", err, c.reason)
			}
			if again := a.Close(); !errors.Is(again, err) {
				t.Errorf("after the error Close answers %v", again)
			}
		})
	}
}

func TestAddRefusesUnevenColumns(t *testing.T) {
	t.Parallel()
	one := []int64{midnight.UnixMicro()}
	for name, values := range map[string][][]float64{
		"a variable short":    {{1}},
		"a variable too many": {{1}, {1}, {1}},
		"a value short":       {{1}, {}},
		"a value too many":    {{1}, {1, 2}},
	} {
		if err := newAggregator(t, day, 2, new(collector)).Add(one, values); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestAnErrorOfEmitEndsTheStream(t *testing.T) {
	t.Parallel()
	full, calls := errors.New("full"), 0
	a, err := timeseries.NewAggregator(day, width, 1, func(timeseries.Window) error { calls++; return full })
	if err != nil {
		t.Fatal(err)
	}
	times, values := minutes(day)
	if err := a.Add(times, [][]float64{values}); !errors.Is(err, full) {
		t.Errorf("Add: %v", err)
	}
	if err := a.Close(); !errors.Is(err, full) {
		t.Errorf("Close: %v", err)
	}
	if calls != 1 {
		t.Errorf("emit was called %d times", calls)
	}
}

func TestCloseIsFinal(t *testing.T) {
	t.Parallel()
	var c collector
	a := newAggregator(t, day, 1, &c)
	if err := a.Add([]int64{midnight.UnixMicro()}, [][]float64{{1}}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.windows) != 1 {
		t.Errorf("%d windows after two Closes, want 1", len(c.windows))
	}
	if err := a.Add([]int64{midnight.Add(time.Hour).UnixMicro()}, [][]float64{{1}}); err == nil {
		t.Error("Add after Close: no error")
	}
}
