package site

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/awslabs/aws-lambda-go-api-proxy/core"
)

// policy lets a page use what this console serves, and nothing else; no script and
// no style stands in a page itself.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// maxFormBytes bounds what a form can send; maxQueryBytes what a URL can.
const (
	maxFormBytes  = 1 << 20
	maxQueryBytes = 8 << 10
)

// answer gathers a response, so that it can be compressed, and replaced where its
// handler panics.
type answer struct {
	header http.Header
	status int
	body   []byte
}

// Header is the response's.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader notes the first status.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

// Write gathers the body.
func (a *answer) Write(part []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	a.body = append(a.body, part...)
	return len(part), nil
}

// outside is the part of every answer that no page decides: headers, deadline,
// compression, the log, and what is said when a handler panics.
func (s *Site) outside(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := s.Now()
		ctx, cancel := context.WithTimeout(r.Context(), s.Timeout)
		defer cancel()
		id := s.requestID(r)
		r = r.WithContext(ctx)
		r.Body = http.MaxBytesReader(w, r.Body, maxFormBytes)
		a := s.run(next, r, id)
		size := a.send(w, r)
		s.Logger.LogAttrs(ctx, slog.LevelInfo, "request", slog.String("method", r.Method), slog.String("path", r.URL.Path),
			slog.Int("status", a.status), slog.Int("bytes", size), slog.String("request_id", id),
			slog.Float64("duration_ms", float64(s.Now().Sub(began).Microseconds())/1000))
	})
}

// run lets the handler answer; where it panics, the answer says so.
func (s *Site) run(next http.Handler, r *http.Request, id string) (a *answer) {
	a = s.blank(r, id)
	r = s.withBrowser(a, r)
	defer func() {
		if fault := recover(); fault != nil {
			s.Logger.ErrorContext(r.Context(), "the request made the console panic", "request_id", id,
				"path", r.URL.Path, "panic", fault, "stack", string(debug.Stack()))
			cookies := a.header["Set-Cookie"]
			a = s.blank(r, id)
			a.header["Set-Cookie"] = cookies
			s.Problem(a, r, http.StatusInternalServerError, "The console made a mistake",
				"It is in the console's log under "+id+". What you see elsewhere is not affected; going back and trying again may help.")
		}
	}()
	next.ServeHTTP(a, r)
	a.WriteHeader(http.StatusOK)
	return a
}

// blank is an answer with the headers that all have.
func (s *Site) blank(r *http.Request, id string) *answer {
	header := http.Header{}
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	header.Set("X-Request-Id", id)
	header.Set("Cache-Control", "private, no-cache")
	if secure(r) {
		header.Set("Strict-Transport-Security", "max-age=31536000")
	}
	return &answer{header: header}
}

// send writes the answer, compressed where that saves something.
func (a *answer) send(w http.ResponseWriter, r *http.Request) (size int) {
	header := a.header
	if worthCompressing(header, a.body) {
		header.Add("Vary", "Accept-Encoding")
		if acceptsGzip(r) {
			const level = 5 // as small as 9 within 2 %, in half the time
			a.body = compress(a.body, level)
			header.Set("Content-Encoding", "gzip")
		}
	}
	if a.status != http.StatusNotModified && a.status != http.StatusNoContent {
		header.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	maps.Copy(w.Header(), header)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) //nolint:gosec // templates have escaped it; where the client has gone, there is nobody to tell
	return len(a.body)
}

// worthCompressing tells whether it is text of more than a packet or so.
func worthCompressing(header http.Header, body []byte) bool {
	kind := header.Get("Content-Type")
	text := strings.HasPrefix(kind, "text/") || strings.HasPrefix(kind, "application/json") || kind == "image/svg+xml"
	return len(body) > 1024 && text && header.Get("Content-Encoding") == ""
}

// acceptsGzip tells whether the client said so.
func acceptsGzip(r *http.Request) bool {
	for _, line := range r.Header.Values("Accept-Encoding") {
		for coding := range strings.SplitSeq(line, ",") {
			name, weight, _ := strings.Cut(strings.TrimSpace(coding), ";")
			if strings.EqualFold(strings.TrimSpace(name), "gzip") {
				return strings.Trim(strings.TrimPrefix(strings.TrimSpace(weight), "q="), "0.") != "" || weight == ""
			}
		}
	}
	return false
}

// secure tells whether the browser came by https; API Gateway, which ends TLS, says so
// in a header of its own.
func secure(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
}

// requestID is API Gateway's, where the request came through it.
func (s *Site) requestID(r *http.Request) string {
	if gateway, ok := core.GetAPIGatewayV2ContextFromContext(r.Context()); ok && gateway.RequestID != "" {
		return gateway.RequestID
	}
	return s.NewID()
}
