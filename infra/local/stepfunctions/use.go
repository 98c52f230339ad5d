package stepfunctions

import (
	"time"

	"delfos/infra/local/stepfunctions/history"
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
	if sameJSON(there.Definition, definition) && there.Role == role {
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

// Stats counts executions.
type Stats struct {
	Running   int // top-level executions
	Succeeded int // of those that are kept, as the next
	Failed    int // those that timed out or were aborted too
	Children  int // of Map Runs, that run
	Waiting   int // children that are to be started or redriven
}

// Stats tells how many executions there are.
func (s *Service) Stats() Stats {
	var stats Stats
	s.mu.Lock()
	for _, e := range s.entries {
		switch e.Status {
		case history.Running:
			stats.Running++
		case history.Success:
			stats.Succeeded++
		default:
			stats.Failed++
		}
	}
	running := s.runningLocked()
	s.mu.Unlock()
	for _, t := range running {
		t.mu.Lock()
		if t.live != nil {
			for _, d := range t.live.runs {
				stats.Children += d.running
				stats.Waiting += len(d.queue)
			}
		}
		t.mu.Unlock()
	}
	return stats
}
