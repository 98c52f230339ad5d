package backfill_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"delfos/shared/backfill"
	"delfos/shared/partition"
)

// days compares days with ==, as they are meant to be.
var days = cmpopts.EquateComparable(partition.Key{})

func TestWhatARequestLeavesOutIsTheDefault(t *testing.T) {
	t.Parallel()
	day := partition.MustParseKey
	hash := strings.Repeat("0f", 32)
	for text, want := range map[string]backfill.Request{
		`{}`: {Select: "missing", Order: "oldest", MaxConcurrency: 4},
		` {"from":"2026-02-20","to":"2026-02-20"} `: {
			From: day("2026-02-20"), To: day("2026-02-20"), Select: "missing", Order: "oldest", MaxConcurrency: 4,
		},
		`{"last_days":7,"select":"stale","order":"newest"}`: {LastDays: 7, Select: "stale", Order: "newest", MaxConcurrency: 4},
		`{"max_concurrency":100,"reason":"the API was down","select":"all","plan_hash":"` + hash + `"}`: {
			Select: "all", Order: "oldest", MaxConcurrency: 100, Reason: "the API was down", PlanHash: hash,
		},
	} {
		got, err := backfill.ParseRequest([]byte(text))
		if diff := cmp.Diff(want, got, days); err != nil || diff != "" {
			t.Errorf("ParseRequest(%s): %v, want (-) but have (+):\n%s", text, err, diff)
		}
	}
}

func TestABadRequestIsRefusedByMemberAndRule(t *testing.T) {
	t.Parallel()
	for text, rules := range map[string][]string{
		``:                                    {"empty; want a JSON object"},
		`null`:                                {"null; want a JSON object"},
		`[]`:                                  {"want a JSON object"},
		`{"from"`:                             {"not JSON"},
		`{} {}`:                               {"follows"},
		`{"Comment":"Insert your JSON here"}`: {`"Comment": there is no such member; want some of from, to, last_days, select`},
		`{"From":"2026-02-20"}`:               {`"From": there is no such member`},
		`{"from":"2026-02-20","from":"x"}`:    {`"from": it is there twice`},
		`{"from":"2026-02-30"}`:               {`from: it is "2026-02-30"; want a day that exists, as "YYYY-MM-DD"`},
		`{"from":"","to":null}`:               {`from: it is ""; want a day`, `to: it is null; want a day that exists`},
		`{"to":20260220}`:                     {`to: it is 20260220; want a day`},
		`{"from":"2026-02-21","to":"2026-02-20"}`:          {"to 2026-02-20: it is before from, 2026-02-21"},
		`{"last_days":0}`:                                  {"last_days: it is 0; want a whole number from 1 to 3653"},
		`{"last_days":3654}`:                               {"last_days: it is 3654"},
		`{"last_days":1.5}`:                                {"last_days: it is 1.5"},
		`{"last_days":"7"}`:                                {`last_days: it is "7"`},
		`{"last_days":7,"to":"2026-02-20"}`:                {"last_days: from or to is there, too"},
		`{"select":"everything"}`:                          {`select: it is "everything"; want missing, failed, stale or all`},
		`{"select":null,"order":""}`:                       {"select: it is null", `order: it is ""; want oldest or newest`},
		`{"max_concurrency":101}`:                          {"max_concurrency: it is 101; want a whole number from 1 to 100"},
		`{"max_concurrency":-1,"select":"al"}`:             {"max_concurrency: it is -1", `select: it is "al"`},
		`{"reason":7}`:                                     {"reason: it is 7; want a string"},
		`{"reason":"` + strings.Repeat("é", 257) + `"}`:    {"reason: it has 257 characters; want at most 256"},
		`{"plan_hash":"` + strings.Repeat("0F", 32) + `"}`: {"plan_hash:", "64 hexadecimal digits"},
		`{"plan_hash":"abc"}`:                              {`plan_hash: it is "abc"`},
		`{"reason":"` + strings.Repeat("x", 70_000) + `"}`: {"at most 65536"},
	} {
		_, err := backfill.ParseRequest([]byte(text))
		invalid, ok := err.(*backfill.InvalidRequest) //nolint:errorlint // the type itself counts
		if !ok {
			t.Errorf("ParseRequest(%.60s) = %T %v, want an *InvalidRequest", text, err, err)
			continue
		}
		for _, rule := range rules {
			if !strings.Contains(invalid.Error(), rule) {
				t.Errorf("ParseRequest(%.60s) = %q, want it to say %q", text, err, rule)
			}
		}
	}
}

// anyRequest draws requests that hold together, with every member that may be there.
func anyRequest(t *rapid.T) backfill.Request {
	r := backfill.Request{
		Select:         rapid.SampledFrom([]backfill.Select{"missing", "failed", "stale", "all"}).Draw(t, "select"),
		Order:          rapid.SampledFrom([]backfill.Order{"oldest", "newest"}).Draw(t, "order"),
		MaxConcurrency: rapid.IntRange(1, 100).Draw(t, "max_concurrency"),
		Reason:         rapid.StringOfN(rapid.Rune().Filter(func(r rune) bool { return !unicode.IsControl(r) }), 0, 256, -1).Draw(t, "reason"),
	}
	if rapid.Bool().Draw(t, "with last_days") {
		r.LastDays = rapid.IntRange(1, 3653).Draw(t, "last_days")
		return r
	}
	first := partition.MustParseKey("2026-02-20")
	if rapid.Bool().Draw(t, "with from") {
		r.From = first.AddDays(rapid.IntRange(0, 20).Draw(t, "from"))
		first = r.From
	}
	if rapid.Bool().Draw(t, "with to") {
		r.To = first.AddDays(rapid.IntRange(0, 20).Draw(t, "to"))
	}
	return r
}

func TestARequestSurvivesJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := anyRequest(t)
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := backfill.ParseRequest(text)
		if diff := cmp.Diff(want, got, days); err != nil || diff != "" {
			t.Fatalf("%s: %v\n%s", text, err, diff)
		}
	})
}

func TestAnEventHoldsARequestAndABackfill(t *testing.T) {
	t.Parallel()
	missing := backfill.Request{Select: "missing", Order: "oldest", MaxConcurrency: 4}
	for text, want := range map[string]string{
		`{}`: "", `{"request":{}}`: "", `{"backfill_id":"b-1"}`: "b-1", `{"request":{},"backfill_id":"b-1"}`: "b-1",
	} {
		request, id, err := backfill.ParseEvent([]byte(text))
		if err != nil || id != want || request != missing {
			t.Errorf("ParseEvent(%s) = %+v, %q, %v", text, request, id, err)
		}
	}
	for text, rule := range map[string]string{
		`{"from":"2026-02-20"}`:                             `"from": there is no such member; want some of request, backfill_id`,
		`{"request":null}`:                                  "null; want a JSON object",
		`{"request":{"selct":"all"}}`:                       `"selct"`,
		`{"backfill_id":"` + strings.Repeat("x", 81) + `"}`: "backfill_id: it has 81 characters",
	} {
		_, _, err := backfill.ParseEvent([]byte(text))
		if invalid, ok := errors.AsType[*backfill.InvalidRequest](err); !ok || !strings.Contains(invalid.Error(), rule) {
			t.Errorf("ParseEvent(%s) = %v, want an InvalidRequest that says %q", text, err, rule)
		}
	}
}

func FuzzParseEvent(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"request":{"from":"2026-02-20","to":"2026-03-01","select":"all"}}`, `{"request":{"last_days":7},"backfill_id":"b"}`,
		`{"request":{"last_days":1e2}}`, `{"request":[]}`, `{"a":{"b":[{}]}}`, `{"request":{},"request":{}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, event []byte) {
		request, _, err := backfill.ParseEvent(event)
		if _, ok := err.(*backfill.InvalidRequest); err != nil { //nolint:errorlint // the type itself counts
			if !ok || len(err.Error()) > 8<<10 {
				t.Fatalf("%q: error of type %T, of %d bytes", event, err, len(err.Error()))
			}
			return
		}
		text, err := json.Marshal(request)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := backfill.ParseRequest(text); err != nil || again != request {
			t.Fatalf("%q is %+v, and then %+v, %v", event, request, again, err)
		}
	})
}
