package source

import (
	"fmt"
	"time"
)

// UnauthorizedError says that the API refused the token: with status 401 or, where an
// authorizer stands before it, 403. Trying again does not help: where the token can be
// read anew, that has been done.
type UnauthorizedError struct {
	Status int
	Detail string // what the API said
	Anew   string // what came of reading the token anew; empty where it does not change
}

// Error says what to do about it.
func (e *UnauthorizedError) Error() string {
	said := e.Detail
	if e.Anew != "" {
		said += "; " + e.Anew
	}
	return fmt.Sprintf("the source API refused the token (status %d: %s): check the secret that the token is read from; it has to be the API's own",
		e.Status, said)
}

// RejectedError says that the API will not answer this request, whenever it is
// sent: what was asked, or the address that it was sent to, is wrong.
type RejectedError struct {
	Status int
	Type   string // the problem's type (RFC 9457), empty where the answer had none
	Detail string // what the API said
}

// Error says what the API said.
func (e *RejectedError) Error() string {
	return fmt.Sprintf("the source API rejected the request (status %d: %s): trying again will not help; "+
		"check the request, and that the address is the source API's", e.Status, e.Detail)
}

// UnavailableError says that the API could not be read within the attempts or the
// time that there were. Trying again later can help.
type UnavailableError struct {
	Attempts int
	Last     error // why the last attempt failed, or why there was no further one
}

// Error says how often it was tried and what came of it.
func (e *UnavailableError) Error() string {
	return fmt.Sprintf("the source API is not available, after %d attempts (is it running, and its database?); the last: %v",
		e.Attempts, e.Last)
}

// Unwrap gives the last cause.
func (e *UnavailableError) Unwrap() error { return e.Last }

// InvalidDataError says that the API answered what its contract rules out.
// Trying again does not help.
type InvalidDataError struct {
	Page   int // counted from 1
	Reason string
}

// Error says what is wrong, and where.
func (e *InvalidDataError) Error() string {
	return fmt.Sprintf("the source API sent invalid data on page %d: %s; the source or its API needs repair", e.Page, e.Reason)
}

// ChangedError says that the window's content changed while its pages were read.
// Reading it from the start can help.
type ChangedError struct {
	Announced, Read Fingerprint // what the first page said, and what the rows add up to
}

// Error says what to do about it.
func (e *ChangedError) Error() string {
	return fmt.Sprintf("the source changed while it was read (fingerprint %s at the start, %s in the end): read it again from the start",
		e.Announced, e.Read)
}

// transientError is a failed attempt that another attempt may mend.
type transientError struct {
	cause error
	after time.Duration // the least time to wait, by the API's word
}

func (e *transientError) Error() string { return e.cause.Error() }
func (e *transientError) Unwrap() error { return e.cause }
