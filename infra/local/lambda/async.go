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
	now := s.options.Now()
	err := s.accepted.add(acceptedEvent{ID: inv.id, Function: inv.function.Name, Payload: inv.payload, TraceID: inv.traceID, At: now})
	if err != nil {
		s.work.Done()
		return Response{}, err
	}
	go s.finish(inv, now)
	return Response{StatusCode: http.StatusAccepted, RequestID: inv.id}, nil
}

// Resume takes up the Event invocations that an earlier process had accepted and
// left, and tells how many. The functions must be registered: an event of one that is
// not is dropped, which is logged.
func (s *Service) Resume() int {
	resumed := 0
	for _, event := range s.accepted.all() {
		fn, err := s.lookup(event.Function, "")
		if err != nil {
			s.options.Logger.Error("an asynchronous invocation of an earlier process is dropped", "function", event.Function, "request_id", event.ID, "error", err)
			s.letGo(event.ID)
			continue
		}
		if !s.begin() {
			break
		}
		go s.finish(&invocation{id: event.ID, function: fn, payload: event.Payload, traceID: event.TraceID}, event.At)
		resumed++
	}
	return resumed
}

// finish delivers an accepted event.
func (s *Service) finish(inv *invocation, accepted time.Time) {
	defer s.work.Done()
	if s.deliver(inv, accepted) {
		s.letGo(inv.id)
	}
}

func (s *Service) letGo(id string) {
	if err := s.accepted.done(id); err != nil {
		s.options.Logger.Error("the end of an asynchronous invocation could not be written down; it may be run again at the next start", "request_id", id, "error", err)
	}
}

// deliver runs an event until it succeeds or is given up; false where Close comes
// before that.
func (s *Service) deliver(first *invocation, accepted time.Time) bool {
	end := AsyncFailure{Function: first.function.Name, RequestID: first.id, Payload: first.payload}
	backoff := firstBackoff
	for {
		attempt := &invocation{
			id: first.id, function: first.function, payload: first.payload, traceID: first.traceID, done: make(chan struct{}),
		}
		response, err := s.perform(attempt)
		var delay time.Duration
		switch {
		case err == nil && response.FunctionError == "":
			return true
		case err == nil:
			end.Attempts++
			end.Response, end.Condition = response, "RetriesExhausted"
			if end.Attempts > *first.function.AsyncRetries {
				s.giveUp(first.function, end)
				return true
			}
			delay = s.retryDelay(end.Attempts)
		case isThrottle(err):
			end.Condition = "EventAgeExceeded"
			if s.options.Now().Sub(accepted) >= maxEventAge {
				s.giveUp(first.function, end)
				return true
			}
			delay, backoff = backoff, min(2*backoff, lastBackoff)
		default: // stopping
			s.dropped(end)
			return false
		}
		select {
		case <-s.options.After(delay):
		case <-s.stopping:
			s.dropped(end)
			return false
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

// dropped tells of an event that Close has left: on disk the next process finds it.
func (s *Service) dropped(end AsyncFailure) {
	if s.options.Dir != "" {
		s.options.Logger.Info("an asynchronous invocation is left to the next start, as the local Lambda stops",
			"function", end.Function, "request_id", end.RequestID, "attempts", end.Attempts)
		return
	}
	s.options.Logger.Warn("an asynchronous invocation is dropped, as the local Lambda stops",
		"function", end.Function, "request_id", end.RequestID, "attempts", end.Attempts)
}
