// Package httpapi stands in for an Amazon API Gateway HTTP API whose routes are
// Lambda functions, by payload format 2.0 (API Gateway Developer Guide, "Create
// AWS Lambda proxy integrations for HTTP APIs").
package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"delfos/infra/local/lambda"
)

// Quotas that cannot be raised (API Gateway Developer Guide, "Quotas for
// configuring and running an HTTP API").
const (
	maxBody            = 10 << 20
	maxHeaders         = 10_240 // bytes of request line and headers together
	integrationTimeout = 30 * time.Second
)

// defaultStage is the only stage: its name is no part of the path.
const defaultStage = "$default"

// API is one HTTP API.
type API struct {
	ID          string // appears in the event
	AccountID   string // the same
	Region      string // the same, in what an authorizer is asked
	Stage       string // "" or $default; others are refused
	Routes      []Route
	Authorizers []Authorizer

	IntegrationTimeout time.Duration // how long a function may take; 0 means 30 seconds, the most
	Logger             *slog.Logger  // of answers that no client can be told of; nil means slog.Default
}

// Route sends what matches its key to a function.
type Route struct {
	Key        string // "GET /data", "ANY /{proxy+}" or "$default"
	Function   string // name or ARN
	Authorizer string // the name of the one that is asked first; "" lets all pass
}

// Invoker runs functions: a *lambda.Service.
type Invoker interface {
	Invoke(context.Context, lambda.Request) (lambda.Response, error)
}

// New makes the handler of an API. A route key that API Gateway would refuse, two that
// are equal, or an authorizer that is not served are an error that names it. newID makes
// request ids.
func New(api API, functions Invoker, now func() time.Time, newID func() string) (http.Handler, error) {
	if api.Stage != "" && api.Stage != defaultStage {
		return nil, fmt.Errorf("HTTP API %s: stage %q: the local HTTP API serves the stage %s alone", api.ID, api.Stage, defaultStage)
	}
	if api.IntegrationTimeout < 0 || api.IntegrationTimeout > integrationTimeout {
		return nil, fmt.Errorf("HTTP API %s: IntegrationTimeout %s: want up to %s", api.ID, api.IntegrationTimeout, integrationTimeout)
	}
	if api.IntegrationTimeout == 0 {
		api.IntegrationTimeout = integrationTimeout
	}
	if api.Logger == nil {
		api.Logger = slog.Default()
	}
	guards, err := newGuards(api.Authorizers)
	if err != nil {
		return nil, fmt.Errorf("HTTP API %s: %w", api.ID, err)
	}
	routes, err := parseRoutes(api.Routes, guards)
	if err != nil {
		return nil, fmt.Errorf("HTTP API %s: %w", api.ID, err)
	}
	return &gateway{api, routes, functions, now, newID}, nil
}

type gateway struct {
	api       API
	routes    []route
	functions Invoker
	now       func() time.Time
	newID     func() string
}

// A httpError is an answer that the gateway gives by itself.
type httpError struct {
	status  int
	message string
	cause   error // for the log; nil when the client alone is to blame
}

func (e *httpError) Error() string { return e.message }

func (e *httpError) Unwrap() error { return e.cause }

// ServeHTTP sends a request through its route's function.
func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	requestID := g.newID()
	w.Header().Set("Apigw-Requestid", requestID)
	err := g.serve(w, r, requestID)
	if err == nil || r.Context().Err() != nil { // or the client has gone
		return
	}
	var known *httpError
	if !errors.As(err, &known) {
		known = &httpError{http.StatusInternalServerError, "Internal Server Error", err}
	}
	if known.cause != nil {
		g.api.Logger.Warn("the HTTP API could not answer", "api", g.api.ID, "request_id", requestID,
			"method", r.Method, "path", r.URL.Path, "status", known.status, "error", known.cause)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(known.status)
	_ = json.NewEncoder(w).Encode(map[string]string{"message": known.message}) // the client has gone
}

func (g *gateway) serve(w http.ResponseWriter, r *http.Request, requestID string) error {
	if headerSize(r) > maxHeaders {
		return &httpError{http.StatusRequestHeaderFieldsTooLarge, "Request Header Fields Too Large", nil}
	}
	to, parameters, ok := match(g.routes, r.Method, r.URL.Path)
	if !ok {
		return &httpError{http.StatusNotFound, "Not Found", nil}
	}
	event := g.event(r, requestID)
	event.RouteKey, event.RequestContext.RouteKey, event.PathParameters = to.key, to.key, parameters
	if to.guard != nil {
		if err := g.authorize(r.Context(), to.guard, event); err != nil {
			return err
		}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return bodyError(err)
	}
	setBody(event, body)
	payload, err := json.Marshal(event)
	if err != nil {
		return fmt.Errorf("encode the event: %w", err)
	}
	answer, err := g.invoke(r.Context(), to.function, payload, event.Headers[traceHeader])
	if err != nil {
		return err
	}
	return answer.write(w)
}

func bodyError(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return &httpError{http.StatusRequestEntityTooLarge, "Request Entity Too Large", nil}
	}
	return &httpError{http.StatusBadRequest, "Bad Request", fmt.Errorf("read the body: %w", err)}
}

// headerSize counts the bytes of the request line and of the headers' names and
// values.
func headerSize(r *http.Request) int {
	size := len(r.Method) + len(r.RequestURI) + len(r.Proto) + len("host") + len(r.Host)
	for name, values := range r.Header {
		for _, value := range values {
			size += len(name) + len(value)
		}
	}
	return size
}
