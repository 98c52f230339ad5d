package stepfunctions

import (
	"errors"
)

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
