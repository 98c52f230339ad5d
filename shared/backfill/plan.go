package backfill

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"delfos/shared/partition"
	"delfos/shared/status"
)

// Why is why a day is in a plan, or not.
type Why string

// The reasons: how the day stands.
const (
	WhyMissing      Why = "missing"      // without data, and never tried
	WhyFailed       Why = "failed"       // the last attempt failed; there may be data where failed days are selected
	WhyCancelled    Why = "cancelled"    // without data, and the last attempt was cancelled
	WhyMaterialized Why = "materialized" // with data
	WhyUnchanged    Why = "unchanged"    // with data, and the source, which was asked, has not changed
	WhyStale        Why = "stale"        // with data, and the source has changed since
	WhyRunning      Why = "running"      // a run holds it
	WhyWaived       Why = "waived"       // not to be expected
)

// Plan is what a backfill does. Every day of the range is either included or
// excluded, but for days that the time zone skipped, which do not exist.
type Plan struct {
	Asset          string        `json:"asset"`
	From           partition.Key `json:"from"`
	To             partition.Key `json:"to"` // inclusive; before From where no partition has ended yet
	Select         Select        `json:"select"`
	Order          Order         `json:"order"`
	MaxConcurrency int           `json:"max_concurrency"`
	Reason         string        `json:"reason"`

	Partitions []partition.Key         `json:"partitions"` // in the order in which they are started
	Included   map[Why][]partition.Key `json:"included"`   // the same by reason, oldest first
	Excluded   map[Why][]partition.Key `json:"excluded"`   // the other days of the range, oldest first

	// Hash is of all the above but the reason, in 64 hexadecimal digits: plans with
	// the same hash run the same partitions for the same reasons.
	Hash string `json:"plan_hash"`
}

// Make plans what a request asks for, from the records of the range's days as they
// stand at the instant now; a day without a record is missing. Where stale days
// are selected, the records say which days are. The error is an *InvalidRequest.
func Make(asset string, r Request, calendar partition.Calendar, records []status.Partition, now time.Time) (Plan, error) {
	first, last, err := r.days(calendar, now)
	if err != nil {
		return Plan{}, err
	}
	plan := Plan{
		Asset: asset, From: first, To: last,
		Select: r.Select, Order: r.Order, MaxConcurrency: r.MaxConcurrency, Reason: r.Reason,
		Partitions: []partition.Key{}, Included: map[Why][]partition.Key{}, Excluded: map[Why][]partition.Key{},
	}
	byKey := make(map[partition.Key]status.Partition, len(records))
	for _, record := range records {
		byKey[record.Key] = record
	}
	for _, key := range partition.Days(first, last) {
		if calendar.Span(key).Duration() > 0 {
			plan.add(key, byKey[key], now)
		}
	}
	if r.Order == OrderNewest {
		slices.Reverse(plan.Partitions)
	}
	plan.Hash, err = plan.hash()
	return plan, err
}

func (p *Plan) add(key partition.Key, record status.Partition, now time.Time) {
	why := p.Select.why(record, now)
	if !p.Select.takes(why) {
		p.Excluded[why] = append(p.Excluded[why], key)
		return
	}
	p.Included[why] = append(p.Included[why], key)
	p.Partitions = append(p.Partitions, key)
}

// takes tells whether a day that stands so is selected.
func (s Select) takes(why Why) bool {
	switch s {
	case SelectMissing:
		return why == WhyMissing || why == WhyFailed || why == WhyCancelled
	case SelectFailed:
		return why == WhyFailed
	case SelectStale:
		return why == WhyStale
	default:
		return why != WhyWaived
	}
}

// why is how a day stands, in the words that matter for what is selected.
func (s Select) why(p status.Partition, now time.Time) Why {
	attempt, _ := p.AttemptAt(now)
	switch {
	case p.Data == status.DataWaived:
		return WhyWaived
	case p.LeaseLive(now):
		return WhyRunning
	case s == SelectFailed && attempt == status.AttemptFailed:
		return WhyFailed
	case p.Data == status.DataStale:
		return WhyStale
	case p.Data == status.DataMaterialized && s == SelectStale:
		return WhyUnchanged
	case p.Data == status.DataMaterialized:
		return WhyMaterialized
	case attempt == status.AttemptFailed:
		return WhyFailed
	case attempt == status.AttemptCancelled:
		return WhyCancelled
	default:
		return WhyMissing
	}
}

const hashBytes = sha256.Size

// hash is of the plan's JSON, whose members are in a fixed order, without what the
// plan does not depend on.
func (p Plan) hash() (string, error) {
	p.Reason, p.Hash = "", ""
	text, err := json.Marshal(p)
	if err != nil {
		return "", fmt.Errorf("hash the plan: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}
