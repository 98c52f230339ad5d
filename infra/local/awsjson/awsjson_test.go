package awsjson_test

import (
	"context"
	"errors"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/awsjson"
)

type request struct {
	Name  string
	Limit int
	Part  struct{ Size int }
}

func TestDecodeNamesWhatItRefuses(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"Name":"a","Nom":"b"}`:    `ValidationException: the local service does not implement the member "Nom" of this operation`,
		`{"Part":{"Colour":1}}`:     `ValidationException: the local service does not implement the member "Colour" of this operation`,
		`{"Part":{"Size":"large"}}`: `SerializationException: member Part.Size: string cannot be converted to int`,
		`{"Name":"a"`:               `SerializationException: unexpected EOF`,
		`{"Name":"a"}{"Name":"b"}`:  `SerializationException: something follows the document`,
		``:                          `SerializationException: EOF`,
	} {
		if _, err := awsjson.Decode[request]([]byte(body)); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", body, err, want)
		}
	}
}

// echo answers with the name that it is given, or with an error of that name.
type echo struct{}

func (echo) TargetPrefix() string { return "Echo_20260101" }

func (echo) Call(_ context.Context, operation string, body []byte) (any, error) {
	asked, err := awsjson.Decode[request](body)
	switch {
	case err != nil:
		return nil, err
	case operation == "Nothing":
		return nil, nil
	case operation == "Fail":
		return nil, &awsjson.Error{Type: asked.Name, Message: "as asked", Status: http.StatusConflict, Fields: map[string]any{"Item": 1}}
	case operation == "Break":
		return nil, errors.New("the disk is full")
	case operation != "Echo":
		return nil, awsjson.UnknownOperation("Echo", operation)
	}
	return map[string]string{"Name": asked.Name}, nil
}

func TestHandlerAnswersInTheProtocolOfAWS(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(awsjson.Handler(echo{}))
	t.Cleanup(server.Close)
	for _, c := range []struct {
		target, body string
		status       int
		kind, want   string
	}{
		{"Echo_20260101.Echo", `{"Name":"a"}`, 200, "", `{"Name":"a"}`},
		{"Echo_20260101.Nothing", `{}`, 200, "", `{}`},
		{"Echo_20260101.Fail", `{"Name":"BusyException"}`, 409, "BusyException", `{"Item":1,"__type":"BusyException","message":"as asked"}`},
		{"Echo_20260101.Break", `{}`, 500, "InternalServerError", `{"__type":"InternalServerError","message":"the disk is full"}`},
		{"Echo_20260101.Sing", `{}`, 400, "UnknownOperationException", `{"__type":"UnknownOperationException","message":"the local Echo does not implement Sing"}`},
		{"Other.Echo", `{}`, 400, "UnknownOperationException", `{"__type":"UnknownOperationException","message":"no local service answers X-Amz-Target \"Other.Echo\""}`},
	} {
		response, body := post(t, server.URL, c.target, c.body)
		got := []any{response.StatusCode, response.Header.Get("X-Amzn-Errortype"), response.Header.Get("Content-Type"), response.Header.Get("X-Amz-Crc32"), body}
		want := []any{c.status, c.kind, "application/x-amz-json-1.0", strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(body))), 10), c.want}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s %s\n%s", c.target, c.body, diff)
		}
	}
}

func post(t *testing.T, url, target, body string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Amz-Target", target)
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }() // it has been read
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(answer)
}

func TestHandlerRefusesAnOverlongBody(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(awsjson.Handler(echo{}))
	t.Cleanup(server.Close)
	response, _ := post(t, server.URL, "Echo_20260101.Echo", strings.Repeat(" ", 16<<20+1))
	if response.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("got status %d, want 413", response.StatusCode)
	}
}
