package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// httpProxy stands between the etl's process and the source API or AWS.
type httpProxy struct {
	upstream string
	name     func(*http.Request, []byte) string // of a call, as the steps have it
	moments  *moments
	server   *httptest.Server

	mu    sync.Mutex
	fault fault
	calls map[string]int
}

// fault answers a call instead of the real service; nil leaves it to that. n
// counts the calls of the name from 1.
type fault func(name string, n int) http.HandlerFunc

func newHTTPProxy(t testing.TB, upstream string, name func(*http.Request, []byte) string, m *moments) *httpProxy {
	t.Helper()
	p := &httpProxy{upstream: upstream, name: name, moments: m}
	p.server = httptest.NewServer(p)
	t.Cleanup(func() {
		p.server.CloseClientConnections()
		p.server.Close()
	})
	return p
}

// breaks has calls answered by a fault from now on; nil ends that.
func (p *httpProxy) breaks(f fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault, p.calls = f, map[string]int{}
}

// asked is how many calls of a name have come since the last breaks.
func (p *httpProxy) asked(name string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls[name]
}

func (p *httpProxy) instead(name string) http.HandlerFunc {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fault == nil {
		return nil
	}
	p.calls[name]++
	return p.fault(name, p.calls[name])
}

// transparent neither unpacks answers nor keeps connections that tests cut.
var transparent = &http.Client{Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}

func (p *httpProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	name := p.name(r, body)
	if answer := p.instead(name); answer != nil {
		answer(w, r)
		return
	}
	p.mustReach(name + " asked")
	response, answer, err := p.forward(r, body)
	if err != nil {
		panic(http.ErrAbortHandler) // as the service's own end would look
	}
	p.mustReach(name + " answered")
	maps.Copy(w.Header(), response.Header)
	w.Header().Del("Connection") // is of the other connection
	w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
	w.WriteHeader(response.StatusCode)
	sent := 0
	if len(answer) > worthHalving {
		sent, _ = w.Write(answer[:len(answer)/2]) // the process may be dead by now
		_ = http.NewResponseController(w).Flush()
		p.mustReach(name + " half answered")
	}
	_, _ = w.Write(answer[sent:])
}

// worthHalving, in bytes, leaves the answers of DynamoDB in one piece: the SDK
// closes a request's body as soon as an answer's head is there, which makes net/http
// give the connection up where it has not noticed the body's end yet. What is left
// of the answer is lost then, and asked for again. Only on loopback are answers so
// quick.
const worthHalving = 4 << 10

func (p *httpProxy) mustReach(s string) {
	if p.moments.reach(step(s)) == cut {
		panic(http.ErrAbortHandler)
	}
}

func (p *httpProxy) forward(r *http.Request, body []byte) (*http.Response, []byte, error) {
	request, err := http.NewRequestWithContext(r.Context(), r.Method, p.upstream+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	request.Header = r.Header.Clone()
	response, err := transparent.Do(request)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	return response, answer, err
}

// apiCall names a call of the source API by its path.
func apiCall(r *http.Request, _ []byte) string { return strings.TrimPrefix(r.URL.Path, "/") }

// awsCall names a call of the status store by what it does.
func awsCall(r *http.Request, body []byte) string {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	var request struct{ UpdateExpression string }
	if json.Unmarshal(body, &request) != nil {
		return operation
	}
	switch update := request.UpdateExpression; {
	case operation == "PutItem":
		return "record"
	case strings.Contains(update, "ADD #generation"):
		return "claim"
	case strings.Contains(update, "#outcome = :outcome"):
		return "finish"
	case strings.Contains(update, "#materialization = :materialization"):
		return "complete"
	case strings.Contains(update, "#failure = :failure"):
		return "fail"
	case strings.HasPrefix(update, "SET #lease_until"):
		return "renew"
	}
	return operation
}
