// Package cloudformation stands in for AWS CloudFormation, for tools that find what a
// stack consists of by the stack's name. There is one stack, it is there, and it stays
// as it is: what would change it is refused.
package cloudformation

import (
	"net/http"

	"github.com/google/uuid"
)

// Service answers DescribeStacks, ListStacks, ListStackResources,
// DescribeStackResources and DescribeStackResource of the query protocol
// (smithy.io/2.0/aws/protocols/aws-query-protocol.html), and refuses the other
// operations by name.
type Service struct {
	Region    string
	AccountID string
	Stack     Stack
	// NewID makes request ids; nil means random UUIDs.
	NewID func() string
}

// operations are those that there are, with the parameters that each takes.
var operations = map[string]struct {
	parameters []string
	call       func(*Service, form) (any, error)
}{
	"DescribeStacks":         {[]string{"StackName", "NextToken"}, (*Service).describeStacks},
	"ListStacks":             {[]string{"StackStatusFilter", "NextToken"}, (*Service).listStacks},
	"ListStackResources":     {[]string{"StackName", "NextToken"}, (*Service).listStackResources},
	"DescribeStackResources": {[]string{"StackName", "LogicalResourceId", "PhysicalResourceId"}, (*Service).describeStackResources},
	"DescribeStackResource":  {[]string{"StackName", "LogicalResourceId"}, (*Service).describeStackResource},
}

// ServeHTTP answers a form that is posted to /.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	requestID := uuid.NewString
	if s.NewID != nil {
		requestID = s.NewID
	}
	answer := response{w, requestID()}
	form, err := readForm(w, r)
	if err != nil {
		answer.refuse(err)
		return
	}
	result, err := s.call(form)
	if err != nil {
		answer.refuse(err)
		return
	}
	answer.write(form.action(), result)
}

func (s *Service) call(f form) (any, error) {
	action := f.action()
	operation, known := operations[action]
	switch {
	case action == "":
		return nil, &queryError{"MissingAction", "the form has no Action"}
	case f.Get("Version") != version:
		return nil, &queryError{"InvalidAction", "Could not find operation " + action + " for version " + f.Get("Version") + "; the local CloudFormation speaks " + version}
	case !known:
		return nil, &queryError{"InvalidAction", "the local CloudFormation does not implement " + action}
	}
	if err := f.checkParameters(action, operation.parameters); err != nil {
		return nil, err
	}
	return operation.call(s, f)
}

// stackID is the stack's ARN. Its last part, random on AWS, is the same for the same
// stack whenever it is asked for.
func (s *Service) stackID() string {
	arn := "arn:aws:cloudformation:" + s.Region + ":" + s.AccountID + ":stack/" + s.Stack.Name + "/"
	return arn + uuid.NewSHA1(uuid.NameSpaceURL, []byte(arn+timestamp(s.Stack.Created))).String()
}

// isStack tells whether a request names the stack: by its name, or its ARN.
func (s *Service) isStack(name string) bool { return name == s.Stack.Name || name == s.stackID() }

// named refuses a request that does not name the stack.
func (s *Service) named(f form) error {
	name, err := f.required("StackName")
	if err != nil {
		return err
	}
	if !s.isStack(name) {
		return invalid("Stack with id %s does not exist", name)
	}
	return nil
}
