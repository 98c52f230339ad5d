package httpapi

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// answer is what a function wants its client to get.
type answer struct {
	status  int
	headers map[string]string
	cookies []string
	body    []byte
}

// document is a function's answer in payload format 2.0. It has no
// multiValueHeaders: format 2.0 ignores them.
type document struct {
	StatusCode      *int           `json:"statusCode"`
	Headers         map[string]any `json:"headers"`
	Cookies         []string       `json:"cookies"`
	Body            *string        `json:"body"`
	IsBase64Encoded bool           `json:"isBase64Encoded"`
}

// parseAnswer reads a function's answer. JSON without a statusCode is itself the
// body of a 200 ("Lambda function response for format 2.0").
func parseAnswer(payload []byte) (*answer, error) {
	if !json.Valid(payload) {
		return nil, errors.New("its answer is not JSON")
	}
	var members map[string]json.RawMessage
	isObject := json.Unmarshal(payload, &members) == nil
	if !isObject || members["statusCode"] == nil {
		return &answer{status: http.StatusOK, headers: map[string]string{"content-type": "application/json"}, body: payload}, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(payload))
	decoder.UseNumber()
	var given document
	if err := decoder.Decode(&given); err != nil {
		return nil, fmt.Errorf("its answer is malformed: %w", err)
	}
	if given.StatusCode == nil || *given.StatusCode < 200 || *given.StatusCode > 599 {
		return nil, errors.New("its answer's statusCode is not 200 to 599")
	}
	parsed := &answer{status: *given.StatusCode, cookies: given.Cookies, headers: map[string]string{}}
	for name, value := range given.Headers {
		text, err := headerText(value)
		if err != nil {
			return nil, fmt.Errorf("its answer's header %s: %w", name, err)
		}
		parsed.headers[strings.ToLower(name)] = text
	}
	return parsed, parsed.setBody(given)
}

func headerText(value any) (string, error) {
	switch value := value.(type) {
	case string:
		return value, nil
	case json.Number:
		return value.String(), nil
	case bool:
		return strconv.FormatBool(value), nil
	}
	return "", fmt.Errorf("want a string, got %T", value)
}

func (a *answer) setBody(given document) error {
	if given.Body == nil {
		return nil
	}
	a.body = []byte(*given.Body)
	if !given.IsBase64Encoded {
		return nil
	}
	decoded, err := base64.StdEncoding.DecodeString(*given.Body)
	if err != nil {
		return fmt.Errorf("its answer's body is not base64: %w", err)
	}
	a.body = decoded
	return nil
}

func (a *answer) write(w http.ResponseWriter) error {
	h := w.Header()
	for name, value := range a.headers {
		if name != "content-length" && !slices.Contains(hopByHop, name) {
			h.Set(name, value)
		}
	}
	for _, cookie := range a.cookies {
		h.Add("Set-Cookie", cookie)
	}
	bodyless := a.status == http.StatusNoContent || a.status == http.StatusNotModified
	if bodyless {
		w.WriteHeader(a.status)
		return nil
	}
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "text/plain;charset=UTF-8")
	}
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) //nolint:gosec // the function's own page; the client has gone, or asked for HEAD
	return nil
}
