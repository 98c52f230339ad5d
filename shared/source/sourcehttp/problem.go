package sourcehttp

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

// problemPrefix begins every type of problem.
const problemPrefix = "urn:problem-type:delfos:"

// problem is an error as RFC 9457 writes it.
type problem struct {
	huma.ErrorModel
	challenge string // the WWW-Authenticate of a 401
}

func newProblem(status int, slug, title, detail string) *problem {
	return &problem{ErrorModel: huma.ErrorModel{Type: problemPrefix + slug, Title: title, Status: status, Detail: detail}}
}

// fault is one thing that is wrong with a query. Its slug is the problem's type.
type fault struct {
	slug, title string
	parameter   string
	message     string
	value       string // as it came; empty where nothing did
}

// maxEchoRunes bounds how much of a wrong value is shown to whoever sent it.
const maxEchoRunes = 100

func echo(value string) string {
	if utf8.RuneCountInString(value) <= maxEchoRunes {
		return value
	}
	return string([]rune(value)[:maxEchoRunes]) + "…"
}

// invalidQuery tells all faults at once; the first gives the type.
func invalidQuery(faults []fault) *problem {
	var messages []string
	p := newProblem(http.StatusUnprocessableEntity, faults[0].slug, faults[0].title, "")
	for _, f := range faults {
		detail := &huma.ErrorDetail{Location: "query", Message: f.message}
		if f.parameter != "" {
			detail.Location = "query." + echo(f.parameter)
		}
		if f.value != "" {
			detail.Value = echo(f.value)
		}
		messages = append(messages, f.message)
		p.Errors = append(p.Errors, detail)
	}
	p.Detail = strings.Join(messages, "; ")
	return p
}

func notFound(path string) *problem {
	return newProblem(http.StatusNotFound, "not-found", "There is nothing at this path",
		fmt.Sprintf("nothing is at %q; the API has /data, /variables, /health, /openapi.json and /docs", echo(path)))
}

func methodNotAllowed(method string) *problem {
	return newProblem(http.StatusMethodNotAllowed, "method-not-allowed", "The API is for reading",
		fmt.Sprintf("method %s: want GET or HEAD", echo(method)))
}

func queryTooLong(length int) *problem {
	return newProblem(http.StatusRequestURITooLong, "query-too-long", "The query is too long",
		fmt.Sprintf("the query has %d bytes, want at most %d", length, maxQueryBytes))
}

func malformedRequest() *problem {
	return newProblem(http.StatusBadRequest, "malformed-request", "The request cannot be read",
		"the request is not HTTP that can be read: check its method, its path and its body's encoding")
}

func sourceUnavailable() *problem {
	return newProblem(http.StatusServiceUnavailable, "source-unavailable", "The source database does not answer",
		"the source database does not answer now; try again after the seconds in Retry-After")
}

func internalError() *problem {
	return newProblem(http.StatusInternalServerError, "internal-error", "The API failed",
		"the API failed, and its log says why under the request's X-Request-Id")
}

func writeProblem(w http.ResponseWriter, p *problem) {
	body, err := json.Marshal(p.ErrorModel)
	if err != nil {
		body = []byte(`{"status":500}`)
	}
	header := w.Header()
	header.Set("Content-Type", "application/problem+json")
	header.Set("Cache-Control", "no-store")
	setLength(header, len(body))
	w.WriteHeader(p.Status)
	_, _ = w.Write(body) // the client has gone; there is nobody to tell
}

func setLength(header http.Header, length int) {
	header.Set("Content-Length", strconv.Itoa(length))
}
