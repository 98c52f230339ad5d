package partitions

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"delfos/shared/backfill"
	"delfos/shared/partition"
	"delfos/shared/status"
)

var (
	dataStates    = []string{string(status.DataMaterialized), string(status.DataMissing), string(status.DataStale), string(status.DataWaived)}
	attemptStates = []string{
		string(status.AttemptSucceeded), string(status.AttemptFailed), string(status.AttemptRunning),
		string(status.AttemptQueued), string(status.AttemptCancelled), attemptNone,
	}
	selects = []string{string(backfill.SelectMissing), string(backfill.SelectFailed), string(backfill.SelectStale), string(backfill.SelectAll)}
	orders  = []string{string(backfill.OrderOldest), string(backfill.OrderNewest)}
)

// attemptNone is how a URL calls days that were never tried.
const attemptNone = "none"

var viewParameters = []string{"month", "from", "to", "data", "attempt", "plan", "order", "max_concurrency"}

// parameterError says what is wrong with a URL, and which one is like it and right.
type parameterError struct {
	name, rule string
	mended     view
}

// Error names the parameter and the rule.
func (e *parameterError) Error() string { return e.name + ": " + e.rule }

// parser reads a query and keeps the first fault.
type parser struct {
	query url.Values
	wrong *parameterError
}

// parseView reads a query. The error is a *parameterError.
func parseView(query url.Values) (view, error) {
	p := parser{query: query}
	p.knowsAll()
	v := view{
		Month: p.month("month"), From: p.day("from"), To: p.day("to"),
		Data: p.oneOf("data", dataStates), Attempt: p.oneOf("attempt", attemptStates),
		Select: backfill.Select(p.oneOf("plan", selects)), Order: backfill.Order(p.oneOf("order", orders)),
		Concurrency: p.number("max_concurrency", backfill.MaxConcurrency),
	}
	p.bothEnds(&v)
	if p.wrong != nil {
		p.wrong.mended = v
		return v, p.wrong
	}
	return v, nil
}

func (p *parser) fault(name, rule string, of ...any) {
	if p.wrong == nil {
		p.wrong = &parameterError{name: name, rule: fmt.Sprintf(rule, of...)}
	}
}

// knowsAll takes a parameter that is not known for a mistake: it would else be one
// that does nothing.
func (p *parser) knowsAll() {
	for name := range p.query {
		if !slices.Contains(viewParameters, name) {
			p.fault(name, "this page knows no such parameter; it knows %s", strings.Join(viewParameters, ", "))
		}
	}
}

func (p *parser) day(name string) partition.Key {
	text := p.query.Get(name)
	if text == "" {
		return partition.Key{}
	}
	key, err := partition.ParseKey(text)
	if err != nil {
		p.fault(name, "%q is no day; want one as YYYY-MM-DD", text)
	}
	return key
}

func (p *parser) month(name string) partition.Key {
	text := p.query.Get(name)
	if text == "" {
		return partition.Key{}
	}
	key, err := partition.ParseKey(text + "-01")
	if err != nil {
		p.fault(name, "%q is no month; want one as YYYY-MM", text)
	}
	return key
}

func (p *parser) oneOf(name string, known []string) string {
	text := p.query.Get(name)
	if text != "" && !slices.Contains(known, text) {
		p.fault(name, "%q is not known; want one of %s", text, strings.Join(known, ", "))
		return ""
	}
	return text
}

func (p *parser) number(name string, most int) int {
	text := p.query.Get(name)
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		p.fault(name, "%q is not a number from 1 to %d", text, most)
		return 0
	}
	return n
}

// bothEnds takes one end alone for a day, and a plan without a selection for a
// mistake.
func (p *parser) bothEnds(v *view) {
	switch {
	case v.From.IsZero():
		v.From = v.To
	case v.To.IsZero():
		v.To = v.From
	case v.To.Before(v.From):
		p.fault("to", "%s is before %s; want the last day of the selection", v.To, v.From)
		v.From, v.To = v.To, v.From
	}
	if v.Select != "" && v.From.IsZero() {
		p.fault("plan", "want the days to plan for as well, by from and to")
		v.Select = ""
	}
}
