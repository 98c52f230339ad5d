package lambda

import (
	"errors"
	"time"
)

// initTimeout is what Lambda gives a runtime to start (Lambda Developer Guide,
// "Understanding the Lambda execution environment lifecycle"). After it Lambda
// starts the runtime once more within the invocation; here it is given the
// function's timeout on top.
const initTimeout = 10 * time.Second

// status is how an invocation ended, in the words of platform.report.
type status string

const (
	statusSuccess status = "success"
	statusError   status = "error"   // the runtime reported an error
	statusFailure status = "failure" // the process ended
	statusTimeout status = "timeout"

	statusNotTaken status = "not taken" // the sandbox had died before it saw the event
	statusStopped  status = "stopped"   // by Close
)

func (s status) isError() bool {
	return s == statusError || s == statusFailure || s == statusTimeout
}

// ending is what came of one invocation in one sandbox.
type ending struct {
	status   status
	payload  []byte
	duration time.Duration
	logTail  string
	reusable bool // the runtime has asked for the next event
}

// run takes one invocation through the sandbox: start, event, answer, report.
func (sb *sandbox) run(inv *invocation, warm bool) ending {
	sb.mu.Lock()
	sb.tail = nil
	sb.mu.Unlock()
	if !warm {
		if end := sb.initialize(inv); end.status != statusSuccess {
			return end
		}
	}
	return sb.handle(inv, warm)
}

// initialize starts the process and waits until it asks for its first event.
func (sb *sandbox) initialize(inv *invocation) ending {
	began := sb.service.options.Now()
	sb.logInitStart()
	if err := sb.start(); errors.Is(err, errStopping) {
		return ending{status: statusStopped}
	} else if err != nil {
		return sb.initFailed(inv, began, statusFailure, failure(inv.id, invalidEntrypoint, "%v", err))
	}
	limit := time.NewTimer(initTimeout + sb.function.Timeout)
	defer limit.Stop()
	select {
	case <-sb.ready:
		sb.drain()
		sb.initDuration = sb.service.options.Now().Sub(began)
		return ending{status: statusSuccess}
	case <-sb.exited:
		return sb.initFailed(inv, began, statusFailure, sb.exitPayload(inv))
	case <-limit.C:
		sb.measure()
		sb.killAndWait()
		return sb.initFailed(inv, began, statusTimeout, timeoutPayload(inv, sb.function))
	case <-sb.service.stopping:
		sb.kill()
		return ending{status: statusStopped}
	}
}

// initFailed reports a runtime that did not get as far as its first event.
func (sb *sandbox) initFailed(inv *invocation, began time.Time, as status, payload []byte) ending {
	took := sb.service.options.Now().Sub(began)
	sb.logInitReport(took, as, errorTypeOf(payload))
	sb.logStart(inv)
	return sb.report(inv, ending{status: as, payload: payload})
}

// handle gives the event to the waiting runtime and waits for what it answers.
func (sb *sandbox) handle(inv *invocation, warm bool) ending {
	if warm && !sb.isWaiting() {
		return ending{status: statusNotTaken}
	}
	sb.logStart(inv)
	began := sb.service.options.Now()
	inv.deadline = began.Add(sb.function.Timeout)
	limit := time.NewTimer(sb.function.Timeout)
	defer limit.Stop()
	taken := sb.assigned
	for {
		select {
		case taken <- inv:
			taken = nil // sent once: from here on it is the runtime's
			continue
		case <-inv.done:
			return sb.conclude(inv, began, ending{status: statusSuccess, reusable: true})
		case <-sb.exited:
			if warm && taken != nil {
				return ending{status: statusNotTaken}
			}
			return sb.conclude(inv, began, ending{status: statusFailure})
		case <-limit.C:
			sb.measure()
			sb.killAndWait()
			return sb.conclude(inv, began, ending{status: statusTimeout})
		case <-sb.service.stopping:
			sb.kill()
			return ending{status: statusStopped}
		}
	}
}

// isWaiting says whether the runtime of a warm sandbox still waits for an event.
func (sb *sandbox) isWaiting() bool {
	sb.mu.Lock()
	connection := sb.connection
	sb.mu.Unlock()
	select {
	case <-sb.exited:
		return false
	default:
		return isOpen(connection)
	}
}

// conclude adds what the caller gets: what the runtime posted, however it ended
// afterwards, or else why it posted nothing.
func (sb *sandbox) conclude(inv *invocation, began time.Time, end ending) ending {
	end.duration = sb.service.options.Now().Sub(began)
	sb.mu.Lock()
	posted := inv.answer
	sb.mu.Unlock()
	switch {
	case posted != nil && posted.failed:
		end.status, end.payload = statusError, posted.payload
	case posted != nil:
		end.status, end.payload = statusSuccess, posted.payload
	case end.status == statusTimeout:
		end.payload = timeoutPayload(inv, sb.function)
	default:
		end.payload = sb.exitPayload(inv)
	}
	return sb.report(inv, end)
}

func timeoutPayload(inv *invocation, fn *function) []byte {
	return failure(inv.id, timedOut, "Task timed out after %.2f seconds", fn.Timeout.Seconds())
}

// exitPayload tells of a process that has ended without an answer.
func (sb *sandbox) exitPayload(inv *invocation) []byte {
	sb.mu.Lock()
	defer sb.mu.Unlock()
	if sb.initError != nil {
		return sb.initError
	}
	return failure(inv.id, exitError, "%s", sb.exit)
}

// killAndWait ends the process and waits until its output is read.
func (sb *sandbox) killAndWait() {
	sb.kill()
	select {
	case <-sb.exited:
	case <-time.After(stopTimeout): // it hangs in the kernel; the caller need not
	}
}

// report closes the invocation's log.
func (sb *sandbox) report(inv *invocation, end ending) ending {
	sb.drain()
	sb.measure()
	sb.logReport(inv, end)
	if inv.logTail {
		sb.mu.Lock()
		end.logTail = string(sb.tail)
		sb.mu.Unlock()
	}
	return end
}
