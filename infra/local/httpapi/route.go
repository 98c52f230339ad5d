package httpapi

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A route is a Route taken apart.
type route struct {
	key      string
	method   string // "ANY" for all
	segments []segment
	guard    *guard // nil lets all pass
	function string
}

// A segment is what stands between two slashes of a route's path.
type segment struct {
	kind segmentKind
	text string // the literal, or the parameter's name
}

// The kinds, from the most to the least specific.
type segmentKind int

const (
	literal   segmentKind = iota
	parameter             // {name}: one segment
	greedy                // {name+}: the rest of the path
)

var (
	methods         = []string{"ANY", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
	parameterSyntax = regexp.MustCompile(`^\{([A-Za-z0-9._-]+)(\+?)\}$`)
)

// parseRoutes reads the keys and puts the most specific first.
func parseRoutes(given []Route, guards map[string]*guard) ([]route, error) {
	routes := make([]route, 0, len(given))
	for _, one := range given {
		parsed, err := parseRoute(one)
		if err != nil {
			return nil, fmt.Errorf("route %q: %w", one.Key, err)
		}
		if parsed.guard = guards[one.Authorizer]; parsed.guard == nil && one.Authorizer != "" {
			return nil, fmt.Errorf("route %q: the API has no authorizer %q", one.Key, one.Authorizer)
		}
		if slices.ContainsFunc(routes, func(other route) bool { return other.key == one.Key }) {
			return nil, fmt.Errorf("route %q is there twice", one.Key)
		}
		routes = append(routes, parsed)
	}
	slices.SortStableFunc(routes, bySpecificity)
	return routes, nil
}

func parseRoute(given Route) (route, error) {
	parsed := route{key: given.Key, function: given.Function}
	if given.Function == "" {
		return parsed, fmt.Errorf("it has no function")
	}
	if given.Key == defaultStage { // the catch-all route has the stage's name
		parsed.method, parsed.segments = "ANY", []segment{{greedy, ""}}
		return parsed, nil
	}
	method, path, _ := strings.Cut(given.Key, " ")
	if !slices.Contains(methods, method) {
		return parsed, fmt.Errorf("want $default, or one of %s and a path", strings.Join(methods, ", "))
	}
	if !strings.HasPrefix(path, "/") {
		return parsed, fmt.Errorf("the path must begin with a slash")
	}
	parsed.method = method
	parts := strings.Split(path[1:], "/")
	for i, part := range parts {
		one, err := parseSegment(part, i == len(parts)-1)
		if err != nil {
			return parsed, err
		}
		parsed.segments = append(parsed.segments, one)
	}
	return parsed, nil
}

func parseSegment(part string, last bool) (segment, error) {
	if !strings.ContainsAny(part, "{}") {
		return segment{literal, part}, nil
	}
	name := parameterSyntax.FindStringSubmatch(part)
	switch {
	case name == nil:
		return segment{}, fmt.Errorf("%q is no path variable: want {name} or {name+}", part)
	case name[2] == "":
		return segment{parameter, name[1]}, nil
	case !last:
		return segment{}, fmt.Errorf("the greedy path variable %q must be the last", part)
	}
	return segment{greedy, name[1]}, nil
}

// bySpecificity orders routes as "Create routes for HTTP APIs" in the API Gateway
// Developer Guide chooses between them: full matches, then greedy ones, then
// $default; and among those of one path the route of the method before ANY.
func bySpecificity(a, b route) int {
	return cmp.Or(
		compareBool(a.key == defaultStage, b.key == defaultStage),
		slices.CompareFunc(a.segments, b.segments, func(x, y segment) int { return cmp.Compare(x.kind, y.kind) }),
		compareBool(a.method == "ANY", b.method == "ANY"),
	)
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// match finds the route of a request, and its path's variables.
func match(routes []route, method, path string) (route, map[string]string, bool) {
	for _, one := range routes {
		if one.method != "ANY" && one.method != method {
			continue
		}
		if one.key == defaultStage {
			return one, nil, true
		}
		if parameters, ok := one.matchPath(strings.TrimPrefix(path, "/")); ok {
			return one, parameters, true
		}
	}
	return route{}, nil, false
}

func (r route) matchPath(path string) (map[string]string, bool) {
	var parameters map[string]string
	rest, more := path, true
	for _, one := range r.segments {
		if !more {
			return nil, false
		}
		part := rest
		if one.kind == greedy {
			more = false
		} else {
			part, rest, more = strings.Cut(rest, "/")
		}
		if one.kind == literal {
			if part != one.text {
				return nil, false
			}
			continue
		}
		if part == "" {
			return nil, false
		}
		if parameters == nil {
			parameters = map[string]string{}
		}
		parameters[one.text] = part
	}
	return parameters, !more
}
