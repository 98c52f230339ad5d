package asl

import (
	"math"
	"slices"
	"time"
)

// Retrier is one entry of Retry, with its defaults filled in.
type Retrier struct {
	ErrorEquals     []string
	IntervalSeconds int64
	MaxAttempts     int64
	BackoffRate     float64
	MaxDelaySeconds int64 // 0 is none
	FullJitter      bool
}

// longestDelay keeps a delay without MaxDelaySeconds within what a Duration can say.
const longestDelay = 99_999_999 * time.Second

// Delay is the wait before retry number attempt, from 1; random is in [0, 1). It is the
// interval times the backoff rate for each retry before, at most MaxDelaySeconds; with
// full jitter, a random part of that (specification, "Retrying after error").
func (r *Retrier) Delay(attempt int, random float64) time.Duration {
	seconds := float64(r.IntervalSeconds) * math.Pow(r.BackoffRate, float64(attempt-1))
	if r.MaxDelaySeconds > 0 {
		seconds = min(seconds, float64(r.MaxDelaySeconds))
	}
	seconds = min(seconds, longestDelay.Seconds())
	if r.FullJitter {
		seconds *= random
	}
	return time.Duration(seconds * float64(time.Second))
}

// Catcher is one entry of Catch.
type Catcher struct {
	ErrorEquals []string
	ResultPath  *ReferencePath
	Assign      *Template
	Next        string
}

// MatchesError tells whether a list of error names takes an error. None takes
// States.Runtime, which always fails the execution; States.DataLimitExceeded is taken by
// its own name alone. States.ALL takes all others, States.TaskFailed all but
// States.Timeout, and States.Timeout a missing heartbeat too (Developer Guide, "Handling
// errors in Step Functions workflows").
func MatchesError(errorEquals []string, name string) bool {
	if name == ErrorRuntime {
		return false
	}
	return slices.ContainsFunc(errorEquals, func(want string) bool {
		switch want {
		case name:
			return true
		case ErrorAll:
			return name != ErrorDataLimitExceeded
		case ErrorTaskFailed:
			return name != ErrorTimeout && name != ErrorHeartbeatTimeout && name != ErrorDataLimitExceeded
		case ErrorTimeout:
			return name == ErrorHeartbeatTimeout
		default:
			return false
		}
	})
}
