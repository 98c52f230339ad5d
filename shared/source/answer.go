package source

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Bounds of what is read of an answer, in bytes. A page is below Lambda's 6 MB.
const (
	mostPageBytes    = 8 << 20
	mostProblemBytes = 64 << 10
)

// answer is what came for one page.
type answer struct {
	body        []byte
	fingerprint Fingerprint
	next        *url.URL // nil on the last page
}

// get asks once. With a known fingerprint the body stays empty where the content
// still is that. The body is read into memory that the caller gives, grown where
// needed. Errors are *transientError, *UnauthorizedError, *RejectedError, or
// *InvalidDataError of page 1, which whoever counts pages corrects.
func (c *Client) get(ctx context.Context, address *url.URL, known Fingerprint, memory []byte) (*answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("make a request to the source API: %w", err)
	}
	request.Header.Set("Accept", "application/json, application/problem+json")
	if known != "" {
		request.Header.Set("If-None-Match", known.ETag())
	}
	response, err := c.Do(request)
	if errors.As(err, new(*UnauthorizedError)) {
		return nil, err
	}
	if err != nil {
		return nil, &transientError{cause: fmt.Errorf("ask the source API: %w", err)}
	}
	defer func() { _ = response.Body.Close() }() // what mattered has been read

	switch {
	case response.StatusCode == http.StatusOK:
		return readPage(response, memory)
	case response.StatusCode == http.StatusNotModified && known != "":
		return &answer{fingerprint: known}, nil
	default:
		return nil, c.refusal(response)
	}
}

func readPage(response *http.Response, memory []byte) (*answer, error) {
	fingerprint, ok := parseETag(response.Header.Get("ETag"))
	if !ok {
		return nil, &InvalidDataError{Page: 1, Reason: fmt.Sprintf("its ETag %q is no fingerprint", response.Header.Get("ETag"))}
	}
	next, err := nextPage(response)
	if err != nil {
		return nil, err
	}
	body, err := readInto(memory, response.Body, response.ContentLength)
	if err != nil {
		return nil, err
	}
	return &answer{body, fingerprint, next}, nil
}

// readInto reads a whole body, whose length is -1 where it was not announced.
func readInto(memory []byte, body io.Reader, length int64) ([]byte, error) {
	buffer := memory[:0]
	if length > int64(cap(buffer)) && length <= mostPageBytes {
		buffer = make([]byte, 0, length+1) // one more lets the end be seen without growing
	}
	for {
		if len(buffer) == cap(buffer) {
			grown := make([]byte, len(buffer), max(64<<10, 2*cap(buffer)))
			copy(grown, buffer)
			buffer = grown
		}
		n, err := body.Read(buffer[len(buffer):cap(buffer)])
		buffer = buffer[:len(buffer)+n]
		if len(buffer) > mostPageBytes {
			return nil, &InvalidDataError{Page: 1, Reason: fmt.Sprintf("it is larger than %d bytes", mostPageBytes)}
		}
		if err == io.EOF {
			return buffer, nil
		}
		if err != nil {
			return nil, &transientError{cause: fmt.Errorf("read a page of the source API: %w", err)}
		}
	}
}

// nextPage follows the Link of relation next (RFC 8288), which must not lead the
// token to another server.
func nextPage(response *http.Response) (*url.URL, error) {
	for _, link := range response.Header.Values("Link") {
		target, parameters, ok := strings.Cut(link, ">")
		target, opened := strings.CutPrefix(strings.TrimSpace(target), "<")
		if !ok || !opened || !strings.Contains(parameters, `rel="next"`) {
			continue
		}
		here := response.Request.URL
		next, err := here.Parse(target)
		if err != nil || next.Scheme != here.Scheme || next.Host != here.Host {
			return nil, &InvalidDataError{Page: 1, Reason: fmt.Sprintf("its next page %q is not on %s://%s", target, here.Scheme, here.Host)}
		}
		return next, nil
	}
	return nil, nil
}

// refusal turns an answer that is no page into the error that it means.
func (c *Client) refusal(response *http.Response) error {
	problemType, detail := problem(response)
	switch status := response.StatusCode; status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return &transientError{
			cause: fmt.Errorf("the source API answered status %d: %s", status, detail),
			after: retryAfter(response.Header.Get("Retry-After"), c.retrier.now()),
		}
	default:
		return &RejectedError{status, problemType, detail}
	}
}

// problem reads a problem document (RFC 9457), or says what the status means
// where the answer has none.
func problem(response *http.Response) (problemType, detail string) {
	var document struct{ Type, Detail string }
	body, err := io.ReadAll(io.LimitReader(response.Body, mostProblemBytes))
	if err != nil || json.Unmarshal(body, &document) != nil || document.Detail == "" {
		return document.Type, http.StatusText(response.StatusCode)
	}
	return document.Type, document.Detail
}
