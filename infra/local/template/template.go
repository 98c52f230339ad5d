// Package template reads the SAM template that describes the system, so that the
// local stack runs what AWS would, from the same file.
//
// It knows the part of CloudFormation and SAM that this system uses and refuses
// the rest by name and line: what it takes, the local stack serves. Resources and
// properties that only AWS can act on (roles, retention, alarms, …) are listed
// here and skipped.
package template

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Environment is what a template's functions are resolved against: what AWS would
// know when it creates the stack.
type Environment struct {
	// Parameters go before the template's defaults; lists are separated by commas.
	Parameters map[string]string
	Region     string // us-east-1 if empty
	AccountID  string // 000000000000 if empty
	StackName  string // delfos if empty
	// Attributes are the attributes that only the running stack knows, by
	// "LogicalId.Attribute": an HTTP API's ApiEndpoint, such as
	// "SourceApi.ApiEndpoint": "http://127.0.0.1:8000", and a queue's QueueUrl, which
	// is its Ref too. They go before computed ones.
	Attributes map[string]string
}

// Template is the system that a template describes, in the template's order and
// without the resources whose condition does not hold.
type Template struct {
	Description string
	Parameters  []Parameter

	Functions     []Function
	HTTPAPIs      []HTTPAPI
	StateMachines []StateMachine
	Schedules     []Schedule
	Rules         []Rule
	Queues        []Queue
	Tables        []Table
	Secrets       []Secret
	Outputs       []Output
	// Resources are those of the above, and the functions' log groups, by their logical ids.
	Resources []Resource
}

// Function is an AWS::Serverless::Function with the template's Globals merged in.
type Function struct {
	LogicalID string
	Name      string
	ARN       string
	// CodeURI is the folder of the main package, relative to the template's.
	CodeURI      string
	TrimPath     bool // the build's -trimpath
	Handler      string
	Runtime      string
	Architecture string        // x86_64 or arm64
	Timeout      time.Duration // 1 s to 15 minutes
	MemoryMB     int           // 128 to 10,240
	// ReservedConcurrency is nil where the account's limit alone holds.
	ReservedConcurrency *int
	AsyncRetries        int           // after a failed asynchronous invocation: 0 to 2
	MaxEventAge         time.Duration // of an asynchronous invocation: 1 minute to 6 hours
	OnFailureARN        string        // the queue for asynchronous invocations that failed for good, or empty
	Environment         map[string]string
	LogGroup            string
}

// HTTPAPI is an AWS::Serverless::HttpApi with the routes that functions' events
// give it.
type HTTPAPI struct {
	LogicalID   string
	ID          string
	Name        string
	Routes      []Route
	Authorizers []Authorizer
}

// Route sends requests to a function with payload format 2.0.
type Route struct {
	Key        string // such as "GET /data", "ANY /{proxy+}" or "$default"
	Function   string // the function's name
	Timeout    time.Duration
	Authorizer string // the name of the API's that is asked first; "" lets all pass
}

// Table is an AWS::DynamoDB::Table.
type Table struct {
	LogicalID string
	ARN       string
	Create    dynamodb.CreateTableInput
	// TimeToLive is the attribute with an item's end in Unix seconds, or empty.
	TimeToLive string
}

// Secret is an AWS::SecretsManager::Secret: one given as Text or, where Generate
// is set, one to be made up when the stack first comes up.
type Secret struct {
	LogicalID string
	Name      string
	ARN       string
	Text      string
	Generate  *Password
}

// Output is one of the stack's outputs.
type Output struct {
	Name        string
	Description string
	Value       string
}

// Load reads the template at path, and the definitions that it names, which are
// below its folder. The error joins every *Error found.
func Load(path string, environment Environment) (*Template, error) {
	source, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the template: %w", err)
	}
	return Parse(path, source, environment)
}

// Parse reads a template's source; path names it in errors, and its folder has the
// definitions of state machines.
func Parse(path string, source []byte, environment Environment) (*Template, error) {
	found := &problems{file: path}
	root := parseDocument(source, found)
	if root == nil {
		return nil, found.join()
	}
	document := readDocument(root, found)
	resolver := newResolver(document, environment.withDefaults(), found)
	resolver.checkReferences()
	resolver.checkRules()
	built := &builder{resolver: resolver, folder: filepath.Dir(path)}
	built.template.Description = document.description
	built.template.Parameters = resolver.parameterValues()
	built.resources()
	built.outputs()
	built.deployed()
	if err := found.join(); err != nil {
		return nil, err
	}
	return &built.template, nil
}

func (e Environment) withDefaults() Environment {
	if e.Region == "" {
		e.Region = "us-east-1"
	}
	if e.AccountID == "" {
		e.AccountID = "000000000000"
	}
	if e.StackName == "" {
		e.StackName = "delfos"
	}
	return e
}
