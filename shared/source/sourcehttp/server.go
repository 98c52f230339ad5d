// Package sourcehttp is the source API: an HTTP handler over the source database.
package sourcehttp

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/awslabs/aws-lambda-go-api-proxy/core"

	"delfos/shared/bearer"
	"delfos/shared/source"
	"delfos/shared/source/sourcedb"
)

// Options say what the API serves, and to whom.
type Options struct {
	Store  *sourcedb.Reader
	Token  bearer.Token // what clients present; must not be empty
	Logger *slog.Logger

	MaxRows      int           // in one page; 0 means source.MaxPageRows
	MaxPageBytes int           // of one page within a Lambda response; 0 means DefaultMaxPageBytes
	Timeout      time.Duration // of one request; 0 means 25 s, below API Gateway's 30 s
	Now          func() time.Time
	NewRequestID func() string // for requests that come without API Gateway; nil means random
}

// DefaultMaxPageBytes leaves room for headers below the 6,291,556 bytes that a
// Lambda function can answer ("Lambda quotas", AWS Lambda Developer Guide). The
// body counts as it stands in the answer's JSON string, where each quotation mark
// takes two bytes.
const DefaultMaxPageBytes = 4_500_000

// maxQueryBytes bounds what stands after the question mark.
const maxQueryBytes = 4 << 10

// server answers the API's requests.
type server struct {
	Options
	token   bearer.Check
	openapi []byte
	docs    http.Handler
	routes  map[string]route
}

// route is what answers GET and HEAD on one path.
type route struct {
	public bool // without a token
	serve  func(*response, *http.Request)
}

// New makes the API's handler. It panics if the token is empty: an API that
// anybody could read must not start.
func New(options Options) http.Handler {
	options.MaxRows = cmp.Or(options.MaxRows, source.MaxPageRows)
	options.MaxPageBytes = cmp.Or(options.MaxPageBytes, DefaultMaxPageBytes)
	options.Timeout = cmp.Or(options.Timeout, 25*time.Second)
	options.Logger = cmp.Or(options.Logger, slog.Default())
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.NewRequestID == nil {
		options.NewRequestID = rand.Text
	}
	s := &server{
		Options: options,
		token:   bearer.NewCheck(options.Token),
		openapi: describe(options.MaxRows),
		docs:    newDocs(),
	}
	s.routes = map[string]route{
		"/data":         {serve: s.data},
		"/variables":    {serve: s.variables},
		"/health":       {public: true, serve: s.health},
		"/openapi.json": {public: true, serve: s.description},
		"/docs":         {public: true, serve: s.documentation},
	}
	for _, asset := range docsAssets {
		s.routes["/docs/"+asset] = route{public: true, serve: s.documentation}
	}
	return s
}

// response is what is being answered, with what the access log wants to know.
type response struct {
	http.ResponseWriter
	status int
	rows   int
}

// WriteHeader sends the status, and notes it.
func (w *response) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// ServeHTTP answers one request and logs it: no query, no token.
func (s *server) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	began, id := s.Now(), s.requestID(r)
	w := &response{ResponseWriter: rw, status: http.StatusOK}
	w.Header().Set("X-Request-Id", id)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	ctx, cancel := context.WithTimeout(r.Context(), s.Timeout)
	defer cancel()
	defer func() {
		if fault := recover(); fault != nil {
			s.Logger.ErrorContext(ctx, "the request made the API panic", "request_id", id,
				"panic", fault, "stack", string(debug.Stack()))
			writeProblem(w, internalError())
		}
		s.Logger.LogAttrs(ctx, slog.LevelInfo, "request", slog.String("method", r.Method),
			slog.String("path", r.URL.Path), slog.Int("status", w.status), slog.Int("rows", w.rows),
			slog.Float64("duration_ms", float64(s.Now().Sub(began).Microseconds())/1000), slog.String("request_id", id))
	}()
	s.dispatch(w, r.WithContext(ctx))
}

func (s *server) dispatch(w *response, r *http.Request) {
	route, ok := s.routes[r.URL.Path]
	if !ok {
		writeProblem(w, notFound(r.URL.Path))
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		writeProblem(w, methodNotAllowed(r.Method))
		return
	}
	if len(r.URL.RawQuery) > maxQueryBytes {
		writeProblem(w, queryTooLong(len(r.URL.RawQuery)))
		return
	}
	if !route.public {
		w.Header().Set("Vary", "Authorization")
		if err := s.token.Authorization(r.Context(), r.Header.Values("Authorization")); err != nil {
			s.turnAway(w, r, err)
			return
		}
	}
	route.serve(w, r)
}

// requestID is API Gateway's, where the request came through it.
func (s *server) requestID(r *http.Request) string {
	if gateway, ok := core.GetAPIGatewayV2ContextFromContext(r.Context()); ok && gateway.RequestID != "" {
		return gateway.RequestID
	}
	return s.NewRequestID()
}

// fail answers an error of the database, and logs it: the client learns no more
// than whether trying again can help. A client that has gone is no error.
func (s *server) fail(w *response, r *http.Request, err error) {
	level, gone := slog.LevelError, errors.Is(err, context.Canceled)
	if gone {
		level = slog.LevelInfo
	}
	s.Logger.Log(r.Context(), level, "the source database could not answer", "path", r.URL.Path,
		"request_id", w.Header().Get("X-Request-Id"), "error", err.Error())
	if !gone && !errors.As(err, new(*sourcedb.UnavailableError)) {
		writeProblem(w, internalError())
		return
	}
	w.Header().Set("Retry-After", "2")
	writeProblem(w, sourceUnavailable())
}

// document answers JSON that was made before.
func document(w *response, body []byte) {
	header := w.Header()
	header.Set("Content-Type", "application/json")
	setLength(header, len(body))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body) // the client has gone; there is nobody to tell
}

// description serves the OpenAPI document.
func (s *server) description(w *response, _ *http.Request) { document(w, s.openapi) }

// documentation serves the Swagger UI and its files. The policy makes the browser
// refuse whatever would come from another host.
func (s *server) documentation(w *response, r *http.Request) {
	w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; "+
		"style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; frame-ancestors 'none'")
	if strings.HasPrefix(r.URL.Path, "/docs/") {
		w.Header().Set("Cache-Control", "public, max-age=3600")
	}
	s.docs.ServeHTTP(w, r)
}
