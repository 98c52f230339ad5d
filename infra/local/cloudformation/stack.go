package cloudformation

import "time"

// Stack is the one stack that there is.
type Stack struct {
	Name        string
	Description string
	// Created is when the stack was first started; it also tells it from a stack of the
	// same name before.
	Created    time.Time
	Parameters []Parameter
	Outputs    []Output
	Resources  []Resource // in the order in which they are shown
}

// Parameter is one of the stack's parameters, as it was given or by its default.
type Parameter struct {
	Key    string
	Value  string
	NoEcho bool // shown as asterisks
}

// Output is one of the stack's outputs.
type Output struct {
	Key         string
	Value       string
	Description string
}

// Resource is one of the stack's resources.
type Resource struct {
	LogicalID  string
	PhysicalID string
	Type       string // CloudFormation's, not SAM's: AWS::Lambda::Function
}

// masked is what CloudFormation shows of a parameter with NoEcho (User Guide,
// "Parameters").
const masked = "****"
