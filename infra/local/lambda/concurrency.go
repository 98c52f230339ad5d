package lambda

import (
	"crypto/rand"
	"slices"
	"time"
)

// acquire takes the most recently used idle sandbox of a function, or makes a
// new one where the limits allow it.
func (s *Service) acquire(fn *function) (sb *sandbox, warm bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, false, stopping()
	}
	if fn.replaced {
		fn = s.functions[fn.Name]
	}
	if err := s.admitLocked(fn); err != nil {
		fn.stats.Throttles++
		return nil, false, err
	}
	fn.stats.Busy++
	fn.stats.Invocations++
	fn.stats.LastInvoked = s.options.Now()
	if fn.ReservedConcurrency == nil {
		s.shared++
	}
	if last := len(fn.idle) - 1; last >= 0 {
		sb, fn.idle = fn.idle[last], fn.idle[:last]
		sb.reaper.Stop()
		return sb, true, nil
	}
	sb = s.newSandbox(fn)
	s.sandboxes[sb.token] = sb
	fn.stats.Sandboxes++
	return sb, false, nil
}

// admitLocked holds the limits of "Understanding Lambda function scaling" in the
// Lambda Developer Guide.
func (s *Service) admitLocked(fn *function) error {
	if fn.ReservedConcurrency != nil {
		if fn.stats.Busy >= *fn.ReservedConcurrency {
			return throttled("ReservedFunctionConcurrentInvocationLimitExceeded")
		}
		return nil
	}
	if s.shared >= s.options.MaxConcurrency-s.reservedLocked("") {
		return throttled("ConcurrentInvocationLimitExceeded")
	}
	return nil
}

// release gives a sandbox back after an invocation.
func (s *Service) release(sb *sandbox, end ending) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fn := sb.function
	fn.stats.Busy--
	if fn.ReservedConcurrency == nil {
		s.shared--
	}
	if end.status == statusNotTaken {
		fn.stats.Invocations--
	} else {
		fn.stats.LastDuration = end.duration
		if end.status.isError() {
			fn.stats.Errors++
		}
	}
	switch {
	case s.sandboxes[sb.token] == nil: // its process has ended
	case s.closed || fn.replaced || !end.reusable:
		sb.kill()
	default:
		fn.idle = append(fn.idle, sb)
		sb.reaper = time.AfterFunc(s.options.IdleTimeout, func() { s.reap(sb) })
	}
}

// reap stops a sandbox that is still idle.
func (s *Service) reap(sb *sandbox) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at := slices.Index(sb.function.idle, sb); at >= 0 {
		sb.function.idle = slices.Delete(sb.function.idle, at, at+1)
		sb.kill()
	}
}

// forget drops a sandbox whose process has ended.
func (s *Service) forget(sb *sandbox) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fn := sb.function
	if s.sandboxes[sb.token] == nil {
		return
	}
	delete(s.sandboxes, sb.token)
	fn.stats.Sandboxes--
	fn.idle = slices.DeleteFunc(fn.idle, func(one *sandbox) bool { return one == sb })
	if sb.reaper != nil {
		sb.reaper.Stop()
	}
}

// newToken makes what tells one sandbox's requests from another's: a process
// cannot guess its neighbour's.
func newToken() string { return rand.Text() }
