package asl

import (
	"errors"
	"time"
)

// Draft of the package's functions; each moves to the file of its subject.
var errDraft = errors.New("asl: draft")

// Parse reads and checks a definition. The error is a *DefinitionError with
// everything that is wrong, or that this package does not do, each with its place.
func Parse(definition []byte) (*Machine, error) { return nil, errDraft }

// Path is a JSONPath, a variable, a path into the context object, or an intrinsic
// function, where the specification takes one.
type Path struct{ text string }

// NullPath tells whether the path is JSON null: nothing of the data is taken ({}).
func (p *Path) IsNull() bool { return false }

// String is the path as it was written.
func (p *Path) String() string { return p.text }

// Evaluate selects. A definite path that leads nowhere is a *RuntimeError
// (States.ParameterPathFailure or States.Runtime); one that can select several gives a list.
func (p *Path) Evaluate(scope Scope) (any, error) { return nil, errDraft }

// ReferencePath names one place.
type ReferencePath struct{ text string }

// IsNull tells whether the path is JSON null: the result is discarded.
func (p *ReferencePath) IsNull() bool { return false }

// Put returns document with value in the place, made where it is not there. The
// error is States.ResultPathMatchFailure.
func (p *ReferencePath) Put(document, value any) (any, error) { return nil, errDraft }

// Template is a payload template: Parameters, ResultSelector, Assign, ….
type Template struct{}

// Evaluate fills the template in.
func (t *Template) Evaluate(scope Scope) (any, error) { return nil, errDraft }

// ChoiceRule is one of a Choice state's rules.
type ChoiceRule struct {
	Next   string
	Assign *Template
}

// Matches tells whether the rule holds.
func (r *ChoiceRule) Matches(scope Scope) (bool, error) { return false, errDraft }

// Retrier is one entry of Retry, with its defaults filled in.
type Retrier struct {
	ErrorEquals     []string
	IntervalSeconds int64
	MaxAttempts     int64
	BackoffRate     float64
	MaxDelaySeconds int64 // 0 is none
	FullJitter      bool
}

// Delay is the wait before retry number attempt, from 1; random is in [0, 1).
func (r *Retrier) Delay(attempt int, random float64) time.Duration { return 0 }

// Catcher is one entry of Catch.
type Catcher struct {
	ErrorEquals []string
	ResultPath  *ReferencePath
	Assign      *Template
	Next        string
}

// MatchesError tells whether a list of error names takes an error: States.ALL does, but
// for those that cannot be caught (States.DataLimitExceeded, States.Runtime);
// States.TaskFailed takes any but States.Timeout.
func MatchesError(errorEquals []string, name string) bool { return false }
