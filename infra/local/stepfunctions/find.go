package stepfunctions

import (
	"strconv"
	"strings"

	"delfos/infra/local/stepfunctions/history"
)

// find gives the tree and the number of an execution. The tree is loaded, and its
// mu is held, unless there is an error.
func (s *Service) find(executionARN string) (*tree, int, error) {
	parsed, elsewhere, err := s.parseARN(executionARN, "execution")
	if err != nil {
		return nil, 0, err
	}
	var e *entry
	var run, index string
	s.mu.Lock()
	if parsed.label == "" {
		e = s.byName[executionARN]
	} else if at := strings.LastIndexByte(parsed.name, '-'); at >= 0 {
		run, index = parsed.name[:at], parsed.name[at+1:]
		e = s.byMapRun[run]
	}
	s.mu.Unlock()
	if e == nil || elsewhere {
		return nil, 0, noExecution(executionARN)
	}
	t := s.tree(e)
	t.mu.Lock()
	if err := t.load(); err != nil {
		t.mu.Unlock()
		return nil, 0, err
	}
	if parsed.label == "" {
		return t, 0, nil
	}
	for _, x := range t.index.Executions[1:] {
		if strconv.Itoa(x.Index) == index && t.executionARN(x) == executionARN {
			return t, x.Number, nil
		}
	}
	t.mu.Unlock()
	return nil, 0, noExecution(executionARN)
}

// findMapRun is find for a Map Run.
func (s *Service) findMapRun(mapRunARN string) (*tree, *history.MapRun, error) {
	parsed, elsewhere, err := s.parseARN(mapRunARN, "mapRun")
	if err != nil {
		return nil, nil, err
	}
	s.mu.Lock()
	e := s.byMapRun[parsed.name]
	s.mu.Unlock()
	if e == nil || elsewhere {
		return nil, nil, noMapRun(mapRunARN)
	}
	t := s.tree(e)
	t.mu.Lock()
	if err := t.load(); err != nil {
		t.mu.Unlock()
		return nil, nil, err
	}
	for _, run := range t.index.MapRuns {
		if t.mapRunARN(run) == mapRunARN {
			return t, run, nil
		}
	}
	t.mu.Unlock()
	return nil, nil, noMapRun(mapRunARN)
}
