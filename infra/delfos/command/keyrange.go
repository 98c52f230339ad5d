package command

import (
	"fmt"
	"slices"

	"delfos/shared/partition"
)

// keyRange is days that follow one another, both ends inclusive.
type keyRange struct{ first, last partition.Key }

// keyRanges gathers days, in any order and without repetitions, into the fewest
// ranges, oldest first.
func keyRanges(keys []partition.Key) []keyRange {
	sorted := slices.SortedFunc(slices.Values(keys), partition.Key.Compare)
	var ranges []keyRange
	for _, key := range sorted {
		if n := len(ranges); n > 0 && ranges[n-1].last.AddDays(1) == key {
			ranges[n-1].last = key
			continue
		}
		ranges = append(ranges, keyRange{key, key})
	}
	return ranges
}

// days is how many days the range has.
func (r keyRange) days() int { return len(partition.Days(r.first, r.last)) }

// String is `2026-02-20`, or `2026-02-20 … 2026-03-01 (10 days)`.
func (r keyRange) String() string {
	if r.first == r.last {
		return r.first.String()
	}
	return fmt.Sprintf("%s … %s (%d days)", r.first, r.last, r.days())
}

// days is `1 day` or `10 days`.
func days(n int) string {
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}
