package lambda

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// InvocationType says whether the caller waits for the answer.
type InvocationType string

// The invocation types. The zero value means RequestResponse.
const (
	RequestResponse InvocationType = "RequestResponse"
	Event           InvocationType = "Event"  // answered at once, retried when it fails
	DryRun          InvocationType = "DryRun" // checked, and not run
)

// Payload limits in bytes (Lambda Developer Guide, "Lambda quotas").
const (
	maxPayload       = 6_291_556 // 6 MB and 100 bytes
	maxEventPayload  = 1 << 20
	maxClientContext = 3583
)

// Request asks for one invocation.
type Request struct {
	Function      string // name, ARN or partial ARN
	Qualifier     string // "" or $LATEST
	Payload       []byte // JSON; nothing means {}
	Type          InvocationType
	LogTail       bool   // ask for Response.LogTail
	ClientContext []byte // JSON for the function's context, at most 3,583 bytes
	TraceID       string // X-Amzn-Trace-Id; "" means a new one
}

// Response is what an invocation gave.
type Response struct {
	StatusCode    int    // 200, or 202 of an Event, 204 of a DryRun
	Payload       []byte // the function's answer or, with FunctionError, its error
	FunctionError string // "" or "Unhandled"
	LogTail       string // the last 4 KB of the invocation's log, if asked for
	RequestID     string
	LogStream     string // where the sandbox writes, within the function's log group
}

// Invoke runs a function. An error means that it was not run, or that ctx ended:
// *awsjson.Error as Lambda's API has it, or ctx's. As on AWS a function that
// was begun goes on when the caller has gone away.
func (s *Service) Invoke(ctx context.Context, request Request) (Response, error) {
	request.Type = cmp.Or(request.Type, RequestResponse)
	fn, err := s.lookup(request.Function, request.Qualifier)
	if err != nil {
		return Response{}, err
	}
	inv, err := s.newInvocation(fn, request)
	if err != nil {
		return Response{}, err
	}
	switch request.Type {
	case DryRun:
		return Response{StatusCode: http.StatusNoContent, RequestID: inv.id}, nil
	case Event:
		return s.enqueue(inv)
	case RequestResponse:
	}
	type ending struct {
		response Response
		err      error
	}
	if !s.begin() {
		return Response{}, stopping()
	}
	ended := make(chan ending, 1)
	go func() {
		defer s.work.Done()
		response, err := s.perform(inv)
		ended <- ending{response, err}
	}()
	select {
	case end := <-ended:
		return end.response, end.err
	case <-ctx.Done():
		return Response{}, fmt.Errorf("wait for function %s, request %s: %w", fn.Name, inv.id, context.Cause(ctx))
	}
}

// newInvocation checks a request as Lambda does before it runs a function.
func (s *Service) newInvocation(fn *function, request Request) (*invocation, error) {
	limit := maxPayload
	switch request.Type {
	case RequestResponse, DryRun:
	case Event:
		limit = maxEventPayload
	default:
		return nil, refusal("InvalidParameterValueException", 400, "InvocationType %q: want RequestResponse, Event or DryRun", request.Type)
	}
	if len(request.Payload) > limit {
		return nil, refusal("RequestTooLargeException", 413, "%d byte payload is too large for the %s invocation type (limit %d bytes)",
			len(request.Payload), request.Type, limit)
	}
	if len(request.Payload) == 0 {
		request.Payload = []byte("{}")
	}
	if !json.Valid(request.Payload) {
		return nil, refusal("InvalidRequestContentException", 400, "Could not parse request body into json: the payload is not JSON")
	}
	if len(request.ClientContext) > maxClientContext || (len(request.ClientContext) > 0 && !json.Valid(request.ClientContext)) {
		return nil, refusal("InvalidRequestContentException", 400, "Client context must be JSON of at most %d bytes", maxClientContext)
	}
	if request.TraceID == "" {
		request.TraceID = fmt.Sprintf("Root=1-%08x-%s;Parent=%s;Sampled=0", s.options.Now().Unix(), s.hexID(24), s.hexID(16))
	}
	return &invocation{
		id: s.options.NewID(), function: fn, payload: request.Payload, clientContext: request.ClientContext,
		traceID: request.TraceID, logTail: request.LogTail, done: make(chan struct{}),
	}, nil
}

// An invocation is one event on its way through one sandbox.
type invocation struct {
	id            string
	function      *function
	payload       []byte
	clientContext []byte
	traceID       string
	logTail       bool

	deadline time.Time     // set before the sandbox sees it
	done     chan struct{} // closed when the runtime asks for the next event
	answer   *answer       // what it posted before; guarded by sandbox.mu
}

// perform runs an invocation in a sandbox, warm or new.
func (s *Service) perform(inv *invocation) (Response, error) {
	for {
		sb, warm, err := s.acquire(inv.function)
		if err != nil {
			return Response{}, err
		}
		end := sb.run(inv, warm)
		s.release(sb, end)
		switch end.status {
		case statusNotTaken: // a warm sandbox had died unseen; there may be another
			continue
		case statusStopped:
			return Response{}, stopping()
		case statusSuccess, statusError, statusFailure, statusTimeout:
		}
		response := Response{
			StatusCode: http.StatusOK, Payload: end.payload, LogTail: end.logTail, RequestID: inv.id, LogStream: sb.logStream,
		}
		if end.status.isError() {
			response.FunctionError = "Unhandled"
		}
		return response, nil
	}
}
