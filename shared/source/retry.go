package source

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"
)

// RetryPolicy says how often and how patiently a page is asked for. Waits have
// full jitter: evenly spread from 0 to the lesser of Cap and Base·2ⁿ ("Exponential
// Backoff And Jitter", AWS Architecture Blog), and last at least as long as a
// Retry-After says.
type RetryPolicy struct {
	Attempts       int           // in all, for each page
	Base, Cap      time.Duration // of the wait between attempts
	AttemptTimeout time.Duration // of one attempt, its body included
}

// DefaultRetryPolicy is for a caller with some minutes of time.
func DefaultRetryPolicy() RetryPolicy {
	return RetryPolicy{Attempts: 6, Base: 200 * time.Millisecond, Cap: 5 * time.Second, AttemptTimeout: 10 * time.Second}
}

// longestWait bounds what a Retry-After can ask for.
const longestWait = time.Minute

// retrier repeats what fails for a passing reason.
type retrier struct {
	policy RetryPolicy
	now    func() time.Time
	sleep  func(context.Context, time.Duration) error
	random func() float64 // in [0, 1)
	logger *slog.Logger
}

// do calls try until it succeeds or fails for good. It gives up, with an
// *UnavailableError, as soon as the next attempt would come too late.
func (r *retrier) do(ctx context.Context, try func(context.Context) error) error {
	for attempt := 1; ; attempt++ {
		err := r.once(ctx, try)
		var transient *transientError
		if !errors.As(err, &transient) {
			return err
		}
		if ctx.Err() != nil {
			return &UnavailableError{attempt, fmt.Errorf("%w: %w", ctx.Err(), transient.cause)}
		}
		if attempt >= r.policy.Attempts {
			return &UnavailableError{attempt, transient.cause}
		}
		wait := max(r.backoff(attempt), transient.after)
		if err := r.tooLong(ctx, wait); err != nil {
			return &UnavailableError{attempt, fmt.Errorf("%w (%w)", transient.cause, err)}
		}
		r.logger.WarnContext(ctx, "the source API failed; trying again",
			"attempt", attempt, "wait_ms", wait.Milliseconds(), "error", transient.cause.Error())
		if err := r.sleep(ctx, wait); err != nil {
			return &UnavailableError{attempt, fmt.Errorf("%w: %w", err, transient.cause)}
		}
	}
}

func (r *retrier) once(ctx context.Context, try func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, r.policy.AttemptTimeout)
	defer cancel()
	return try(ctx)
}

func (r *retrier) backoff(attempt int) time.Duration {
	ceiling := r.policy.Cap
	if grown := r.policy.Base << (attempt - 1); grown > 0 && grown < ceiling {
		ceiling = grown
	}
	return time.Duration(r.random() * float64(ceiling))
}

func (r *retrier) tooLong(ctx context.Context, wait time.Duration) error {
	if wait > longestWait {
		return fmt.Errorf("it asks to wait %s, more than %s", wait, longestWait)
	}
	if deadline, ok := ctx.Deadline(); ok && !r.now().Add(wait).Before(deadline) {
		return fmt.Errorf("no time for another attempt: the next is due in %s: %w", wait, context.DeadlineExceeded)
	}
	return nil
}

// sleep waits, or ends early with the context's error.
func sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// retryAfter reads a Retry-After: seconds or a date (RFC 9110, section 10.2.3);
// 0 where there is none that can be read, or its time has passed.
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(0, date.Sub(now))
	}
	return 0
}
