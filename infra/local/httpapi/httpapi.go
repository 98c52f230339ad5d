// Package httpapi stands in for API Gateway's HTTP APIs: it turns a request into
// a Lambda event of payload format 2.0, and the function's answer into a response
// (API Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP
// APIs in API Gateway").
package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"delfos/infra/local/awsjson"
	"delfos/infra/local/lambda"
)

// Quotas of an HTTP API (API Gateway Developer Guide, "Quotas for configuring and
// running an HTTP API").
const (
	maxBodyBytes   = 10 << 20
	maxHeaderBytes = 10_240 // request line and header values together
	maxTimeout     = 30 * time.Second
)

// Route sends the requests that its key matches to a function.
type Route struct {
	Key      string // "GET /data", "ANY /{proxy+}", "$default"
	Function string // name or ARN
}

// API is an HTTP API with its $default stage.
type API struct {
	ID        string
	AccountID string
	Routes    []Route
}

// Invoker runs functions; *lambda.Service is one.
type Invoker interface {
	Invoke(ctx context.Context, request lambda.Request) (lambda.Response, error)
}

type gateway struct {
	api     API
	routes  []route
	invoker Invoker
	now     func() time.Time
	newID   func() string
}

// New makes the API's handler. newID makes request ids. The error names a route
// key that no HTTP API takes, or one that stands twice.
func New(api API, invoker Invoker, now func() time.Time, newID func() string) (http.Handler, error) {
	g := &gateway{api: api, invoker: invoker, now: now, newID: newID}
	seen := map[string]bool{}
	for _, r := range api.Routes {
		parsed, err := parseRoute(r)
		if err != nil {
			return nil, err
		}
		if seen[r.Key] {
			return nil, fmt.Errorf("route %q stands twice", r.Key)
		}
		seen[r.Key] = true
		g.routes = append(g.routes, parsed)
	}
	return g, nil
}

// ServeHTTP answers one request.
func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if sizeOfHead(r) > maxHeaderBytes {
		fail(w, http.StatusRequestHeaderFieldsTooLarge, "Request Header Fields Too Large")
		return
	}
	matched, parameters := match(g.routes, r.Method, r.URL.Path)
	if matched == nil {
		fail(w, http.StatusNotFound, "Not Found")
		return
	}
	event, err := g.event(w, r, *matched, parameters)
	if err != nil {
		tooLarge, _ := errors.AsType[*http.MaxBytesError](err)
		if tooLarge != nil {
			fail(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
			return
		}
		fail(w, http.StatusBadRequest, "Bad Request")
		return
	}
	g.answer(w, r, matched.function, event)
}

// answer invokes the function and writes what it answers. A function that fails,
// or that answers what is no response, is an Internal Server Error; one that is
// throttled or too slow, a Service Unavailable.
func (g *gateway) answer(w http.ResponseWriter, r *http.Request, function string, event []byte) {
	ctx, cancel := context.WithTimeout(r.Context(), maxTimeout)
	defer cancel()
	result, err := g.invoker.Invoke(ctx, lambda.Request{Function: function, Payload: event})
	if err != nil {
		known, ok := errors.AsType[*awsjson.Error](err)
		if errors.Is(err, context.DeadlineExceeded) || ok && known.Type == "TooManyRequestsException" {
			fail(w, http.StatusServiceUnavailable, "Service Unavailable")
			return
		}
		fail(w, http.StatusInternalServerError, "Internal Server Error")
		return
	}
	response, err := decodeResponse(result)
	if err != nil {
		fail(w, http.StatusInternalServerError, "Internal Server Error")
		return
	}
	response.write(w, r.Method)
}

// sizeOfHead is what API Gateway counts of a request's line and headers.
func sizeOfHead(r *http.Request) int {
	size := len(r.Method) + len(r.RequestURI) + len(r.Host)
	for name, values := range r.Header {
		for _, value := range values {
			size += len(name) + len(value)
		}
	}
	return size
}

// fail answers in API Gateway's own words.
func fail(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"message": message}) // the client may have gone
}
