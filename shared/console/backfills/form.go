package backfills

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"delfos/shared/backfill"
	"delfos/shared/pipeline"
)

// The ways to say which days.
const (
	rangeAll  = "all"  // from the first partition to the last day that has ended
	rangeDays = "days" // from and to
	rangeLast = "last" // the last days
)

// form is a request as its fields have it: what was typed, right or wrong.
type form struct {
	Range, From, To, LastDays              string
	Select, Order, MaxConcurrency, Reason  string
	Name                                   string
	JSON                                   string // the same request as text
	FirstDay, LastDay                      string // that there are
	Selects                                []choice
	Orders                                 []choice
	DefaultConcurrency, MaxDays, MaxReason int
}

type choice struct{ Value, Title string }

func newForm(p Pipeline) form {
	first, last := p.Range()
	return form{
		Range: rangeAll, Select: string(backfill.SelectMissing), Order: string(backfill.OrderOldest),
		FirstDay: first.String(), LastDay: last.String(),
		Selects: []choice{
			{string(backfill.SelectMissing), "Missing: without data"},
			{string(backfill.SelectFailed), "Failed: the last attempt failed"},
			{string(backfill.SelectStale), "Stale: the source has changed since"},
			{string(backfill.SelectAll), "All: materialized or not"},
		},
		Orders:             []choice{{string(backfill.OrderOldest), "Oldest first"}, {string(backfill.OrderNewest), "Newest first"}},
		DefaultConcurrency: backfill.DefaultConcurrency, MaxDays: backfill.MaxLastDays, MaxReason: backfill.MaxReason,
	}
}

// take fills the fields with what was sent by them.
func (f *form) take(values url.Values) {
	get := func(name string) string { return strings.TrimSpace(values.Get(name)) }
	f.From, f.To, f.LastDays = get("from"), get("to"), get("last_days")
	f.MaxConcurrency, f.Reason, f.Name = get("max_concurrency"), get("reason"), get("name")
	if chosen := get("select"); chosen != "" {
		f.Select = chosen
	}
	if chosen := get("order"); chosen != "" {
		f.Order = chosen
	}
	switch f.Range = get("range"); {
	case f.Range == rangeAll, f.Range == rangeDays, f.Range == rangeLast:
	case f.LastDays != "" && f.From == "" && f.To == "":
		f.Range = rangeLast
	case f.From != "" || f.To != "":
		f.Range = rangeDays
	default:
		f.Range = rangeAll
	}
	f.JSON = f.text()
}

// text is the request of the fields as JSON. What is no number stays the text that it is,
// so that whoever reads the request can name it.
func (f *form) text() string {
	var request struct {
		From           string `json:"from,omitempty"`
		To             string `json:"to,omitempty"`
		LastDays       any    `json:"last_days,omitempty"`
		Select         string `json:"select,omitempty"`
		Order          string `json:"order,omitempty"`
		MaxConcurrency any    `json:"max_concurrency,omitempty"`
		Reason         string `json:"reason,omitempty"`
	}
	switch f.Range {
	case rangeDays:
		request.From, request.To = f.From, f.To
	case rangeLast:
		request.LastDays = numberOr(f.LastDays)
	}
	if f.Select != string(backfill.SelectMissing) {
		request.Select = f.Select
	}
	if f.Order != string(backfill.OrderOldest) {
		request.Order = f.Order
	}
	request.MaxConcurrency, request.Reason = numberOr(f.MaxConcurrency), f.Reason
	return indented(request)
}

// numberOr is a whole number, the text where it is none, and nil where it is empty.
func numberOr(text string) any {
	if text == "" {
		return nil
	}
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	return text
}

// takeJSON fills the fields with what a request as text asks for; text that is none is
// kept as it is.
func (f *form) takeJSON(text string) {
	f.JSON = text
	request, err := pipeline.ParseRequest([]byte(text))
	if err != nil {
		return
	}
	f.From, f.To, f.LastDays, f.Range = "", "", "", rangeAll
	if !request.From.IsZero() {
		f.From, f.Range = request.From.String(), rangeDays
	}
	if !request.To.IsZero() {
		f.To, f.Range = request.To.String(), rangeDays
	}
	if request.LastDays > 0 {
		f.LastDays, f.Range = strconv.Itoa(request.LastDays), rangeLast
	}
	f.Reason, f.MaxConcurrency = request.Reason, strconv.Itoa(request.MaxConcurrency)
	if request.Select != "" {
		f.Select = string(request.Select)
	}
	if request.Order != "" {
		f.Order = string(request.Order)
	}
}

// again is the address at which a request can be planned anew.
func again(r backfill.Request) string {
	day := func(text string, none bool) string {
		if none {
			return ""
		}
		return text
	}
	number := func(n int) string { return day(strconv.Itoa(n), n == 0) }
	return address("/backfills/new", "from", day(r.From.String(), r.From.IsZero()), "to", day(r.To.String(), r.To.IsZero()),
		"last_days", number(r.LastDays), "select", string(r.Select), "order", string(r.Order),
		"max_concurrency", number(r.MaxConcurrency), "reason", r.Reason)
}

func indented(value any) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if encoder.Encode(value) != nil {
		return "{}"
	}
	return strings.TrimSpace(b.String())
}
