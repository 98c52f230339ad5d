package asl

import (
	"math"
	"slices"
)

// maxRetryDelay is MaxDelaySeconds' bound (Developer Guide, "Handling errors in Step
// Functions workflows": less than 31,622,400).
const maxRetryDelay = 31_622_399

// errors reads Retry and Catch.
func (p *parser) errors(s *State, f *fields) {
	retriers, catchers := f.list("Retry"), f.list("Catch")
	for i, value := range retriers {
		if inner := p.fieldsOf(value, element(f.at, "Retry", i)); inner != nil {
			s.Retry = append(s.Retry, p.retrier(inner, i == len(retriers)-1))
		}
	}
	for i, value := range catchers {
		if inner := p.fieldsOf(value, element(f.at, "Catch", i)); inner != nil {
			s.Catch = append(s.Catch, p.catcher(inner, i == len(catchers)-1))
		}
	}
}

func (p *parser) retrier(f *fields, last bool) Retrier {
	f.comment()
	r := Retrier{
		ErrorEquals:     p.errorEquals(f, last),
		IntervalSeconds: f.integerOr("IntervalSeconds", 1, maxSeconds, 1),
		MaxAttempts:     f.integerOr("MaxAttempts", 0, maxSeconds, 3),
		MaxDelaySeconds: f.integerOr("MaxDelaySeconds", 1, maxRetryDelay, 0),
		FullJitter:      f.choice("JitterStrategy", "NONE", "FULL") == "FULL",
		BackoffRate:     2,
	}
	if rate := f.float("BackoffRate", 1, math.MaxFloat64); rate != nil {
		r.BackoffRate = *rate
	}
	f.unsupported()
	return r
}

func (p *parser) catcher(f *fields, last bool) Catcher {
	f.comment()
	f.require("Next")
	p.refuseJSONata(f)
	c := Catcher{
		ErrorEquals: p.errorEquals(f, last),
		ResultPath:  f.resultPath(),
		Assign:      f.assign(),
		Next:        f.filledText("Next"),
	}
	f.unsupported()
	return c
}

// errorEquals reads the names of errors. States.ALL stands alone, and last.
func (p *parser) errorEquals(f *fields, last bool) []string {
	const name = "ErrorEquals"
	f.require(name)
	var names []string
	for i, value := range f.filledList(name) {
		text, ok := value.(string)
		if !ok {
			p.schema(element(f.at, name, i), "Expected value of type String for an element of '%s', but it is %s", name, kindOf(value))
		}
		names = append(names, text)
	}
	if slices.Contains(names, ErrorAll) {
		switch {
		case len(names) > 1:
			p.schema(f.place(name), "The error '%s' must stand alone in the field '%s'", ErrorAll, name)
		case !last:
			p.schema(f.place(name), "The error '%s' must be in the last entry, for nothing after it is tried", ErrorAll)
		}
	}
	return names
}
