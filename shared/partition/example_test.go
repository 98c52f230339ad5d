package partition_test

import (
	"fmt"
	"time"

	"delfos/shared/partition"
)

func Example() {
	calendar, err := partition.NewCalendar("Europe/Lisbon", partition.MustParseKey("2026-02-20"))
	if err != nil {
		panic(err)
	}
	tick := time.Date(2026, 3, 30, 2, 0, 0, 0, time.UTC)
	day := calendar.LastEnded(tick)
	span := calendar.Span(day)
	fmt.Println(day, "lasts", span.Duration())
	fmt.Println("from", span.Start.Format(time.RFC3339), "to", span.End.Format(time.RFC3339))
	fmt.Println(calendar.Check(day.AddDays(1), tick))
	// Output:
	// 2026-03-29 lasts 23h0m0s
	// from 2026-03-29T00:00:00Z to 2026-03-29T23:00:00Z
	// partition 2026-03-30 cannot be processed: the day is not over until 2026-03-30T23:00:00Z (time zone Europe/Lisbon)
}
