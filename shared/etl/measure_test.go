package etl

import (
	"testing"

	"delfos/shared/partition"
)

func TestTheLagIsTheDaysFromThePublishedToTheLastEnded(t *testing.T) {
	t.Parallel()
	lastEnded := partition.MustParseKey("2026-03-01")
	for published, want := range map[string]int{"2026-03-01": 0, "2026-02-28": 1, "2026-02-20": 9, "2026-03-02": 0} {
		if got := lag(partition.MustParseKey(published), lastEnded); got != want {
			t.Errorf("lag of %s: %d, want %d", published, got, want)
		}
	}
}
