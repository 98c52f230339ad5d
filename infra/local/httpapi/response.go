package httpapi

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"delfos/infra/local/lambda"
)

// response is what a function may answer in payload format 2.0.
type response struct {
	StatusCode      *int                       `json:"statusCode"`
	Headers         map[string]json.RawMessage `json:"headers"`
	Cookies         []string                   `json:"cookies"`
	Body            string                     `json:"body"`
	IsBase64Encoded bool                       `json:"isBase64Encoded"`

	body []byte
}

// decodeResponse reads an answer. As API Gateway does, it takes one without a
// statusCode for the body of a 200, in JSON.
func decodeResponse(result lambda.Response) (*response, error) {
	if result.FunctionError != "" {
		return nil, fmt.Errorf("the function failed: %s", result.FunctionError)
	}
	var r response
	err := json.Unmarshal(result.Payload, &r)
	if err != nil || r.StatusCode == nil {
		if !json.Valid(result.Payload) || err != nil && strings.Contains(string(result.Payload), `"statusCode"`) {
			return nil, fmt.Errorf("the function's answer is no response: %w", err)
		}
		return inferred(result.Payload), nil
	}
	if *r.StatusCode < 100 || *r.StatusCode > 599 {
		return nil, fmt.Errorf("status code %d: want 100 to 599", *r.StatusCode)
	}
	r.body = []byte(r.Body)
	if r.IsBase64Encoded {
		if r.body, err = base64.StdEncoding.DecodeString(r.Body); err != nil {
			return nil, fmt.Errorf("the function's body: %w", err)
		}
	}
	return &r, nil
}

func inferred(payload []byte) *response {
	ok := http.StatusOK
	r := &response{StatusCode: &ok, Headers: map[string]json.RawMessage{"content-type": json.RawMessage(`"application/json"`)}, body: payload}
	var text string
	if json.Unmarshal(payload, &text) == nil {
		r.body = []byte(text)
	}
	return r
}

// write sends the response. An answer to HEAD keeps the length that the function
// gives for the body it left out.
func (r *response) write(w http.ResponseWriter, method string) {
	for name, raw := range r.Headers {
		w.Header().Set(name, plain(raw))
	}
	for _, cookie := range r.Cookies {
		w.Header().Add("Set-Cookie", cookie)
	}
	if w.Header().Get("Content-Type") == "" && len(r.body) > 0 {
		w.Header().Set("Content-Type", "text/plain;charset=UTF-8")
	}
	hasBody := method != http.MethodHead && bodyAllowed(*r.StatusCode)
	if hasBody {
		w.Header().Set("Content-Length", strconv.Itoa(len(r.body)))
	}
	w.WriteHeader(*r.StatusCode)
	if hasBody {
		_, _ = w.Write(r.body) // the client may have gone
	}
}

func bodyAllowed(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

// plain is a header's value: API Gateway takes numbers and booleans as well.
func plain(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}
