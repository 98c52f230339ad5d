package statustest

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"delfos/shared/status"
)

var shuffled atomic.Int32

// changesInAnyOrder sends the changes of an execution that was redriven, some of
// them twice, in any order: the record is always the one that counts most of those
// that have come.
func changesInAnyOrder(t *testing.T, f fixture) {
	sent := []status.BackfillChange{
		f.began(), f.ended(status.BackfillCancelled, 0),
		redriven(f.began(), 1), f.ended(status.BackfillFailed, 1),
		redriven(f.began(), 2), f.ended(status.BackfillSucceeded, 2),
	}
	rapid.Check(t, func(t *rapid.T) {
		id := fmt.Sprintf("execution-%d", shuffled.Add(1))
		most := -1
		for _, i := range rapid.SliceOfN(rapid.IntRange(0, len(sent)-1), 1, 10).Draw(t, "changes") {
			c := sent[i]
			c.ID = id
			most = max(most, i) // they are sent in the order in which they count
			answer, err := f.store.ChangeBackfill(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			stored, err := f.store.Backfill(t.Context(), f.asset, id)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(answer, stored, days); diff != "" {
				t.Fatalf("the answer (-) is not what is stored (+):\n%s", diff)
			}
			want := sent[most]
			if stored.State != want.State || stored.Redrives != want.Redrives || !stored.EndedAt.Equal(want.EndedAt) ||
				!cmp.Equal(stored.Failure, want.Failure) {
				t.Fatalf("have %+v after %+v; want it as of %+v", stored, c, want)
			}
		}
	})
}

func redriven(c status.BackfillChange, times int) status.BackfillChange {
	c.Redrives, c.Now = times, after(10*times)
	return c
}
