// Package awsjson serves the AWS JSON protocols 1.0 and 1.1
// (smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html): a POST to / whose
// X-Amz-Target header names service and operation.
package awsjson

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
)

// maxRequestBytes bounds a request body; DynamoDB's largest is 16 MB.
const maxRequestBytes = 16 << 20

// Service answers the operations of one X-Amz-Target prefix.
type Service interface {
	// TargetPrefix is what stands before the dot: "DynamoDB_20120810".
	TargetPrefix() string
	// Call carries out one operation. The answer is encoded as JSON; an *Error
	// reaches the client as AWS would say it, any other error as a 500.
	Call(ctx context.Context, operation string, body []byte) (any, error)
}

// Error is an error as AWS reports it.
type Error struct {
	Type    string         // "ResourceNotFoundException", without a namespace
	Message string         // for people
	Status  int            // HTTP status; 0 means 400
	Fields  map[string]any // further members of the error document, such as Item
	// QueryCode is what a service that once spoke the query protocol called the error
	// there; "" if it is no other (smithy.io/2.0/aws/protocols/aws-query-protocol.html,
	// "awsQueryCompatible").
	QueryCode string
}

// Error gives type and message.
func (e *Error) Error() string { return e.Type + ": " + e.Message }

// Errorf makes an *Error of status 400.
func Errorf(errorType, format string, args ...any) *Error {
	return &Error{Type: errorType, Message: fmt.Sprintf(format, args...)}
}

// UnknownOperation is what a service answers to an operation that it does not have.
func UnknownOperation(service, operation string) *Error {
	return Errorf("UnknownOperationException", "the local %s does not implement %s", service, operation)
}

// Decode reads a request body into a request of its operation. Members that the
// request type does not have are refused by name: an emulator that ignored them
// would answer something else than AWS. An *Error of a member's UnmarshalJSON
// passes through.
func Decode[T any](body []byte) (T, error) {
	var request T
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&request)
	if err == nil && decoder.More() {
		err = errors.New("something follows the document")
	}
	var known *Error
	var mistyped *json.UnmarshalTypeError
	switch {
	case err == nil:
		return request, nil
	case errors.As(err, &known):
		return request, known
	case errors.As(err, &mistyped):
		return request, Errorf("SerializationException", "member %s: %s cannot be converted to %s", mistyped.Field, mistyped.Value, mistyped.Type)
	}
	if member, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return request, Errorf("ValidationException", "the local service does not implement the member %s of this operation", member)
	}
	return request, Errorf("SerializationException", "%v", err)
}

// Handler serves several services at one address.
func Handler(services ...Service) http.Handler {
	byPrefix := make(map[string]Service, len(services))
	for _, service := range services {
		byPrefix[service.TargetPrefix()] = service
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		prefix, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		service, ok := byPrefix[prefix]
		if !ok {
			writeError(w, r, Errorf("UnknownOperationException", "no local service answers X-Amz-Target %q", r.Header.Get("X-Amz-Target")))
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequestBytes))
		if err != nil {
			writeError(w, r, &Error{Type: "RequestEntityTooLarge", Message: err.Error(), Status: http.StatusRequestEntityTooLarge})
			return
		}
		answer, err := service.Call(r.Context(), operation, body)
		if err != nil {
			writeError(w, r, err)
			return
		}
		write(w, r, http.StatusOK, answer)
	})
}

func writeError(w http.ResponseWriter, r *http.Request, err error) {
	var known *Error
	if !errors.As(err, &known) {
		known = &Error{Type: "InternalServerError", Message: err.Error(), Status: http.StatusInternalServerError}
	}
	document := map[string]any{"__type": known.Type, "message": known.Message}
	maps.Copy(document, known.Fields)
	status := known.Status
	if status == 0 {
		status = http.StatusBadRequest
	}
	w.Header().Set("X-Amzn-Errortype", known.Type)
	if known.QueryCode != "" {
		w.Header().Set("X-Amzn-Query-Error", known.QueryCode+";Sender")
	}
	write(w, r, status, document)
}

// An appender writes its document itself. For one that is large, that takes a third of
// the time of json.Marshal, which reads again what a MarshalJSON has written.
type appender interface {
	AppendJSON(dst []byte) ([]byte, error)
}

func marshal(document any) ([]byte, error) {
	if large, ok := document.(appender); ok {
		return large.AppendJSON(nil)
	}
	return json.Marshal(document)
}

// write answers with the checksum that DynamoDB sends and its SDKs verify.
func write(w http.ResponseWriter, r *http.Request, status int, document any) {
	body, err := marshal(document)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"__type":"InternalServerError"}`)
	}
	if document == nil {
		body = []byte("{}")
	}
	contentType := r.Header.Get("Content-Type")
	if !strings.HasPrefix(contentType, "application/x-amz-json-") {
		contentType = "application/x-amz-json-1.1"
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.Header().Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10))
	w.WriteHeader(status)
	_, _ = w.Write(body) //nolint:gosec // JSON; and where the client has gone, there is nobody to tell
}
