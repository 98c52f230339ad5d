// Package machine draws up a state machine for those who look at it: its states and
// the ways between them, and how each state stands by an execution's history.
package machine

import "time"

// Graph is a state machine's definition as a graph.
type Graph struct {
	Comment string
	StartAt string
	Nodes   []Node // reachable ones in the order in which they are reached, then the others
	Edges   []Edge
}

// Node is a state.
type Node struct {
	Name     string
	Type     string // "Task", "Choice", "Map", "Pass", "Succeed", "Fail", "Wait", "Parallel"
	Comment  string
	Resource string // of a Task: what it calls, in short: "lambda:invoke EtlFunction"
	End      bool   // the execution ends after it
	Retries  bool   // some errors are tried again
	Inner    *Graph // of a Map: what is done with each item; nil otherwise
}

// Edge is a way from one state to another.
type Edge struct {
	From, To string
	Kind     EdgeKind
	Label    string // of a Choice, the condition in short
}

// EdgeKind is when a way is taken.
type EdgeKind string

// The kinds of ways.
const (
	Next    EdgeKind = "next"
	Choice  EdgeKind = "choice"
	Default EdgeKind = "default" // where no choice applies
	Catch   EdgeKind = "catch"   // on an error
)

// Standing is how a state stands.
type Standing string

// The standings. A state that was never entered has none.
const (
	Running   Standing = "running"
	Succeeded Standing = "succeeded"
	Failed    Standing = "failed"
	Cancelled Standing = "cancelled" // the execution was stopped in it
)

// State is how a state stands by the history of an execution, and what it did.
type State struct {
	Name      string
	Standing  Standing  // of the last time
	Entered   int       // how often it was
	Failures  int       // how often it failed for good
	Retries   int       // how often its task was tried again
	EnteredAt time.Time // the last time
	EndedAt   time.Time // the last time; zero while it runs
	Error     string    // of the last failure of the last time; also of a try that is made again
	Cause     string
}

// Took is how long the last time took, or has taken until the instant now.
func (s State) Took(now time.Time) time.Duration {
	if !s.EndedAt.IsZero() {
		now = s.EndedAt
	}
	return max(0, now.Sub(s.EnteredAt))
}
