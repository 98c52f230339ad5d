package backfill_test

import (
	"encoding/json"
	"fmt"
	"time"

	"delfos/shared/backfill"
	"delfos/shared/partition"
	"delfos/shared/status"
)

func Example() {
	calendar, err := partition.NewCalendar("UTC", partition.MustParseKey("2026-02-20"))
	if err != nil {
		panic(err)
	}
	// What a person types, what the status knows of the days, and the time.
	request, err := backfill.ParseRequest([]byte(`{"to":"2026-02-24","order":"newest","reason":"the API was down"}`))
	if err != nil {
		panic(err)
	}
	records := []status.Partition{
		{Key: partition.MustParseKey("2026-02-20"), Data: status.DataMaterialized, Attempt: status.AttemptSucceeded},
		{Key: partition.MustParseKey("2026-02-21"), Data: status.DataMissing, Attempt: status.AttemptFailed},
		{Key: partition.MustParseKey("2026-02-24"), Data: status.DataWaived, WaivedReason: "maintenance"},
	}
	plan, err := backfill.Make("turbine-1", request, calendar, records, time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC))
	if err != nil {
		panic(err)
	}
	plan.Hash = plan.Hash[:8] + "…"
	text, err := json.MarshalIndent(plan, "", "  ")
	if err != nil {
		panic(err)
	}
	fmt.Println(string(text))
	// Output:
	// {
	//   "asset": "turbine-1",
	//   "from": "2026-02-20",
	//   "to": "2026-02-24",
	//   "select": "missing",
	//   "order": "newest",
	//   "max_concurrency": 4,
	//   "reason": "the API was down",
	//   "partitions": [
	//     "2026-02-23",
	//     "2026-02-22",
	//     "2026-02-21"
	//   ],
	//   "included": {
	//     "failed": [
	//       "2026-02-21"
	//     ],
	//     "missing": [
	//       "2026-02-22",
	//       "2026-02-23"
	//     ]
	//   },
	//   "excluded": {
	//     "materialized": [
	//       "2026-02-20"
	//     ],
	//     "waived": [
	//       "2026-02-24"
	//     ]
	//   },
	//   "plan_hash": "80ba6f0a…"
	// }
}

func ExampleParseRequest() {
	_, err := backfill.ParseRequest([]byte(`{"form":"2026-02-20","max_concurrency":500}`))
	fmt.Println(err)
	// Output:
	// the request cannot be planned: "form": there is no such member; want some of from, to, last_days, select, order, max_concurrency, reason, plan_hash; max_concurrency: it is 500; want a whole number from 1 to 100, or leave it out; want, for instance, {} for all that is missing, or {"from":"2026-02-20","to":"2026-03-01","select":"missing"}
}
