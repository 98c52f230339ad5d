// Package backfill turns a request for a backfill into a plan: exactly which
// partitions run, in which order, and why each of the range is in or out.
package backfill

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"delfos/shared/partition"
	"delfos/shared/strictjson"
)

// Select is which days of the range a backfill takes.
type Select string

// What can be selected. Waived days are in none, days that a run holds only in all.
const (
	SelectMissing Select = "missing" // days without data, whether or not they were tried
	SelectFailed  Select = "failed"  // days whose last attempt failed, with or without data
	SelectStale   Select = "stale"   // days with data whose source has changed since
	SelectAll     Select = "all"
)

// Order is the order in which a backfill starts its partitions.
type Order string

// The orders.
const (
	OrderOldest Order = "oldest" // first
	OrderNewest Order = "newest" // first
)

// The bounds of a request.
const (
	DefaultConcurrency = 4
	MaxConcurrency     = 100
	MaxLastDays        = 3653
	MaxReason          = 256 // characters
	// MaxDays keeps a plan, which names each day once or twice in 13 bytes, below the
	// 256 KiB of a state's output (Step Functions Developer Guide, "Service quotas").
	MaxDays = 8000
)

// maxRequestBytes is far above any request that means something.
const maxRequestBytes = 64 << 10

// Request asks for a backfill. As JSON it is the input of the state machine.
type Request struct {
	From           partition.Key `json:"from,omitzero"`      // zero is the first partition
	To             partition.Key `json:"to,omitzero"`        // inclusive; zero is the last day that has ended
	LastDays       int           `json:"last_days,omitzero"` // the last days that have ended, instead of From and To; 0 is none
	Select         Select        `json:"select,omitzero"`
	Order          Order         `json:"order,omitzero"`
	MaxConcurrency int           `json:"max_concurrency,omitzero"` // how many partitions run at once
	Reason         string        `json:"reason,omitzero"`          // for people
	PlanHash       string        `json:"plan_hash,omitzero"`       // of the plan that was shown; empty takes any
}

// ParseRequest reads a request as a person types it: what is left out is the
// default, {} a request for all that is missing. The error is an *InvalidRequest
// that names every member that is wrong, with its rule.
func ParseRequest(raw []byte) (Request, error) {
	o, err := strictjson.Parse(raw, maxRequestBytes)
	if err != nil {
		return Request{}, invalidRequest(err)
	}
	r := Request{
		From:           day(o, "from"),
		To:             day(o, "to"),
		LastDays:       o.Int("last_days", 1, MaxLastDays, 0),
		Select:         Select(o.OneOf("select", string(SelectMissing), string(SelectFailed), string(SelectStale), string(SelectAll))),
		Order:          Order(o.OneOf("order", string(OrderOldest), string(OrderNewest))),
		MaxConcurrency: o.Int("max_concurrency", 1, MaxConcurrency, DefaultConcurrency),
		Reason:         o.Text("reason", MaxReason),
		PlanHash:       planHash(o),
	}
	if r.LastDays > 0 && (o.Member("from") != nil || o.Member("to") != nil) {
		o.Refuse("last_days: from or to is there, too; want either the last days or a range")
	}
	if !r.From.IsZero() && !r.To.IsZero() && r.To.Before(r.From) {
		o.Refuse("to %s: it is before from, %s", r.To, r.From)
	}
	if err := o.Err(); err != nil {
		return Request{}, invalidRequest(err)
	}
	return r, nil
}

func day(o *strictjson.Object, name string) partition.Key {
	return strictjson.Parsed(o, name, "a day that exists, as \"YYYY-MM-DD\"", partition.ParseKey)
}

func planHash(o *strictjson.Object) string {
	return strictjson.Parsed(o, "plan_hash", "the 64 hexadecimal digits that a plan shows", func(text string) (string, error) {
		if decoded, err := hex.DecodeString(text); err != nil || len(decoded) != hashBytes || text != strings.ToLower(text) {
			return "", errors.New("it is no hash")
		}
		return text, nil
	})
}

// days is the range of a request at an instant, both ends inclusive; last is before
// first where no partition has ended yet. The error is an *InvalidRequest.
func (r Request) days(calendar partition.Calendar, now time.Time) (first, last partition.Key, err error) {
	begin, end := calendar.First(), calendar.LastEnded(now)
	first, last = begin, end
	switch {
	case !r.From.IsZero() && r.From.Before(begin):
		return first, last, invalidRequest(fmt.Errorf("from %s: it is before the first partition, %s", r.From, begin))
	case !r.To.IsZero() && end.Before(r.To):
		return first, last, invalidRequest(fmt.Errorf("to %s: it is after the last day that has ended, %s (time zone %s)", r.To, end, calendar.Location()))
	case !r.From.IsZero() && end.Before(r.From):
		return first, last, invalidRequest(fmt.Errorf("from %s: it is after the last day that has ended, %s (time zone %s)", r.From, end, calendar.Location()))
	case !r.To.IsZero() && r.To.Before(begin):
		return first, last, invalidRequest(fmt.Errorf("to %s: it is before the first partition, %s", r.To, begin))
	}
	if !r.From.IsZero() {
		first = r.From
	}
	if !r.To.IsZero() {
		last = r.To
	}
	if earliest := last.AddDays(1 - r.LastDays); r.LastDays > 0 && first.Before(earliest) {
		first = earliest
	}
	if first.AddDays(MaxDays - 1).Before(last) {
		return first, last, invalidRequest(fmt.Errorf("from %s to %s: want at most %d days; give from and to, or last_days", first, last, MaxDays))
	}
	return first, last, nil
}
