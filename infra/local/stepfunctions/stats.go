package stepfunctions

import (
	"delfos/infra/local/stepfunctions/history"
)

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
