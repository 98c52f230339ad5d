package asl

import (
	"regexp"
	"strings"
)

// functionARN is a Lambda function's, with or without a version or an alias.
var functionARN = regexp.MustCompile(`^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[a-zA-Z0-9-_]{1,64}(:(\$LATEST|[a-zA-Z0-9-_]{1,128}))?$`)

// invokeParameters are those of lambda:invoke (Developer Guide, "Invoke an AWS Lambda
// function with Step Functions").
var invokeParameters = []string{"FunctionName", "Payload", "InvocationType", "ClientContext", "Qualifier", "LogType"}

func (p *parser) task(s *State, f *fields) {
	p.next(s, f)
	p.data(s, f)
	p.result(s, f)
	p.errors(s, f)
	s.Parameters = f.template("Parameters")
	s.Assign = f.assign()
	f.require("Resource")
	s.Resource = f.text("Resource")
	p.resource(s, f)
	f.refuse("a task runs with the permissions of the stack", "Credentials")
	p.timeouts(s, f)
}

// resource checks what the task calls.
func (p *parser) resource(s *State, f *fields) {
	_, isText := f.members["Resource"].(string)
	switch {
	case !isText:
	case s.Resource == LambdaInvoke:
		p.invocation(f)
	case functionARN.MatchString(s.Resource):
	case !strings.HasPrefix(s.Resource, "arn:"):
		p.schema(f.place("Resource"), "Value is not a valid resource ARN: %s", s.Resource)
	default:
		p.schema(f.place("Resource"), "Resource '%s' is not supported by this local Step Functions: %s and the ARN of a Lambda function are", s.Resource, LambdaInvoke)
	}
}

// invocation checks the names of lambda:invoke's parameters.
func (p *parser) invocation(f *fields) {
	parameters, ok := f.members["Parameters"].(map[string]any)
	if !ok && f.has("Parameters") {
		f.wrong("Parameters", "Object", f.members["Parameters"])
		return
	}
	inner := &fields{f.report, f.place("Parameters"), parameters, map[string]bool{}}
	for _, name := range invokeParameters {
		inner.known[name], inner.known[name+".$"] = true, true
	}
	if !inner.has("FunctionName") && !inner.has("FunctionName.$") {
		p.schema(inner.at, "The field 'FunctionName' is required but was missing")
	}
	inner.unsupported()
}

func (p *parser) timeouts(s *State, f *fields) {
	f.oneOf(false, "TimeoutSeconds", "TimeoutSecondsPath")
	f.oneOf(false, "HeartbeatSeconds", "HeartbeatSecondsPath")
	s.TimeoutSeconds = f.integer("TimeoutSeconds", 1, maxSeconds)
	s.HeartbeatSeconds = f.integer("HeartbeatSeconds", 1, maxSeconds)
	s.TimeoutSecondsPath = f.path("TimeoutSecondsPath", contextPath)
	s.HeartbeatSecondsPath = f.path("HeartbeatSecondsPath", contextPath)
	if s.TimeoutSeconds != nil && s.HeartbeatSeconds != nil && *s.HeartbeatSeconds >= *s.TimeoutSeconds {
		p.schema(f.place("HeartbeatSeconds"), "The field 'HeartbeatSeconds' must be smaller than 'TimeoutSeconds'")
	}
}
