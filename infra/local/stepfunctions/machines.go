package stepfunctions

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"

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
		ARN: s.arn("stateMachine", request.Name), Name: request.Name, Definition: json.RawMessage(request.Definition),
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

func sameJSON(a, b []byte) bool {
	var x, y bytes.Buffer
	return json.Compact(&x, a) == nil && json.Compact(&y, b) == nil && bytes.Equal(x.Bytes(), y.Bytes())
}

type updateRequest struct {
	StateMachineARN string  `json:"stateMachineArn"`
	Definition      *string `json:"definition"`
	Role            *string `json:"roleArn"`
	configuration
}

type updateAnswer struct {
	UpdateDate json.Number `json:"updateDate"`
	RevisionID string      `json:"revisionId"`
}

func (s *Service) updateStateMachine(request updateRequest) (*updateAnswer, error) {
	if request.Definition == nil && request.Role == nil && request.Logging == nil && request.Tracing == nil && request.Encryption == nil {
		return nil, apiError("MissingRequiredParameter", "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified")
	}
	if err := request.check(); err != nil {
		return nil, err
	}
	if request.Definition != nil {
		if err := checkDefinition(*request.Definition); err != nil {
			return nil, err
		}
	}
	if request.Role != nil {
		if err := checkRole(*request.Role); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.machineLocked(request.StateMachineARN)
	if err != nil {
		return nil, err
	}
	if found.Deleting {
		return nil, apiError("StateMachineDeleting", "State Machine is being deleted: '%s'", found.ARN)
	}
	changed := *found
	if request.Definition != nil {
		changed.Definition = json.RawMessage(*request.Definition)
	}
	if request.Role != nil {
		changed.Role = *request.Role
	}
	changed.Updated, changed.Revision = s.now(), s.options.NewID()
	if err := s.saveLocked(catalogRecord{Machine: &changed}); err != nil {
		return nil, err
	}
	s.machines[changed.ARN] = &changed
	return &updateAnswer{history.Seconds(changed.Updated), changed.Revision}, nil
}

// machineLocked finds a state machine; s.mu is held.
func (s *Service) machineLocked(arn string) (*machine, error) {
	parsed, elsewhere, err := s.parseARN(arn, "stateMachine")
	if err != nil {
		return nil, err
	}
	if parsed.label != "" {
		return nil, invalid("API does not support labeled ARNs: '%s'", arn)
	}
	found := s.machines[arn]
	if found == nil || elsewhere {
		return nil, noMachine(arn)
	}
	return found, nil
}

type machineRequest struct {
	StateMachineARN string `json:"stateMachineArn"`
	IncludedData    string `json:"includedData"`
}

func (s *Service) describeStateMachine(request machineRequest) (map[string]any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.machineLocked(request.StateMachineARN)
	if err != nil {
		return nil, err
	}
	answer := describeDefinition(found.Definition, found.Role, found.Name, found.ARN, found.Revision, request.IncludedData)
	answer["creationDate"] = history.Seconds(found.Created)
	answer["type"], answer["status"] = "STANDARD", "ACTIVE"
	if found.Deleting {
		answer["status"] = "DELETING"
	}
	return answer, nil
}

// describeDefinition is what descriptions of state machines and of executions'
// state machines share.
func describeDefinition(definition json.RawMessage, role, name, arn, revision, included string) map[string]any {
	answer := map[string]any{
		"definition": string(definition), "roleArn": role, "name": name, "stateMachineArn": arn,
		"loggingConfiguration":    map[string]any{"level": "OFF", "includeExecutionData": false},
		"tracingConfiguration":    map[string]any{"enabled": false},
		"encryptionConfiguration": map[string]any{"type": "AWS_OWNED_KEY"},
	}
	if included == "METADATA_ONLY" {
		answer["definition"] = "{}"
	}
	if revision != "" {
		answer["revisionId"] = revision
	}
	return answer
}

type deleteRequest struct {
	StateMachineARN string `json:"stateMachineArn"`
}

// deleteStateMachine removes a state machine with its executions, at once where
// none runs, else when the last one ends. One that is not there is no error.
func (s *Service) deleteStateMachine(request deleteRequest) (struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.machineLocked(request.StateMachineARN)
	if err != nil {
		if _, _, invalidARN := s.parseARN(request.StateMachineARN, "stateMachine"); invalidARN == nil {
			err = nil
		}
		return struct{}{}, err
	}
	deleting := *found
	deleting.Deleting = true
	if err := s.saveLocked(catalogRecord{Machine: &deleting}); err != nil {
		return struct{}{}, err
	}
	s.machines[found.ARN] = &deleting
	return struct{}{}, s.finishDeletingLocked(found.ARN)
}

// finishDeletingLocked removes a machine that is to be deleted, when nothing of it
// runs any more.
func (s *Service) finishDeletingLocked(arn string) error {
	if m := s.machines[arn]; m == nil || !m.Deleting {
		return nil
	}
	var all []*entry
	for _, e := range s.entries {
		if e.Machine != arn {
			continue
		}
		if e.isRunning() || e.Told < e.Changes {
			return nil
		}
		all = append(all, e)
	}
	var err error
	for _, e := range all {
		err = errors.Join(err, s.removeEntryLocked(e))
	}
	if err == nil {
		err = s.saveLocked(catalogRecord{MachineGone: arn})
	}
	if err == nil {
		delete(s.machines, arn)
	}
	return err
}

type listRequest struct {
	MaxResults int    `json:"maxResults"`
	NextToken  string `json:"nextToken"`
}

func (s *Service) listStateMachines(request listRequest) (map[string]any, error) {
	size, err := pageSize(request.MaxResults)
	if err != nil {
		return nil, err
	}
	from, err := decodeToken("machines", request.NextToken, 0)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*machine, 0, len(s.machines))
	for _, m := range s.machines {
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b *machine) int { return strings.Compare(a.Name, b.Name) })
	all = all[min(int(from), len(all)):]
	answer := map[string]any{}
	if len(all) > size {
		all = all[:size]
		answer["nextToken"] = encodeToken("machines", from+int64(size))
	}
	listed := make([]map[string]any, len(all))
	for i, m := range all {
		listed[i] = map[string]any{
			"stateMachineArn": m.ARN, "name": m.Name, "type": "STANDARD", "creationDate": history.Seconds(m.Created),
		}
	}
	answer["stateMachines"] = listed
	return answer, nil
}

type tagsRequest struct {
	ResourceARN string `json:"resourceArn"`
}

func (s *Service) listTags(request tagsRequest) (map[string]any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.machineLocked(request.ResourceARN)
	if err != nil {
		if _, _, invalidARN := s.parseARN(request.ResourceARN, "stateMachine"); invalidARN == nil {
			err = noMapRun(request.ResourceARN)
		}
		return nil, err
	}
	tags := found.Tags
	if tags == nil {
		tags = []tag{}
	}
	return map[string]any{"tags": tags}, nil
}

type validateRequest struct {
	Definition string `json:"definition"`
	Type       string `json:"type"`
	Severity   string `json:"severity"`
	MaxResults int    `json:"maxResults"`
}

const maxDiagnostics = 100 // API Reference, ValidateStateMachineDefinition

func (s *Service) validateDefinition(request validateRequest) (map[string]any, error) {
	if request.Type != "" && request.Type != "STANDARD" {
		return nil, invalid("type '%s': the local Step Functions has STANDARD alone", request.Type)
	}
	if request.MaxResults < 0 || request.MaxResults > maxDiagnostics {
		return nil, invalid("Value '%d' at 'maxResults' failed to satisfy constraint: want 0 to %d", request.MaxResults, maxDiagnostics)
	}
	size := request.MaxResults
	if size == 0 {
		size = maxDiagnostics
	}
	diagnostics := []map[string]any{}
	_, err := asl.Parse([]byte(request.Definition))
	var wrong *asl.DefinitionError
	if err != nil && !errors.As(err, &wrong) {
		return nil, err
	}
	result := "OK"
	if wrong != nil {
		result = "FAIL"
		for _, problem := range wrong.Problems {
			diagnostic := map[string]any{"severity": "ERROR", "code": problem.Code, "message": problem.Message}
			if problem.Location != "" {
				diagnostic["location"] = problem.Location
			}
			diagnostics = append(diagnostics, diagnostic)
		}
	}
	truncated := len(diagnostics) > size
	return map[string]any{"result": result, "diagnostics": diagnostics[:min(size, len(diagnostics))], "truncated": truncated}, nil
}
