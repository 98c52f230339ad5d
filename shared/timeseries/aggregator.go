package timeseries

import (
	"errors"
	"fmt"
	"time"

	"delfos/shared/partition"
)

// Window is what one window of a span holds.
type Window struct {
	Start      time.Time    // the window is [Start, Start + width), cut off at the span's end; UTC
	Statistics []Statistics // one per variable, valid until emit returns
}

// Aggregator turns a stream of samples into the windows of a span. It holds no
// more than the samples of one window. It is for one goroutine.
type Aggregator struct {
	begin, edge int64 // the open window, in Unix microseconds
	start, end  int64 // the span
	width       int64
	last        int64       // the time of the last sample
	rows        int         // of the window before
	open        [][]float64 // the open window's values from earlier calls of Add
	statistics  []Statistics
	divisors    divisors
	emit        func(Window) error
	err         error // what ended the stream
}

var errClosed = errors.New("the aggregator is closed")

// NewAggregator cuts a span into windows from its start on, of which the last
// may be shorter, and hands each to emit as soon as it is over, oldest first. A
// window in which no variable has a sample is not emitted. Span and width must be
// positive and in whole microseconds.
func NewAggregator(span partition.Span, width time.Duration, variables int, emit func(Window) error) (*Aggregator, error) {
	switch {
	case width <= 0 || width%time.Microsecond != 0:
		return nil, fmt.Errorf("window width %s: want whole microseconds, above 0", width)
	case span.Duration() <= 0:
		return nil, fmt.Errorf("span %s to %s: want an end after the start", stamp(span.Start), stamp(span.End))
	case span.Start.Nanosecond()%1000 != 0 || span.End.Nanosecond()%1000 != 0:
		return nil, fmt.Errorf("span %s to %s: want whole microseconds", stamp(span.Start), stamp(span.End))
	case variables < 1:
		return nil, fmt.Errorf("%d variables: want at least one", variables)
	}
	a := &Aggregator{
		begin:      span.Start.UnixMicro(),
		start:      span.Start.UnixMicro(),
		end:        span.End.UnixMicro(),
		width:      width.Microseconds(),
		open:       make([][]float64, variables),
		statistics: make([]Statistics, variables),
		emit:       emit,
	}
	a.last = a.begin - 1
	a.edge = min(a.begin+a.width, a.end)
	return a, nil
}

// WindowCount is the number of windows, with samples or without, that a span is
// cut into. The width must be positive.
func WindowCount(span partition.Span, width time.Duration) int {
	return int((span.Duration() + width - 1) / width)
}

// Add takes the next samples: their Unix times in microseconds, and per variable
// a value for each, NaN for null. Nothing is kept of the slices. A sample outside
// the span, out of order or at the time of the one before is a *SampleError.
// After an error, emit's own among them, every call answers that same error.
func (a *Aggregator) Add(times []int64, values [][]float64) error {
	if a.err == nil {
		a.err = a.add(times, values)
	}
	return a.err
}

// Close emits the last window; without it the end of the stream is lost. A second
// Close does nothing.
func (a *Aggregator) Close() error {
	if errors.Is(a.err, errClosed) {
		return nil
	}
	if a.err == nil {
		a.err = a.finish(make([][]float64, len(a.open)), 0, 0)
	}
	if a.err != nil {
		return a.err
	}
	a.err = errClosed
	return nil
}

func (a *Aggregator) add(times []int64, values [][]float64) error {
	if err := a.checkShape(times, values); err != nil {
		return err
	}
	row := 0
	for {
		next := a.rowPastEdge(times, row)
		if err := a.checkTimes(times[row:next]); err != nil {
			return err
		}
		if next == len(times) {
			a.keep(values, row)
			return nil
		}
		if times[next] >= a.end {
			return a.misplaced(times[next], a.last)
		}
		if err := a.finish(values, row, next); err != nil {
			return err
		}
		a.openWindowOf(times[next])
		row = next
	}
}

func (a *Aggregator) checkShape(times []int64, values [][]float64) error {
	if len(values) != len(a.open) {
		return fmt.Errorf("values of %d variables: want %d", len(values), len(a.open))
	}
	for variable := range values {
		if len(values[variable]) != len(times) {
			return fmt.Errorf("%d values of variable %d for %d times: want one each", len(values[variable]), variable, len(times))
		}
	}
	return nil
}

func (a *Aggregator) checkTimes(times []int64) error {
	last := a.last
	for _, at := range times {
		if at <= last {
			return a.misplaced(at, last)
		}
		last = at
	}
	a.last = last
	return nil
}

// rowPastEdge is the first row, from row on, that lies past the open window. Most
// windows have as many rows as the one before.
func (a *Aggregator) rowPastEdge(times []int64, row int) int {
	next := row + a.rows
	if next >= len(times) || next == row || times[next-1] >= a.edge || times[next] < a.edge {
		next = row
		for next < len(times) && times[next] < a.edge {
			next++
		}
	}
	a.rows = next - row
	return next
}

// keep saves the open window's values for the next call.
func (a *Aggregator) keep(values [][]float64, from int) {
	for variable := range values {
		a.open[variable] = append(a.open[variable], values[variable][from:]...)
	}
}

// finish emits the open window, whose last values are the rows [from, to).
func (a *Aggregator) finish(values [][]float64, from, to int) error {
	samples := 0
	for variable := range values {
		window := values[variable][from:to]
		if kept := a.open[variable]; len(kept) > 0 {
			window = append(kept, window...)
			a.open[variable] = window[:0]
		}
		statistics := &a.statistics[variable]
		statistics.describe(window, &a.divisors)
		samples += statistics.Count
	}
	if samples == 0 {
		return nil
	}
	return a.emit(Window{Start: time.UnixMicro(a.begin).UTC(), Statistics: a.statistics})
}

// openWindowOf moves to the window that the instant lies in, mostly the next.
func (a *Aggregator) openWindowOf(instant int64) {
	a.begin = a.edge
	if beyond := instant - a.begin; beyond >= a.width {
		a.begin += beyond / a.width * a.width
	}
	a.edge = min(a.begin+a.width, a.end)
}

func (a *Aggregator) misplaced(instant, last int64) error {
	reason := "it came after the sample at " + stamp(time.UnixMicro(last))
	switch {
	case instant < a.start || instant >= a.end:
		reason = fmt.Sprintf("it lies outside the span, %s to %s", stamp(time.UnixMicro(a.start)), stamp(time.UnixMicro(a.end)))
	case instant == last:
		reason = "there was a sample at that time already"
	}
	return &SampleError{Time: time.UnixMicro(instant).UTC(), Reason: reason}
}
