package httpapi

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

const (
	defaultRoute = "$default"
	anyMethod    = "ANY"
)

// route is a route key taken apart.
type route struct {
	key, function string
	method        string   // or ANY
	segments      []string // "data", "{id}", "{proxy+}"; nil for $default
}

func parseRoute(r Route) (route, error) {
	parsed := route{key: r.Key, function: r.Function}
	if r.Key == defaultRoute {
		return parsed, nil
	}
	method, path, ok := strings.Cut(r.Key, " ")
	methods := []string{
		anyMethod, http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodOptions,
	}
	if !ok || !slices.Contains(methods, method) || !strings.HasPrefix(path, "/") {
		return parsed, fmt.Errorf("route key %q: want a method or ANY, a space and a path, or $default", r.Key)
	}
	parsed.method = method
	parsed.segments = strings.Split(path[1:], "/")
	for i, segment := range parsed.segments {
		if isGreedy(segment) && i < len(parsed.segments)-1 {
			return parsed, fmt.Errorf("route key %q: %s must come last", r.Key, segment)
		}
	}
	return parsed, nil
}

func isVariable(segment string) bool {
	return strings.HasPrefix(segment, "{") && strings.HasSuffix(segment, "}")
}

func isGreedy(segment string) bool { return strings.HasSuffix(segment, "+}") }

// match finds the most specific route: a full match before one with a greedy
// variable, a fixed segment before a variable, a method before ANY, and $default
// last (API Gateway Developer Guide, "Working with routes for HTTP APIs").
func match(routes []route, method, path string) (best *route, parameters map[string]string) {
	var bestRank []int
	for i := range routes {
		rank, found, ok := routes[i].match(method, strings.Split(strings.TrimPrefix(path, "/"), "/"))
		if ok && (best == nil || slices.Compare(rank, bestRank) < 0) {
			best, bestRank, parameters = &routes[i], rank, found
		}
	}
	return best, parameters
}

// Ranks of a segment, and of $default: the lowest is the most specific.
const (
	rankFixed = iota
	rankVariable
	rankGreedy
	rankDefault
)

func (r *route) match(method string, path []string) (rank []int, parameters map[string]string, ok bool) {
	if r.key == defaultRoute {
		return []int{rankDefault}, nil, true
	}
	if r.method != anyMethod && r.method != method {
		return nil, nil, false
	}
	parameters = map[string]string{}
	for i, segment := range r.segments {
		switch {
		case i >= len(path):
			return nil, nil, false
		case isGreedy(segment):
			parameters[strings.Trim(segment, "{+}")] = strings.Join(path[i:], "/")
			return r.ranked(append(rank, rankGreedy)), parameters, path[i] != "" || len(path) > i+1
		case isVariable(segment):
			rank = append(rank, rankVariable)
			parameters[strings.Trim(segment, "{}")] = path[i]
		case segment != path[i]:
			return nil, nil, false
		default:
			rank = append(rank, rankFixed)
		}
	}
	return r.ranked(rank), parameters, len(path) == len(r.segments)
}

// ranked lets a method decide between routes whose paths are alike.
func (r *route) ranked(rank []int) []int {
	if r.method == anyMethod {
		return append(rank, 1)
	}
	return append(rank, 0)
}
