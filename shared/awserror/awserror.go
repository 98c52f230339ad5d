// Package awserror says errors of AWS APIs for people, without the SDK's chain of which
// operation it tried how often.
package awserror

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// plainError says an error for a person.
type plainError struct {
	text  string
	cause error
}

// Error is the text.
func (e *plainError) Error() string { return e.text }

// Unwrap gives the error that it says.
func (e *plainError) Unwrap() error { return e.cause }

// Say gives an error another text, and keeps it as the cause.
func Say(text string, err error) error { return &plainError{text, err} }

// Plain says an error that an operation of the SDK led to by what the service said of it
// or, where it gave no answer, by where it was sent and why none came. What was said
// around it stays, and so does any other error.
func Plain(err error) error {
	operation, ok := errors.AsType[*smithy.OperationError](err)
	if !ok {
		return err
	}
	return Say(strings.Replace(err.Error(), operation.Error(), short(operation), 1), err)
}

func short(operation *smithy.OperationError) string {
	if answer, answered := errors.AsType[smithy.APIError](operation); answered {
		return said(answer, operation)
	}
	if errors.Is(operation, context.Canceled) {
		return "interrupted"
	}
	if sent, unsent := errors.AsType[*url.Error](operation); unsent {
		return unanswered(operation, sent)
	}
	return innermost(operation).Error()
}

// unknown is the SDK's code and message where the answer has none.
const unknown = "UnknownError"

// said is the code and message of an answer. Either may be missing, as where a proxy has
// answered for the service; its status stands for them.
func said(answer smithy.APIError, operation error) string {
	code, message := answer.ErrorCode(), answer.ErrorMessage()
	response, ok := errors.AsType[*smithyhttp.ResponseError](operation)
	switch {
	case message != "" && message != unknown:
		return code + ": " + message
	case ok && response.Response != nil && response.Response.Response != nil:
		return strings.TrimPrefix(code+", ", unknown+", ") + "status " + response.Response.Status
	default:
		return code
	}
}

// unanswered tells of a request that got no answer where it was sent and why.
func unanswered(operation *smithy.OperationError, sent *url.Error) string {
	place := sent.URL
	if u, err := url.Parse(sent.URL); err == nil {
		place = u.Host
	}
	if lookup, ok := errors.AsType[*net.DNSError](sent); ok && lookup.IsNotFound {
		return operation.Service() + " does not answer: there is no host " + place + ": check the region and this machine's network"
	}
	return operation.Service() + " does not answer at " + place + ": " + sent.Err.Error()
}

// innermost takes off what the SDK wraps around each attempt.
func innermost(err error) error {
	for {
		switch err.(type) { //nolint:errorlint // the wrapping itself is taken off
		case *smithy.OperationError, *retry.MaxAttemptsError, *smithyhttp.RequestSendError, interface{ HTTPStatusCode() int }:
		default:
			return err
		}
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
