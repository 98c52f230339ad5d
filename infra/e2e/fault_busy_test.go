package e2e

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"delfos/shared/status"
)

func TestOfFiftyRunsOfAPartitionAtOnceOnePublishes(t *testing.T) {
	t.Parallel()
	const all = 50
	w := newWorld(t)
	d := w.deploy(t, dateOf(0), settings{lease: 15 * time.Second})
	want := w.write(t, d.date, 1)
	gate := make(chan struct{})
	d.at(dataAsked, func() verdict {
		<-gate // who has claimed waits here until all others have been answered
		return pass
	})
	outcomes := make(chan outcome, all)
	var refused atomic.Int64
	var running sync.WaitGroup
	for range all {
		running.Go(func() {
			o, err := d.invoke(t.Context())
			if err != nil {
				t.Error(err)
			}
			if o.errorType != "" && refused.Add(1) == all-1 {
				close(gate)
			}
			outcomes <- o
		})
	}
	running.Wait()
	close(outcomes)
	var winners []outcome
	var losers []outcome
	for o := range outcomes {
		if o.errorType == "" {
			winners = append(winners, o)
		} else {
			losers = append(losers, o)
		}
	}
	if len(winners) != 1 {
		t.Fatalf("%d of %d runs published, want one", len(winners), all)
	}
	winner := winners[0].materialization
	if winner.Generation != 1 {
		t.Errorf("it took %d claims", winner.Generation)
	}
	for _, o := range losers {
		if o.errorType != "PartitionBusy" || !strings.Contains(o.message, winner.RunID) || !namesATime(o.message) {
			t.Errorf("refused as %s %q; want PartitionBusy, run %s and when its lease ends", o.errorType, o.message, winner.RunID)
		}
	}
	d.holds(t, d.date, want)
	d.succeededAs(t, winners[0])
	if runs := d.runs(t); len(runs) != 1 || runs[0].Outcome != status.OutcomeSucceeded {
		t.Errorf("%d runs are recorded, want the one that claimed", len(runs))
	}
}

func namesATime(message string) bool {
	for word := range strings.FieldsSeq(message) {
		if _, err := time.Parse(time.RFC3339, strings.TrimRight(word, ";,.")); err == nil {
			return true
		}
	}
	return false
}
