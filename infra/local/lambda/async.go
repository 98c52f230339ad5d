package lambda

import (
	"errors"
	"net/http"
	"time"

	"delfos/infra/local/awsjson"
)

// How long Lambda goes on with an Event invocation that it cannot run for want of
// concurrency (Lambda Developer Guide, "Understanding retry behavior").
const (
	maxEventAge  = 6 * time.Hour
	firstBackoff = time.Second
	lastBackoff  = 5 * time.Minute
)

// AsyncFailure is an Event invocation that was given up.
type AsyncFailure struct {
	Function  string // its name
	RequestID string
	Payload   []byte
	Condition string   // RetriesExhausted or EventAgeExceeded, as in a destination's record
	Attempts  int      // how often the function ran
	Response  Response // of the last attempt
}

// enqueue answers at once and runs the function behind.
func (s *Service) enqueue(inv *invocation) (Response, error) {
	if !s.begin() {
		return Response{}, stopping()
	}
	go func() {
		defer s.work.Done()
		s.deliver(inv)
	}()
	return Response{StatusCode: http.StatusAccepted, RequestID: inv.id}, nil
}

// deliver runs an event until it succeeds or is given up.
func (s *Service) deliver(first *invocation) {
	end := AsyncFailure{Function: first.function.Name, RequestID: first.id, Payload: first.payload}
	began, backoff := s.options.Now(), firstBackoff
	for {
		attempt := &invocation{
			id: first.id, function: first.function, payload: first.payload, traceID: first.traceID, done: make(chan struct{}),
		}
		response, err := s.perform(attempt)
		var delay time.Duration
		switch {
		case err == nil && response.FunctionError == "":
			return
		case err == nil:
			end.Attempts++
			end.Response, end.Condition = response, "RetriesExhausted"
			if end.Attempts > *first.function.AsyncRetries {
				s.giveUp(first.function, end)
				return
			}
			delay = s.retryDelay(end.Attempts)
		case isThrottle(err):
			end.Condition = "EventAgeExceeded"
			if s.options.Now().Sub(began) >= maxEventAge {
				s.giveUp(first.function, end)
				return
			}
			delay, backoff = backoff, min(2*backoff, lastBackoff)
		default: // stopping
			s.dropped(end)
			return
		}
		select {
		case <-s.options.After(delay):
		case <-s.stopping:
			s.dropped(end)
			return
		}
	}
}

// retryDelay is the wait after so many attempts; the last one named serves for
// all beyond.
func (s *Service) retryDelay(attempts int) time.Duration {
	if len(s.options.RetryDelays) == 0 {
		return 0
	}
	return s.options.RetryDelays[min(attempts, len(s.options.RetryDelays))-1]
}

func isThrottle(err error) bool {
	var refused *awsjson.Error
	return errors.As(err, &refused) && refused.Type == "TooManyRequestsException"
}

func (s *Service) giveUp(fn *function, end AsyncFailure) {
	s.options.Logger.Error("an asynchronous invocation has failed", "function", end.Function, "request_id", end.RequestID,
		"condition", end.Condition, "attempts", end.Attempts, "error", string(end.Response.Payload))
	if s.options.OnAsyncFailure != nil {
		s.options.OnAsyncFailure(end)
	}
	if fn.OnFailureDestination != "" {
		s.sendRecord(fn, end)
	}
}

func (s *Service) dropped(end AsyncFailure) {
	s.options.Logger.Warn("an asynchronous invocation is dropped, as the local Lambda stops",
		"function", end.Function, "request_id", end.RequestID, "attempts", end.Attempts)
}
