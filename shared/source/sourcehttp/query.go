package sourcehttp

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"delfos/shared/partition"
	"delfos/shared/source"
)

// The parameters of /data.
const (
	paramStart     = "start"
	paramEnd       = "end"
	paramVariables = "variables"
	paramLimit     = "limit"
	paramCursor    = "cursor"
)

// dataQuery is a request for a page of samples.
type dataQuery struct {
	source.Query
	limit  int    // rows asked for in a page; 0 where nothing was said
	cursor string // as it came; empty on the first page
}

// parseDataQuery reads the query of /data, and tells everything that is wrong
// with it.
func parseDataQuery(raw string, maxRows int) (*dataQuery, []fault) {
	p := &queryParser{}
	parameters := p.split(raw)
	p.refuseUnknown(parameters, paramStart, paramEnd, paramVariables, paramLimit, paramCursor)
	q := &dataQuery{}
	q.Span = p.window(parameters)
	q.Variables = p.variables(parameters[paramVariables])
	q.limit = p.limit(parameters, maxRows)
	cursor, present := p.single(parameters, paramCursor)
	if present && cursor == "" {
		p.faults = append(p.faults, foreignCursor(cursor))
	}
	q.cursor = cursor
	return q, p.faults
}

// parseNoParameters reads the query of a path that has no parameters.
func parseNoParameters(raw string) []fault {
	p := &queryParser{}
	p.refuseUnknown(p.split(raw))
	return p.faults
}

// queryParser gathers what is wrong with a query.
type queryParser struct {
	faults []fault
}

func (p *queryParser) fault(slug, title, parameter, value, format string, args ...any) {
	p.faults = append(p.faults, fault{slug, title, parameter, fmt.Sprintf(format, args...), value})
}

// split reads name=value pairs. Unlike url.ParseQuery it refuses what is not
// UTF-8, and takes a semicolon as any other character.
func (p *queryParser) split(raw string) map[string][]string {
	parameters := map[string][]string{}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, errName := url.QueryUnescape(rawName)
		value, errValue := url.QueryUnescape(rawValue)
		if errName != nil || errValue != nil || !utf8.ValidString(name) || !utf8.ValidString(value) {
			p.fault("malformed-query", "The query cannot be read", "", strings.ToValidUTF8(pair, "\uFFFD"),
				"the query cannot be read: want percent-encoded UTF-8")
			continue
		}
		parameters[name] = append(parameters[name], value)
	}
	return parameters
}

func (p *queryParser) refuseUnknown(parameters map[string][]string, known ...string) {
	for _, name := range sortedNames(parameters) {
		if !slices.Contains(known, name) {
			p.fault("unknown-parameter", "A parameter is unknown", name, parameters[name][0],
				"parameter %q is unknown, %s", echo(name), wantOneOf(known))
		}
	}
}

func wantOneOf(known []string) string {
	if len(known) == 0 {
		return "want none"
	}
	return "want one of " + strings.Join(known, ", ")
}

func sortedNames(parameters map[string][]string) []string {
	var names []string
	for name := range parameters {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// single reads a parameter that may be there once.
func (p *queryParser) single(parameters map[string][]string, name string) (value string, present bool) {
	values := parameters[name]
	if len(values) > 1 {
		p.fault("repeated-parameter", "A parameter is repeated", name, values[1], "%s is given %d times, want once", name, len(values))
		return "", false
	}
	if len(values) == 0 {
		return "", false
	}
	return values[0], true
}

func (p *queryParser) window(parameters map[string][]string) partition.Span {
	start, okStart := p.instant(parameters, paramStart)
	end, okEnd := p.instant(parameters, paramEnd)
	span := partition.Span{Start: start, End: end}
	switch {
	case !okStart || !okEnd:
	case !start.Before(end):
		p.fault("reversed-window", "The window is empty or reversed", paramEnd, parameters[paramEnd][0],
			"end must be after start: the window is [start, end)")
	case span.Duration() > source.MaxWindow:
		p.fault("window-too-long", "The window is too long", paramEnd, parameters[paramEnd][0],
			"the window lasts %s, want at most %d days", span.Duration(), source.MaxWindow/(24*time.Hour))
	}
	return span
}

func (p *queryParser) instant(parameters map[string][]string, name string) (instant time.Time, ok bool) {
	value, present := p.single(parameters, name)
	if !present {
		if len(parameters[name]) == 0 {
			p.fault("missing-parameter", "A parameter is missing", name, "", "%s is missing: %v", name, errInstant)
		}
		return instant, false
	}
	instant, err := parseInstant(value)
	if err != nil {
		p.fault("malformed-time", "A time cannot be read", name, value, "%s cannot be read: %v", name, err)
		return instant, false
	}
	return instant, true
}

func (p *queryParser) variables(names []string) []string {
	known := source.VariableNames()
	if len(names) == 0 {
		p.fault("missing-parameter", "A parameter is missing", paramVariables, "",
			"variables is missing: want at least one of %s, as variables=%s&variables=%s", strings.Join(known, ", "), known[0], known[1])
	}
	for i, name := range names {
		switch {
		case slices.Contains(names[:i], name):
			p.fault("repeated-variable", "A variable is repeated", paramVariables, name, "variable %q is repeated, want it once", echo(name))
		case !slices.Contains(known, name):
			p.fault("unknown-variable", "A variable is unknown", paramVariables, name,
				"variable %q is unknown, want one of %s; several are given as variables=%s&variables=%s",
				echo(name), strings.Join(known, ", "), known[0], known[1])
		}
	}
	return names
}

func (p *queryParser) limit(parameters map[string][]string, maxRows int) int {
	value, present := p.single(parameters, paramLimit)
	if !present {
		return 0
	}
	limit, err := strconv.ParseUint(value, 10, 31)
	if err != nil || limit < 1 || limit > uint64(maxRows) {
		p.fault("limit-out-of-range", "The limit is out of range", paramLimit, value, "limit must be a whole number from 1 to %d", maxRows)
		return 0
	}
	return int(limit)
}
