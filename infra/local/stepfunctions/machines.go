package stepfunctions

import (
	"bytes"
	"encoding/json"
	"regexp"

	"delfos/infra/local/stepfunctions/asl"
	"delfos/infra/local/stepfunctions/history"
)

// maxDefinitionBytes bounds a definition (API Reference, CreateStateMachine).
const maxDefinitionBytes = 1 << 20

// configuration is what of a state machine's settings there is here: that they are off.
type configuration struct {
	Logging *struct {
		Level                string `json:"level"`
		IncludeExecutionData bool   `json:"includeExecutionData"`
		Destinations         []any  `json:"destinations"`
	} `json:"loggingConfiguration"`
	Tracing *struct {
		Enabled bool `json:"enabled"`
	} `json:"tracingConfiguration"`
	Encryption *struct {
		Type string `json:"type"`
	} `json:"encryptionConfiguration"`
	Publish            bool   `json:"publish"`
	VersionDescription string `json:"versionDescription"`
}

func (c configuration) check() error {
	switch {
	case c.Logging != nil && c.Logging.Level != "" && c.Logging.Level != "OFF":
		return apiError("InvalidLoggingConfiguration", "the local Step Functions writes no logs: want level OFF in loggingConfiguration; the history has it all")
	case c.Tracing != nil && c.Tracing.Enabled:
		return apiError("InvalidTracingConfiguration", "the local Step Functions does not trace: want enabled false in tracingConfiguration")
	case c.Encryption != nil && c.Encryption.Type != "AWS_OWNED_KEY":
		return apiError("InvalidEncryptionConfiguration", "the local Step Functions has no keys: want type AWS_OWNED_KEY in encryptionConfiguration")
	case c.Publish || c.VersionDescription != "":
		return invalid("the local Step Functions has no versions: leave publish and versionDescription out")
	}
	return nil
}

type createRequest struct {
	Name       string `json:"name"`
	Definition string `json:"definition"`
	Role       string `json:"roleArn"`
	Type       string `json:"type"`
	Tags       []tag  `json:"tags"`
	configuration
}

type createAnswer struct {
	StateMachineARN string      `json:"stateMachineArn"`
	CreationDate    json.Number `json:"creationDate"`
}

var roleARN = regexp.MustCompile(`^arn:[^:]+:iam::[0-9]*:role/.+$`)

func checkRole(role string) error {
	if !roleARN.MatchString(role) {
		return apiError("InvalidArn", "Invalid Role Arn: '%s'", role)
	}
	return nil
}

func checkDefinition(definition string) error {
	if len(definition) > maxDefinitionBytes {
		return apiError("InvalidDefinition", "Invalid State Machine Definition: it has %d bytes; the limit is %d", len(definition), maxDefinitionBytes)
	}
	if _, err := asl.Parse([]byte(definition)); err != nil {
		return apiError("InvalidDefinition", "Invalid State Machine Definition: '%v'", err)
	}
	return nil
}

func (s *Service) createStateMachine(request createRequest) (*createAnswer, error) {
	err := checkName(request.Name)
	if err == nil && request.Type != "" && request.Type != "STANDARD" {
		err = apiError("StateMachineTypeNotSupported", "State Machine type is not supported: '%s'; the local Step Functions has STANDARD alone", request.Type)
	}
	if err == nil {
		err = checkRole(request.Role)
	}
	if err == nil {
		err = request.check()
	}
	if err == nil {
		err = checkDefinition(request.Definition)
	}
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.now()
	made := &machine{
		ARN: s.arn("stateMachine", request.Name), Name: request.Name, Definition: request.Definition,
		Role: request.Role, Created: at, Updated: at, Tags: request.Tags,
	}
	switch there := s.machines[made.ARN]; {
	case s.closed:
		return nil, errClosed()
	case there == nil:
		if err := s.saveLocked(catalogRecord{Machine: made}); err != nil {
			return nil, err
		}
		s.machines[made.ARN] = made
	case there.Deleting:
		return nil, apiError("StateMachineDeleting", "State Machine is being deleted: '%s'", made.ARN)
	case !sameJSON(there.Definition, made.Definition) || there.Role != made.Role:
		return nil, apiError("StateMachineAlreadyExists", "State Machine Already Exists: '%s'", made.ARN)
	default:
		made = there
	}
	return &createAnswer{made.ARN, history.Seconds(made.Created)}, nil
}

func sameJSON(a, b string) bool {
	var x, y bytes.Buffer
	return json.Compact(&x, []byte(a)) == nil && json.Compact(&y, []byte(b)) == nil && bytes.Equal(x.Bytes(), y.Bytes())
}
