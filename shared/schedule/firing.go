package schedule

import "time"

// Outcome is how a firing of a schedule ended.
type Outcome string

// The outcomes.
const (
	Started      Outcome = "started"       // the target's API has accepted it
	DeadLettered Outcome = "dead-lettered" // it was refused until the retries ran out, and is in the dead-letter queue
	Failed       Outcome = "failed"        // as DeadLettered, without a queue that took it
	Missed       Outcome = "missed"        // the stack was down, or the machine asleep
	Dropped      Outcome = "dropped"       // the stack stopped, or the schedule was deleted or disabled, before it was accepted
)

// Firing is a tick that there was, as a history of ticks has it: EventBridge Scheduler
// keeps none, the local stack writes one to the logs.
type Firing struct {
	Schedule      string    `json:"schedule"`
	ScheduledTime time.Time `json:"scheduled_time"` // of the last one, where several were missed
	FiredAt       time.Time `json:"fired_at"`       // when the outcome was known
	Target        string    `json:"target"`         // an ARN
	Outcome       Outcome   `json:"outcome"`
	ExecutionID   string    `json:"execution_id,omitempty"` // Scheduler's
	Attempts      int       `json:"attempts,omitempty"`
	// Started is the request id of the function's invocation, the ARN of the execution
	// or the id of the message.
	Started string `json:"started,omitempty"`
	Error   string `json:"error,omitempty"`  // of the last attempt
	Missed  int    `json:"missed,omitempty"` // how many were, 100,000 at most
}
