package stepfunctions

import (
	"encoding/json"
	"slices"
	"time"

	"delfos/infra/local/stepfunctions/history"
)

const (
	// redrivablePeriod is how long an execution may be redriven after its end (API
	// Reference, RedriveExecution).
	redrivablePeriod = 14 * 24 * time.Hour
	// Client tokens that are remembered, and for how long (the same).
	maxTokens   = 10
	tokenPeriod = 15 * time.Minute
)

type redriveRequest struct {
	ExecutionARN string `json:"executionArn"`
	ClientToken  string `json:"clientToken"`
}

type redriveAnswer struct {
	RedriveDate json.Number `json:"redriveDate"`
}

func (s *Service) redriveExecution(request redriveRequest) (*redriveAnswer, error) {
	t, number, err := s.find(request.ExecutionARN)
	if err != nil {
		return nil, err
	}
	defer t.mu.Unlock()
	if number != 0 {
		return nil, notRedrivable(request.ExecutionARN, "it is a child of a Map Run, which its parent redrives")
	}
	if at, again := t.redrivenBy(request.ClientToken); again {
		return &redriveAnswer{history.Seconds(at)}, nil
	}
	if status, reason := t.redriveStatus(t.index.Top()); status != redrivableStatus {
		return nil, notRedrivable(request.ExecutionARN, reason)
	}
	if err := t.redrive(request.ClientToken); err != nil {
		return nil, err
	}
	return &redriveAnswer{history.Seconds(t.index.Top().RedriveDate)}, nil
}

func notRedrivable(arn, reason string) error {
	return apiError("ExecutionNotRedrivable", "The RedriveExecution operation cannot be completed for '%s': %s", arn, reason)
}

// redrivenBy tells whether a token has redriven the execution already, and when.
func (t *tree) redrivenBy(given string) (int64, bool) {
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	oldest := s.options.Now().Add(-tokenPeriod).UnixMilli()
	for _, known := range t.entry.Tokens {
		if given != "" && known.Token == given && known.At >= oldest {
			return known.At, true
		}
	}
	return 0, false
}

// The values of redriveStatus.
const (
	redrivableStatus   = "REDRIVABLE"
	notRedrivableState = "NOT_REDRIVABLE"
	byMapRun           = "REDRIVABLE_BY_MAP_RUN"
)

// redriveStatus tells whether an execution can be redriven, and why not (API
// Reference, DescribeExecution, "redriveStatusReason"). t.mu is held.
func (t *tree) redriveStatus(x *history.Execution) (status, reason string) {
	s := t.service
	s.mu.Lock()
	machine := s.machines[t.entry.Machine]
	s.mu.Unlock()
	stopped := time.UnixMilli(x.Stop)
	switch {
	case machine == nil || machine.Deleting:
		return notRedrivableState, "State machine is in DELETING status"
	case x.Status == history.Running:
		return notRedrivableState, "Execution is RUNNING and cannot be redriven"
	case x.Status == history.Success:
		return notRedrivableState, "Execution is SUCCEEDED and cannot be redriven"
	case len(x.Offsets) >= maxEvents-1:
		return notRedrivableState, "Execution history event limit exceeded"
	case s.options.Now().Sub(stopped) > redrivablePeriod:
		return notRedrivableState, "Execution redrivable period exceeded"
	case x.RedriveCount >= maxRedrives:
		return notRedrivableState, "Execution redrive limit exceeded"
	case x.Number != 0:
		return byMapRun, ""
	}
	return redrivableStatus, ""
}

// redrive runs the tree again from where it had come to; t.mu is held. The catalog
// hears of it first: where the process dies before the history does, the next
// Open finds an execution that has ended, as it has.
func (t *tree) redrive(by string) error {
	execution, err := t.resumption(slices.Clone(t.index.Top().Offsets))
	if err != nil {
		return err
	}
	at := t.service.now()
	err = t.service.change(t.entry, func(e *entry) {
		e.Status, e.Stop = history.Running, 0
		e.RedriveCount, e.RedriveDate = t.index.Top().RedriveCount+1, at
		e.Changes++
		if by != "" {
			tokens := append(slices.Clone(e.Tokens), token{by, at})
			e.Tokens = tokens[max(0, len(tokens)-maxTokens):]
		}
	})
	if err != nil {
		return err
	}
	if execution.Previous, err = t.redriven(0); err != nil {
		return err
	}
	if err := t.runTop(execution); err != nil {
		return err
	}
	t.service.changes.add(t.entry)
	return nil
}
