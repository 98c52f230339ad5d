package lambda

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"syscall"
)

// answer is what a runtime posted for an invocation.
type answer struct {
	payload []byte
	failed  bool
}

// runtimeError is an error as the Runtime API says it.
type runtimeError struct {
	status  int
	Type    string `json:"errorType"`
	Message string `json:"errorMessage"`
}

func (e *runtimeError) Error() string { return e.Type + ": " + e.Message }

// runtimeAPI serves all sandboxes: each has an address of its own, host:port and
// a token, in AWS_LAMBDA_RUNTIME_API.
func (s *Service) runtimeAPI() http.Handler {
	mux := http.NewServeMux()
	const base = "/{sandbox}/2018-06-01/runtime"
	mux.HandleFunc("GET "+base+"/invocation/next", s.ofSandbox((*sandbox).serveNext))
	mux.HandleFunc("POST "+base+"/invocation/{id}/response", s.ofSandbox((*sandbox).serveResponse))
	mux.HandleFunc("POST "+base+"/invocation/{id}/error", s.ofSandbox((*sandbox).serveError))
	mux.HandleFunc("POST "+base+"/init/error", s.ofSandbox((*sandbox).serveInitError))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		writeRuntimeError(w, &runtimeError{404, "UnknownOperation", "the local Lambda Runtime API does not have " + r.Method + " " + r.URL.Path})
	})
	return mux
}

func (s *Service) ofSandbox(serve func(*sandbox, http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		sb := s.sandboxes[r.PathValue("sandbox")]
		s.mu.Unlock()
		var err error = &runtimeError{403, "Forbidden", "no such sandbox"}
		if sb != nil {
			err = serve(sb, w, r)
		}
		if known, ok := errors.AsType[*runtimeError](err); ok {
			writeRuntimeError(w, known)
		} else if err != nil {
			writeRuntimeError(w, &runtimeError{500, "InternalServerError", err.Error()})
		}
	}
}

func writeRuntimeError(w http.ResponseWriter, err *runtimeError) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(err.status)
	_ = json.NewEncoder(w).Encode(err) // the process has ended; there is nobody to tell
}

func accepted(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, err := io.WriteString(w, `{"status":"OK"}`)
	return err
}

// serveNext ends the current invocation and waits for the next, as long as it
// takes: an idle sandbox is one that waits here.
func (sb *sandbox) serveNext(w http.ResponseWriter, r *http.Request) error {
	inv, err := sb.next(r.Context())
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
	h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(inv.deadline.UnixMilli(), 10))
	h.Set("Lambda-Runtime-Invoked-Function-Arn", sb.function.arn)
	h.Set("Lambda-Runtime-Trace-Id", inv.traceID)
	if len(inv.clientContext) > 0 {
		h.Set("Lambda-Runtime-Client-Context", string(inv.clientContext))
	}
	h.Set("Content-Length", strconv.Itoa(len(inv.payload)))
	_, _ = w.Write(inv.payload) // the process has ended, which is seen elsewhere
	return nil
}

func (sb *sandbox) next(ctx context.Context) (*invocation, error) {
	if err := sb.finish(connectionOf(ctx)); err != nil {
		return nil, err
	}
	var inv *invocation
	var err error
	select {
	case inv = <-sb.assigned:
	case <-sb.exited:
		err = errors.New("the sandbox is stopped")
	case <-ctx.Done():
		err = ctx.Err()
	}
	sb.mu.Lock()
	defer sb.mu.Unlock()
	sb.waiting, sb.current = false, inv
	return inv, err
}

// finish ends the current invocation, which must have been answered. The runtime
// waits for the next at connection.
func (sb *sandbox) finish(connection syscall.Conn) error {
	sb.mu.Lock()
	defer sb.mu.Unlock()
	if sb.waiting || (sb.current != nil && sb.current.answer == nil) {
		return &runtimeError{403, "InvalidStateTransition", "the runtime asked for an event before it had answered the last"}
	}
	select {
	case <-sb.ready:
	default:
		close(sb.ready)
	}
	if sb.current != nil {
		close(sb.current.done)
	}
	sb.waiting, sb.connection, sb.current = true, connection, nil
	return nil
}

func (sb *sandbox) serveResponse(w http.ResponseWriter, r *http.Request) error {
	if mode := r.Header.Get("Lambda-Runtime-Function-Response-Mode"); mode != "" {
		return &runtimeError{400, "InvalidResponseMode", fmt.Sprintf("the local Lambda does not do the response mode %q", mode)}
	}
	id := r.PathValue("id")
	payload, err := io.ReadAll(io.LimitReader(r.Body, maxPayload+1))
	if err != nil {
		return fmt.Errorf("read the response: %w", err)
	}
	if len(payload) > maxPayload {
		_, _ = io.Copy(io.Discard, r.Body) // so that the runtime hears the refusal instead of a broken connection
		message := fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", maxPayload)
		if err := sb.post(id, answer{failure(id, responseTooLarge, "%s", message), true}); err != nil {
			return err
		}
		return &runtimeError{413, "RequestEntityTooLarge", message}
	}
	posted := answer{payload: payload}
	// A runtime that fails while it writes the body says so behind it.
	if r.Trailer.Get("Lambda-Runtime-Function-Error-Type") != "" {
		body, err := base64.StdEncoding.DecodeString(r.Trailer.Get("Lambda-Runtime-Function-Error-Body"))
		if err != nil {
			return &runtimeError{400, "InvalidErrorBody", "Lambda-Runtime-Function-Error-Body is not base64"}
		}
		posted = answer{body, true}
	}
	if err := sb.post(id, posted); err != nil {
		return err
	}
	return accepted(w)
}

func (sb *sandbox) serveError(w http.ResponseWriter, r *http.Request) error {
	payload, err := readError(r)
	if err != nil {
		return err
	}
	if err := sb.post(r.PathValue("id"), answer{payload, true}); err != nil {
		return err
	}
	return accepted(w)
}

func (sb *sandbox) serveInitError(w http.ResponseWriter, r *http.Request) error {
	payload, err := readError(r)
	if err != nil {
		return err
	}
	select {
	case <-sb.ready:
		return &runtimeError{403, "InvalidStateTransition", "the runtime has started already"}
	default:
	}
	sb.mu.Lock()
	sb.initError = payload
	sb.mu.Unlock()
	return accepted(w)
}

// readError reads an error document; one without a body gets the type from the
// header that the Runtime API has for it.
func readError(r *http.Request) ([]byte, error) {
	payload, err := io.ReadAll(io.LimitReader(r.Body, maxPayload+1))
	if err != nil {
		return nil, fmt.Errorf("read the error: %w", err)
	}
	if len(payload) > maxPayload {
		return nil, &runtimeError{413, "RequestEntityTooLarge", fmt.Sprintf("the error is over %d bytes", maxPayload)}
	}
	if len(payload) == 0 {
		return json.Marshal(runtimeError{Type: r.Header.Get("Lambda-Runtime-Function-Error-Type")})
	}
	return payload, nil
}

// post keeps the answer to the current invocation, the first one.
func (sb *sandbox) post(id string, posted answer) error {
	sb.mu.Lock()
	defer sb.mu.Unlock()
	if sb.current == nil || sb.current.id != id {
		return &runtimeError{400, "InvalidRequestID", "Invalid request ID"}
	}
	if sb.current.answer != nil {
		return &runtimeError{403, "InvalidStateTransition", "the invocation is answered already"}
	}
	sb.current.answer = &posted
	return nil
}
