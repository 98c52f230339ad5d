package statustest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"delfos/shared/status"
)

const backfillID = "february"

var backfillTests = map[string]func(*testing.T, fixture){
	"ABackfillIsRecordedFromItsStartToItsEnd": func(t *testing.T, f fixture) {
		f.change(t, f.began())
		want := f.backfill()
		f.expectBackfill(t, want)

		f.plan(t)
		want.Plan, want.UpdatedAt = &plan, after(1)
		f.expectBackfill(t, want)

		f.change(t, f.ended(status.BackfillSucceeded, 0))
		want.State, want.EndedAt, want.UpdatedAt = status.BackfillSucceeded, after(8), after(9)
		f.expectBackfill(t, want)
		same(t, want.Stopped(), false)
	},
	"CountsStayAsTheyWereAtTheEndOfTheMostRedrives": func(t *testing.T, f fixture) {
		f.change(t, f.began())
		f.change(t, f.ended(status.BackfillFailed, 0))
		count := func(redrives int, counts status.BackfillCounts) {
			t.Helper()
			if err := f.store.CountBackfill(deadline(t), f.asset, backfillID, redrives, counts, after(9)); err != nil {
				t.Fatal(err)
			}
		}
		first, second := status.BackfillCounts{Materialized: 3, Failed: 2}, status.BackfillCounts{Materialized: 4, Cancelled: 1}
		count(0, first)
		same(t, f.readBackfill(t).Counts, &first)
		count(1, second) // its change of status is yet to come
		same(t, f.readBackfill(t).Counts, &second)
		f.change(t, f.ended(status.BackfillCancelled, 1))
		count(0, first) // late
		same(t, f.readBackfill(t).Counts, &second)
	},
	"APlanMayComeBeforeTheStart": func(t *testing.T, f fixture) {
		f.plan(t)
		f.expectBackfill(t, status.Backfill{
			State: status.BackfillRunning, StartedAt: after(1), Plan: &plan, UpdatedAt: after(1),
		})
		f.change(t, f.began())
		want := f.backfill()
		want.Plan = &plan
		f.expectBackfill(t, want)
	},
	"APlanDoesNotTakeAnEndBack": func(t *testing.T, f fixture) {
		f.change(t, f.ended(status.BackfillCancelled, 0))
		f.plan(t)
		got := f.readBackfill(t)
		same(t, got.State, status.BackfillCancelled)
		same(t, got.Plan, &plan)
		same(t, got.Stopped(), true)
	},
	"ABackfillThatFailedOrWasCancelledIsStoppedUntilItIsRedriven": func(t *testing.T, f fixture) {
		for redrives, state := range []status.BackfillState{status.BackfillFailed, status.BackfillCancelled} {
			ended := f.ended(state, redrives)
			same(t, f.change(t, ended).Stopped(), true)
			got := f.readBackfill(t)
			same(t, got.Failure, ended.Failure)
			same(t, got.EndedAt, ended.EndedAt)

			again := f.began()
			again.Redrives = redrives + 1
			same(t, f.change(t, again).Stopped(), false)
			want := f.backfill()
			want.Redrives = redrives + 1
			f.expectBackfill(t, want)
		}
	},
	"ChangesMayComeTwiceAndInAnyOrder": changesInAnyOrder,
	"AChangeThatKnowsLessKeepsWhatIsKnown": func(t *testing.T, f fixture) {
		f.change(t, f.began())
		f.change(t, f.ended(status.BackfillFailed, 0))
		f.change(t, status.BackfillChange{
			Asset: f.asset, ID: backfillID, State: status.BackfillRunning, Redrives: 1, Now: after(30),
		})
		want := f.backfill()
		want.Redrives, want.UpdatedAt = 1, after(30)
		f.expectBackfill(t, want)
	},
	"ARequestOfMoreThan4KBIsNotKept": func(t *testing.T, f fixture) {
		began := f.began()
		began.Request = json.RawMessage(`{"reason":"` + strings.Repeat("x", 4096) + `"}`)
		f.change(t, began)
		same(t, f.readBackfill(t).Request, nil)
	},
	"ACauseIsCutAt4KB": func(t *testing.T, f fixture) {
		ended := f.ended(status.BackfillFailed, 0)
		ended.Failure = &status.Failure{Type: "PartitionsFailed", Message: strings.Repeat("°", 20_000)}
		f.change(t, ended)
		if length := len(f.readBackfill(t).Failure.Message); length > 4096 || length < 4090 {
			t.Errorf("have %d bytes", length)
		}
	},
	"ABackfillThatIsNotRecordedIsNotFound": func(t *testing.T, f fixture) {
		_, err := f.store.Backfill(deadline(t), f.asset, backfillID)
		wantError(t, err, &status.BackfillNotFoundError{Asset: f.asset, ID: backfillID})
	},
	"BackfillsAreListedByTheirStartNewestFirstPageByPage": func(t *testing.T, f fixture) {
		ids := []string{"zebra", "ant", "mole", "bee", "yak"} // in the order of their starts, two of them at once
		for i, id := range ids {
			began := f.began()
			began.ID, began.StartedAt = id, start.Add(time.Duration(i/2)*time.Millisecond)
			f.change(t, began)
		}
		want := []string{"yak", "mole", "bee", "zebra", "ant"}
		for limit := 1; limit <= 6; limit++ {
			same(t, f.listBackfills(t, limit), want)
		}
	},
	"ABackfillThatMakesNoSenseIsRefusedByField": func(t *testing.T, f fixture) {
		for field, change := range map[string]func(*status.BackfillChange){
			"asset":       func(c *status.BackfillChange) { c.Asset = "" },
			"backfill id": func(c *status.BackfillChange) { c.ID = "" },
			"state":       func(c *status.BackfillChange) { c.State = "lost" },
			"redrives":    func(c *status.BackfillChange) { c.Redrives = -1 },
			"ended at":    func(c *status.BackfillChange) { c.EndedAt = start },
			"request":     func(c *status.BackfillChange) { c.Request = json.RawMessage(`{`) },
			"now":         func(c *status.BackfillChange) { c.Now = time.Time{} },
		} {
			began := f.began()
			change(&began)
			if _, err := f.store.ChangeBackfill(deadline(t), began); err == nil || !strings.Contains(err.Error(), field) {
				t.Errorf("%s: have the error %v; want one that names the field", field, err)
			}
		}
		if err := f.store.PlanBackfill(deadline(t), f.asset, backfillID, status.BackfillPlan{From: day}, start); err == nil {
			t.Error("a plan without an end of its range: want an error")
		}
		_, err := f.store.Backfill(deadline(t), f.asset, backfillID)
		wantError(t, err, &status.BackfillNotFoundError{Asset: f.asset, ID: backfillID})
	},
}

// plan is of the backfill of the tests.
var plan = status.BackfillPlan{From: day, To: day.AddDays(9), Partitions: 3, Hash: strings.Repeat("0f", 32)}

// began is the backfill's start.
func (f fixture) began() status.BackfillChange {
	return status.BackfillChange{
		Asset: f.asset, ID: backfillID, ExecutionARN: "arn:execution:february", State: status.BackfillRunning,
		Request: json.RawMessage(`{"select":"missing"}`), StartedAt: start, Now: start,
	}
}

// ended is one of the backfill's ends, ten seconds after it was redriven.
func (f fixture) ended(state status.BackfillState, redrives int) status.BackfillChange {
	c := f.began()
	c.State, c.Redrives, c.EndedAt, c.Now = state, redrives, after(10*redrives+8), after(10*redrives+9)
	if state != status.BackfillSucceeded {
		c.Failure = &status.Failure{Type: "PartitionsFailed", Message: fmt.Sprintf("at redrive %d", redrives)}
	}
	return c
}

// backfill is the record after began.
func (f fixture) backfill() status.Backfill {
	c := f.began()
	return status.Backfill{
		Asset: f.asset, ID: backfillID, ExecutionARN: c.ExecutionARN, State: status.BackfillRunning,
		Request: c.Request, StartedAt: start, UpdatedAt: start,
	}
}

func (f fixture) change(t *testing.T, c status.BackfillChange) status.Backfill {
	t.Helper()
	b, err := f.store.ChangeBackfill(deadline(t), c)
	if err != nil {
		t.Fatalf("change the backfill: %v", err)
	}
	return b
}

func (f fixture) plan(t *testing.T) {
	t.Helper()
	if err := f.store.PlanBackfill(deadline(t), f.asset, backfillID, plan, after(1)); err != nil {
		t.Fatalf("plan the backfill: %v", err)
	}
}

func (f fixture) readBackfill(t *testing.T) status.Backfill {
	t.Helper()
	b, err := f.store.Backfill(deadline(t), f.asset, backfillID)
	if err != nil {
		t.Fatalf("read the backfill: %v", err)
	}
	return b
}

func (f fixture) expectBackfill(t *testing.T, want status.Backfill) {
	t.Helper()
	want.Asset, want.ID = f.asset, backfillID
	same(t, f.readBackfill(t), want)
}

func (f fixture) listBackfills(t *testing.T, limit int) (ids []string) {
	t.Helper()
	for page := (status.Page{Limit: limit}); ; {
		backfills, err := f.store.Backfills(deadline(t), f.asset, page)
		if err != nil {
			t.Fatal(err)
		}
		if len(backfills.Backfills) == 0 || len(backfills.Backfills) > limit {
			t.Fatalf("a page of %d has %d backfills", limit, len(backfills.Backfills))
		}
		for _, b := range backfills.Backfills {
			ids = append(ids, b.ID)
		}
		if page.Before = backfills.Next; page.Before == "" {
			return ids
		}
	}
}
