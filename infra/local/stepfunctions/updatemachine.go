package stepfunctions

import (
	"encoding/json"

	"delfos/infra/local/stepfunctions/history"
)

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
		changed.Definition = *request.Definition
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
func describeDefinition(definition, role, name, arn, revision, included string) map[string]any {
	answer := map[string]any{
		"definition": definition, "roleArn": role, "name": name, "stateMachineArn": arn,
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
