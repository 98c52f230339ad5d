package backfill_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"delfos/shared/backfill"
	"delfos/shared/partition"
	"delfos/shared/status"
)

var (
	first = partition.MustParseKey("2026-02-20")
	now   = time.Date(2026, time.March, 2, 1, 0, 0, 0, time.UTC) // 10 days have ended
)

func calendar(t testing.TB, zone, first string) partition.Calendar {
	t.Helper()
	c, err := partition.NewCalendar(zone, partition.MustParseKey(first))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func request(t testing.TB, text string) backfill.Request {
	t.Helper()
	r, err := backfill.ParseRequest([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// standing is a record for each way in which a day can stand.
func standing() map[string]status.Partition {
	data := &status.Materialization{RunID: "01KJA", Generation: 1, Fingerprint: strings.Repeat("0f", 16)}
	failed := &status.Failure{Type: "SourceUnavailable"}
	return map[string]status.Partition{
		"missing":                 {},
		"failed":                  {Attempt: status.AttemptFailed, Failure: failed},
		"cancelled":               {Attempt: status.AttemptCancelled},
		"died":                    {Attempt: status.AttemptRunning, LeaseUntil: now},
		"running":                 {Attempt: status.AttemptRunning, LeaseUntil: now.Add(time.Second)},
		"materialized":            {Data: status.DataMaterialized, Materialization: data, Attempt: status.AttemptSucceeded},
		"materialized, failed":    {Data: status.DataMaterialized, Materialization: data, Attempt: status.AttemptFailed, Failure: failed},
		"materialized, cancelled": {Data: status.DataMaterialized, Materialization: data, Attempt: status.AttemptCancelled},
		"materialized, running":   {Data: status.DataMaterialized, Materialization: data, Attempt: status.AttemptRunning, LeaseUntil: now.Add(time.Second)},
		"stale":                   {Data: status.DataStale, Materialization: data, Attempt: status.AttemptSucceeded},
		"stale, failed":           {Data: status.DataStale, Materialization: data, Attempt: status.AttemptFailed, Failure: failed},
		"waived":                  {Data: status.DataWaived, WaivedReason: "no wind"},
		"waived, failed":          {Data: status.DataWaived, WaivedReason: "no wind", Attempt: status.AttemptFailed, Failure: failed},
		"waived, running":         {Data: status.DataWaived, Attempt: status.AttemptRunning, LeaseUntil: now.Add(time.Second)},
	}
}

func TestEachSelectionTakesTheDaysThatItNames(t *testing.T) {
	t.Parallel()
	// How each day counts where missing, failed, stale or all are selected; + takes it.
	for name, want := range map[string][4]string{
		"missing":                 {"+missing", "missing", "missing", "+missing"},
		"failed":                  {"+failed", "+failed", "failed", "+failed"},
		"cancelled":               {"+cancelled", "cancelled", "cancelled", "+cancelled"},
		"died":                    {"+failed", "+failed", "failed", "+failed"},
		"running":                 {"running", "running", "running", "+running"},
		"materialized":            {"materialized", "materialized", "unchanged", "+materialized"},
		"materialized, failed":    {"materialized", "+failed", "unchanged", "+materialized"},
		"materialized, cancelled": {"materialized", "materialized", "unchanged", "+materialized"},
		"materialized, running":   {"running", "running", "running", "+running"},
		"stale":                   {"stale", "stale", "+stale", "+stale"},
		"stale, failed":           {"stale", "+failed", "+stale", "+stale"},
		"waived":                  {"waived", "waived", "waived", "waived"},
		"waived, failed":          {"waived", "waived", "waived", "waived"},
		"waived, running":         {"waived", "waived", "waived", "waived"},
	} {
		record := standing()[name]
		record.Key = first
		for i, selected := range []backfill.Select{"missing", "failed", "stale", "all"} {
			plan := mustMake(t, backfill.Request{From: first, To: first, Select: selected, Order: "oldest"}, []status.Partition{record})
			have := ""
			for why := range plan.Included {
				have += "+" + string(why)
			}
			for why := range plan.Excluded {
				have += string(why)
			}
			if have != want[i] {
				t.Errorf("a day that is %s, where %s is selected: have %s, want %s", name, selected, have, want[i])
			}
		}
	}
}

func mustMake(t interface {
	Helper()
	Fatal(...any)
}, r backfill.Request, records []status.Partition,
) backfill.Plan {
	t.Helper()
	c, err := partition.NewCalendar("UTC", first)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := backfill.Make("turbine-1", r, c, records, now)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func TestARangeIsWithinTheDaysThatHaveEnded(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{}`:                    "2026-02-20 2026-03-01",
		`{"from":"2026-02-22"}`: "2026-02-22 2026-03-01",
		`{"to":"2026-02-22"}`:   "2026-02-20 2026-02-22",
		`{"from":"2026-03-01","to":"2026-03-01"}`: "2026-03-01 2026-03-01",
		`{"last_days":1}`:                         "2026-03-01 2026-03-01",
		`{"last_days":10}`:                        "2026-02-20 2026-03-01",
		`{"last_days":3653}`:                      "2026-02-20 2026-03-01",
		`{"from":"2026-02-19"}`:                   "from 2026-02-19: it is before the first partition, 2026-02-20",
		`{"to":"2026-02-19"}`:                     "to 2026-02-19: it is before the first partition, 2026-02-20",
		`{"to":"2026-03-02"}`:                     "to 2026-03-02: it is after the last day that has ended, 2026-03-01",
		`{"from":"2026-03-02"}`:                   "from 2026-03-02: it is after the last day that has ended, 2026-03-01",
	} {
		plan, err := backfill.Make("turbine-1", request(t, text), calendar(t, "UTC", "2026-02-20"), nil, now)
		have := plan.From.String() + " " + plan.To.String()
		if err != nil {
			have = err.Error()
		}
		if !strings.Contains(have, want) {
			t.Errorf("%s: have %s; want %s", text, have, want)
		}
	}
}

func TestARangeHasAtMost8000Days(t *testing.T) {
	t.Parallel()
	const last = "2026-03-01"
	earliest := partition.MustParseKey(last).AddDays(-7999)
	plan, err := backfill.Make("turbine-1", request(t, `{}`), calendar(t, "UTC", earliest.String()), nil, now)
	if err != nil || len(plan.Partitions) != 8000 {
		t.Fatalf("%d partitions, %v", len(plan.Partitions), err)
	}
	text, err := json.Marshal(plan)
	if err != nil || len(text) > 256<<10-1024 {
		t.Errorf("the plan has %d bytes, %v; want it to be a state's output", len(text), err)
	}
	_, err = backfill.Make("turbine-1", request(t, `{}`), calendar(t, "UTC", earliest.AddDays(-1).String()), nil, now)
	if err == nil || !strings.Contains(err.Error(), "at most 8000 days") {
		t.Errorf("8001 days: %v", err)
	}
}

func TestBeforeAnyPartitionHasEndedThereIsNothingToDo(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`{}`, `{"last_days":3}`} {
		plan, err := backfill.Make("turbine-1", request(t, text), calendar(t, "UTC", "2026-03-02"), nil, now)
		if err != nil || len(plan.Partitions) != 0 || len(plan.Excluded) != 0 {
			t.Errorf("%s: %+v, %v", text, plan, err)
		}
	}
}

func TestADayThatTheTimeZoneSkippedDoesNotExist(t *testing.T) {
	t.Parallel()
	plan, err := backfill.Make("apia", request(t, `{"from":"2011-12-29","to":"2011-12-31"}`), calendar(t, "Pacific/Apia", "2011-12-01"), nil, now)
	want := []partition.Key{partition.MustParseKey("2011-12-29"), partition.MustParseKey("2011-12-31")}
	if diff := cmp.Diff(want, plan.Partitions, days); err != nil || diff != "" || len(plan.Excluded) != 0 {
		t.Errorf("%+v, %v", plan, err)
	}
}

// anyRecords draws a record, or none, for each of the ten days.
func anyRecords(t *rapid.T) []status.Partition {
	names := make([]string, 0, len(standing()))
	for name := range standing() {
		names = append(names, name)
	}
	slices.Sort(names)
	var records []status.Partition
	for i := range 10 {
		record := standing()[rapid.SampledFrom(names).Draw(t, "how a day stands")]
		record.Key = first.AddDays(i)
		if record.Data != "" || record.Attempt != "" {
			records = append(records, record)
		}
	}
	return records
}

// planned draws a request within the ten days, and makes its plan.
func planned(t *rapid.T) (backfill.Request, []status.Partition, backfill.Plan) {
	r := anyRequest(t)
	last := first.AddDays(9)
	for _, bound := range []*partition.Key{&r.From, &r.To} {
		if last.Before(*bound) {
			*bound = last
		}
	}
	records := anyRecords(t)
	return r, records, mustMake(t, r, records)
}

func TestWhatIsInAndWhatIsOutAreTheRange(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, _, plan := planned(t)
		var in, all []partition.Key
		for why, keys := range plan.Included {
			if len(keys) == 0 || !slices.IsSortedFunc(keys, partition.Key.Compare) {
				t.Fatalf("included as %s: %v", why, keys)
			}
			in = append(in, keys...)
		}
		all = append(all, in...)
		for why, keys := range plan.Excluded {
			if len(keys) == 0 || !slices.IsSortedFunc(keys, partition.Key.Compare) {
				t.Fatalf("excluded as %s: %v", why, keys)
			}
			all = append(all, keys...)
		}
		slices.SortFunc(all, partition.Key.Compare)
		if diff := cmp.Diff(partition.Days(plan.From, plan.To), all, days); diff != "" {
			t.Fatalf("the range (-) is not what is in and out (+):\n%s", diff)
		}
		slices.SortFunc(in, partition.Key.Compare)
		if r.Order == backfill.OrderNewest {
			slices.Reverse(in)
		}
		if !slices.Equal(in, plan.Partitions) {
			t.Fatalf("included are %v, the partitions %v", in, plan.Partitions)
		}
	})
}

func TestTheHashChangesJustWhenWhatIsShownDoes(t *testing.T) {
	t.Parallel()
	shown := func(p backfill.Plan) string {
		p.Reason, p.Hash = "", ""
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	rapid.Check(t, func(t *rapid.T) {
		r, records, plan := planned(t)
		otherReason := r
		otherReason.Reason, otherReason.PlanHash = "another", plan.Hash
		if again := mustMake(t, otherReason, records); again.Hash != plan.Hash {
			t.Fatal("the reason changes the hash")
		}
		_, _, other := planned(t)
		if (shown(plan) == shown(other)) != (plan.Hash == other.Hash) {
			t.Fatalf("hash %s of %s\nhash %s of %s", plan.Hash, shown(plan), other.Hash, shown(other))
		}
	})
}

func TestOnceAPlanIsCarriedOutThereIsNothingLeftOfIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, records, plan := planned(t)
		if r.Select == backfill.SelectAll {
			return
		}
		var after []status.Partition
		for _, record := range records {
			if !slices.Contains(plan.Partitions, record.Key) {
				after = append(after, record)
			}
		}
		for _, key := range plan.Partitions {
			record := standing()["materialized"]
			record.Key = key
			after = append(after, record)
		}
		if left := mustMake(t, r, after); len(left.Partitions) != 0 {
			t.Fatalf("%v is left of %v", left.Partitions, plan.Partitions)
		}
	})
}
