package sourcehttp

import (
	"math"
	"testing"
)

func TestACursorThatIsMadeUpLeadsNowhereOutsideTheWindow(t *testing.T) {
	t.Parallel()
	query, faults := parseDataQuery("start=2026-02-20&end=2026-02-21&variables=power", 100)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	start, end := query.Span.Start.UnixMicro(), query.Span.End.UnixMicro()
	for position, want := range map[int64]bool{
		start: true, end - 1: true, start - 1: false, end: false, 0: false, -1: false, math.MaxInt64: false, math.MinInt64: false,
	} {
		if last, ok := openCursor(query, newCursor(query, position)); ok != want || ok && last != position {
			t.Errorf("the cursor after %d: %d, %t; want %t", position, last, ok, want)
		}
	}
}
