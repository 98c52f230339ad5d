package stepfunctions

import (
	"time"
)

// PutStateMachine creates a state machine, or updates the one of the name, where
// anything differs. It returns the ARN.
func (s *Service) PutStateMachine(name string, definition []byte, role string) (string, error) {
	arn := s.arn("stateMachine", name)
	s.mu.Lock()
	there := s.machines[arn]
	s.mu.Unlock()
	if there == nil {
		_, err := s.createStateMachine(createRequest{Name: name, Definition: string(definition), Role: role})
		return arn, err
	}
	if sameJSON(there.Definition, string(definition)) && there.Role == role {
		return arn, nil
	}
	text := string(definition)
	_, err := s.updateStateMachine(updateRequest{StateMachineARN: arn, Definition: &text, Role: &role})
	return arn, err
}

// StartExecution starts an execution; "" is a name of the service's choice. An error
// is an *awsjson.Error where Step Functions would refuse.
func (s *Service) StartExecution(stateMachineARN, name string, input []byte) (executionARN string, start time.Time, err error) {
	text := string(input)
	request := startRequest{StateMachineARN: stateMachineARN, Input: &text}
	if name != "" {
		request.Name = &name
	}
	answer, err := s.startExecution(request)
	if err != nil {
		return "", time.Time{}, err
	}
	seconds, err := answer.StartDate.Float64()
	return answer.ExecutionARN, time.UnixMilli(int64(seconds*1000 + 0.5)).UTC(), err
}
