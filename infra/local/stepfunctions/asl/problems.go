package asl

import "fmt"

// The codes of problems, as ValidateStateMachineDefinition gives them.
const (
	codeInvalidJSON          = "INVALID_JSON_DESCRIPTION"
	codeSchema               = "SCHEMA_VALIDATION_FAILED"
	codeTarget               = "MISSING_TRANSITION_TARGET"
	codeNoEnd                = "MISSING_END_STATE"
	codeDuplicateState       = "DUPLICATE_STATE_NAME"
	rootPlace                = "/"
	maxStateName             = 80
	maxDefinition            = 1 << 20 // bytes, as CreateStateMachine's parameter
	maxSeconds         int64 = 99_999_999
)

// report gathers the problems of a definition.
type report struct{ problems []Problem }

func (r *report) add(code, place, format string, arguments ...any) {
	r.problems = append(r.problems, Problem{Location: place, Code: code, Message: fmt.Sprintf(format, arguments...)})
}

// schema reports a rule about a field that is broken.
func (r *report) schema(place, format string, arguments ...any) {
	r.add(codeSchema, place, format, arguments...)
}

// err is all of it, or nil.
func (r *report) err() error {
	if len(r.problems) == 0 {
		return nil
	}
	return &DefinitionError{r.problems}
}
