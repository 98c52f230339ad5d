package backfill

import (
	"context"
	"errors"
	"fmt"

	"delfos/shared/source"
	"delfos/shared/status"
)

// failure is what all the errors hold: a sentence for a person, and the cause.
type failure struct {
	message string
	cause   error
}

// Error is a sentence for a person.
func (f *failure) Error() string { return f.message }

// Unwrap gives the cause; nil where there is none.
func (f *failure) Unwrap() error { return f.cause }

// The errors of the backfill functions. The Go type's name is the Lambda error type
// (Lambda Developer Guide, "Error handling with Go"), so it is a contract: the
// state machine's Retry names these types.
type (
	// InvalidRequest says that the request asks for nothing that can be planned. To
	// try again does not help.
	InvalidRequest struct{ failure }

	// PlanChanged says that the plan is another than the one that was shown. To try
	// again does not help.
	PlanChanged struct{ failure }

	// InvalidEvent says that a function was called with what it does not take. To
	// try again does not help.
	InvalidEvent struct{ failure }

	// SourceUnavailable says that the source API did not answer, or not in time. It
	// passes by itself.
	SourceUnavailable struct{ failure }

	// SourceRejected says that the source API refused the request or the token, or
	// broke its contract. To try again does not help.
	SourceRejected struct{ failure }

	// StatusUnavailable says that the status could not be read or written. It passes
	// by itself.
	StatusUnavailable struct{ failure }

	// InternalFailure says that something failed that no other type names.
	InternalFailure struct{ failure }
)

func invalidRequest(cause error) error {
	return &InvalidRequest{failure{fmt.Sprintf(
		`the request cannot be planned: %v; want, for instance, {} for all that is missing, or {"from":"2026-02-20","to":"2026-03-01","select":"missing"}`,
		cause), cause}}
}

// NewInvalidEvent says what is wrong with a function's event.
func NewInvalidEvent(cause error) error {
	return &InvalidEvent{failure{fmt.Sprintf("the event cannot be handled: %v", cause), cause}}
}

func planChanged(shown string, now Plan) error {
	return &PlanChanged{failure{message: fmt.Sprintf(
		"the plan is not the one that was shown (its hash was %s; now it is %s, with %d partitions): the state has changed since; look at the plan again, and start that",
		shown, now.Hash, len(now.Partitions))}}
}

// foundIsKept is why another try is worth while.
const foundIsKept = "; days that were found stale are recorded, so that another try has fewer to ask about"

// Convert gives any error of a backfill function the type that is the contract with
// the state machine.
func Convert(err error) error {
	var (
		statusAway   *status.UnavailableError
		sourceAway   *source.UnavailableError
		unauthorized *source.UnauthorizedError
		rejected     *source.RejectedError
		invalid      *source.InvalidDataError
	)
	switch {
	case err == nil || isOurs(err):
		return err
	case errors.As(err, &statusAway):
		return &StatusUnavailable{failure{err.Error(), err}}
	case errors.As(err, &sourceAway):
		return &SourceUnavailable{failure{err.Error() + foundIsKept, err}}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return &SourceUnavailable{failure{"the source could not be asked about every day in the time that there was: " + err.Error() + foundIsKept, err}}
	case errors.As(err, &unauthorized), errors.As(err, &rejected), errors.As(err, &invalid):
		return &SourceRejected{failure{err.Error(), err}}
	default:
		return &InternalFailure{failure{err.Error(), err}}
	}
}

// isOurs tells whether the error's own type, which Lambda reports, is of this
// package.
func isOurs(err error) bool {
	switch err.(type) { //nolint:errorlint // the type itself counts, not what it wraps
	case *InvalidRequest, *PlanChanged, *InvalidEvent, *SourceUnavailable, *SourceRejected, *StatusUnavailable, *InternalFailure:
		return true
	default:
		return false
	}
}
