// Package asl is the Amazon States Language with JSONPath
// (states-language.net/spec.html): it reads and checks definitions, and evaluates
// what stands in them. It runs nothing; package stepfunctions does.
//
// JSON values are nil, bool, string, json.Number, []any and map[string]any, as
// encoding/json decodes them with UseNumber, and are never changed in place.
package asl

import "strings"

// Machine is a state machine, or the states within a Map or a branch of Parallel.
type Machine struct {
	Comment        string
	StartAt        string
	States         map[string]*State
	TimeoutSeconds int // of the whole execution, at the top level only; 0 is none
}

// StateType is a state's Type.
type StateType string

// The eight types.
const (
	Task     StateType = "Task"
	Pass     StateType = "Pass"
	Choice   StateType = "Choice"
	Wait     StateType = "Wait"
	Succeed  StateType = "Succeed"
	Fail     StateType = "Fail"
	Parallel StateType = "Parallel"
	Map      StateType = "Map"
)

// State is one state. Fields that its type does not have are zero.
type State struct {
	Name    string
	Type    StateType
	Comment string
	Next    string // "" where End, and for Choice, Succeed and Fail
	End     bool

	// What happens to data on its way through (specification, "Input and Output
	// Processing"). A nil path is the default, "$"; NullPath is JSON null.
	InputPath, OutputPath *Path
	ResultPath            *ReferencePath
	Parameters            *Template // nil is none; of a Map, the old spelling of ItemSelector
	ResultSelector        *Template
	Assign                *Template // variables to set where the state succeeds

	Retry []Retrier
	Catch []Catcher

	Result    any // of Pass; HasResult tells null from none
	HasResult bool

	Choices []ChoiceRule
	Default string

	Seconds       *int64 // of Wait, exactly one of the four
	SecondsPath   *Path
	Timestamp     string // RFC 3339
	TimestampPath *Path

	Error, Cause         string
	ErrorPath, CausePath *Path // a path or an intrinsic function

	Resource string // of Task: LambdaInvoke, or a Lambda function's ARN

	TimeoutSeconds, HeartbeatSeconds         *int64
	TimeoutSecondsPath, HeartbeatSecondsPath *Path

	Branches []*Machine // of Parallel

	// Of Map.
	Processor    *Machine // ItemProcessor, or the old Iterator
	Distributed  bool     // ItemProcessor.ProcessorConfig.Mode
	Label        string
	ItemsPath    *Path
	ItemSelector *Template // ItemSelector, or Parameters of old

	MaxConcurrency     *int64
	MaxConcurrencyPath *Path

	ToleratedFailureCount          *int64
	ToleratedFailureCountPath      *Path
	ToleratedFailurePercentage     *float64
	ToleratedFailurePercentagePath *Path

	Batcher *Batcher
}

// LambdaInvoke is the resource of the optimized Lambda integration.
const LambdaInvoke = "arn:aws:states:::lambda:invoke"

// Batcher is a Map's ItemBatcher.
type Batcher struct {
	BatchInput                 *Template
	MaxItems, MaxInputBytes    *int64
	MaxItemsPath, MaxBytesPath *Path
}

// Problem is one thing that is wrong with a definition.
type Problem struct {
	Location string // as Step Functions writes it: "/States/Plan/Retry[0]/ErrorEquals"; "" is none
	Code     string // of ValidateStateMachineDefinition: "SCHEMA_VALIDATION_FAILED", "MISSING_TRANSITION_TARGET", …
	Message  string
}

// DefinitionError is all that is wrong with a definition.
type DefinitionError struct{ Problems []Problem }

// Error gives every problem with its place, as Step Functions writes them.
func (e *DefinitionError) Error() string {
	said := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		said[i] = p.Code + ": " + p.Message
		if p.Location != "" {
			said[i] += " at " + p.Location
		}
	}
	return strings.Join(said, "; ")
}

// RuntimeError is an error with one of the names of the specification,
// "Appendix A", that a state ends with; Catch and Retry see its Name.
type RuntimeError struct {
	Name  string // "States.ParameterPathFailure"
	Cause string
}

// Error gives name and cause.
func (e *RuntimeError) Error() string { return e.Name + ": " + e.Cause }

// The errors' names.
const (
	ErrorAll                     = "States.ALL"
	ErrorBranchFailed            = "States.BranchFailed"
	ErrorDataLimitExceeded       = "States.DataLimitExceeded"
	ErrorExceedToleratedFailures = "States.ExceedToleratedFailureThreshold"
	ErrorHeartbeatTimeout        = "States.HeartbeatTimeout"
	ErrorIntrinsicFailure        = "States.IntrinsicFailure"
	ErrorItemReaderFailed        = "States.ItemReaderFailed"
	ErrorNoChoiceMatched         = "States.NoChoiceMatched"
	ErrorParameterPathFailure    = "States.ParameterPathFailure"
	ErrorPermissions             = "States.Permissions"
	ErrorResultPathMatchFailure  = "States.ResultPathMatchFailure"
	ErrorRuntime                 = "States.Runtime"
	ErrorTaskFailed              = "States.TaskFailed"
	ErrorTimeout                 = "States.Timeout"
)

// Scope is what paths, templates and rules are evaluated against.
type Scope struct {
	Input     any            // "$"
	Context   map[string]any // "$$"
	Variables map[string]any // "$name"
	Random    func() float64 // in [0, 1); for States.MathRandom
	NewUUID   func() string  // for States.UUID
}
