package stepfunctions

import (
	"encoding/json"
	"unicode/utf8"

	"delfos/infra/local/stepfunctions/history"
)

type stopRequest struct {
	ExecutionARN string `json:"executionArn"`
	Error        string `json:"error"`
	Cause        string `json:"cause"`
}

type stopAnswer struct {
	StopDate json.Number `json:"stopDate"`
}

// Bounds of StopExecution's texts (API Reference).
const (
	maxErrorRunes = 256
	maxCauseRunes = 32_768
)

// stopExecution ends an execution at once, with its Map Runs and their children. One
// that has ended already stays as it is.
func (s *Service) stopExecution(request stopRequest) (*stopAnswer, error) {
	if utf8.RuneCountInString(request.Error) > maxErrorRunes || utf8.RuneCountInString(request.Cause) > maxCauseRunes {
		return nil, invalid("want at most %d characters of error and %d of cause", maxErrorRunes, maxCauseRunes)
	}
	t, number, err := s.find(request.ExecutionARN)
	if err != nil {
		return nil, err
	}
	defer t.mu.Unlock()
	x := t.index.Executions[number]
	event := history.Event{Type: history.ExecutionAborted, Error: request.Error, Cause: request.Cause}
	switch {
	case x.Status != history.Running || t.live == nil:
	case number == 0:
		err = t.breakOff(event, "")
	default:
		err = t.breakOffChild(x, event)
	}
	if err != nil {
		return nil, err
	}
	return &stopAnswer{history.Seconds(x.Stop)}, nil
}
