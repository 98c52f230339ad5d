package command

import (
	"context"
	"errors"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/smithy-go"

	"delfos/shared/pipeline"
)

// Error codes by which AWS services refuse whoever asks (each API's reference, "Common
// error types").
var (
	notAllowed = []string{"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"}
	expired    = []string{"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
	notKnown   = []string{
		"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "AuthFailure", "MissingAuthenticationToken",
		"SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature", "IncompleteSignatureException",
	}
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

// plainly says an error of an AWS API without the SDK's own words and, where the
// credentials or their permissions are at fault, what to do. Other errors stay.
func plainly(err error) error {
	operation, ok := errors.AsType[*smithy.OperationError](err)
	if !ok {
		return err
	}
	answer, answered := errors.AsType[smithy.APIError](operation)
	if answered {
		if text := refusal(answer); text != "" {
			return &plainError{text, err}
		}
	}
	text := err.Error()
	if refused, ok := errors.AsType[*pipeline.RefusedError](err); ok { // whose advice is the console's
		text = refused.What + " refused: " + refused.Cause.Error() + ": check that the stack is whole"
	}
	short := operation.Err.Error()
	_, unsent := errors.AsType[*url.Error](operation)
	switch {
	case answered:
		short = answer.ErrorCode() + ": " + answer.ErrorMessage()
	case errors.Is(operation, context.Canceled):
		short = "interrupted"
	case unsent:
		short = unanswered(operation)
	}
	return &plainError{strings.Replace(text, operation.Error(), short, 1), err}
}

// refusal says what to do where AWS refuses whoever asks; "" where it is another error.
func refusal(err smithy.APIError) string {
	switch code := err.ErrorCode(); {
	case slices.Contains(notAllowed, code):
		return "AWS does not allow it: " + err.ErrorMessage() + ": ask for the permission, or use other credentials"
	case slices.Contains(expired, code):
		return "the AWS credentials have expired (" + err.ErrorMessage() + "): sign in again, or check this machine's clock"
	case slices.Contains(notKnown, code):
		return "AWS does not know the credentials (" + code + ": " + err.ErrorMessage() + "): check the keys, the profile and the region"
	default:
		return ""
	}
}

// unanswered tells of a request that got no answer where it was sent and why.
func unanswered(err *smithy.OperationError) string {
	sent, _ := errors.AsType[*url.Error](err)
	place := sent.URL
	if u, err := url.Parse(sent.URL); err == nil {
		place = u.Host
	}
	if lookup, ok := errors.AsType[*net.DNSError](err); ok && lookup.IsNotFound {
		return err.Service() + " does not answer: there is no host " + place + ": check the region and this machine's network"
	}
	return err.Service() + " does not answer at " + place + ": " + sent.Err.Error()
}
