package stepfunctions

import (
	"bytes"
	"encoding/json"
	"errors"

	"delfos/infra/local/stepfunctions/engine"
	"delfos/infra/local/stepfunctions/history"
)

type startRequest struct {
	StateMachineARN string  `json:"stateMachineArn"`
	Name            *string `json:"name"`
	Input           *string `json:"input"`
	TraceHeader     string  `json:"traceHeader"`
}

type startAnswer struct {
	ExecutionARN string      `json:"executionArn"`
	StartDate    json.Number `json:"startDate"`
}

func (s *Service) startExecution(request startRequest) (*startAnswer, error) {
	name := s.options.NewID()
	if request.Name != nil {
		name = *request.Name
	}
	if err := checkName(name); err != nil {
		return nil, err
	}
	input := []byte("{}")
	if request.Input != nil {
		input = []byte(*request.Input)
	}
	if len(input) > engine.MaxDataBytes {
		return nil, apiError("InvalidExecutionInput", "Invalid State Machine Execution Input: it has %d bytes; the limit is %d", len(input), engine.MaxDataBytes)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, input); err != nil {
		return nil, apiError("InvalidExecutionInput", "Invalid State Machine Execution Input: '%v'", err)
	}
	e, machine, err := s.reserve(request.StateMachineARN, name)
	if taken, ok := errors.AsType[*nameTakenError](err); ok {
		return s.sameStart(taken.by, compact.Bytes())
	}
	if err != nil {
		return nil, err
	}
	header := &history.Header{
		MachineARN: machine.ARN, MachineName: machine.Name, Revision: machine.Revision, Updated: machine.Updated,
		Role: machine.Role, Definition: machine.Definition, Name: name, TraceHeader: request.TraceHeader,
	}
	if err := e.tree.launch(header, compact.Bytes()); err != nil {
		s.release(e)
		return nil, err
	}
	return &startAnswer{e.ARN, history.Seconds(e.Start)}, nil
}

// nameTakenError says that an execution of the name is there.
type nameTakenError struct{ by *entry }

// Error names the execution.
func (n *nameTakenError) Error() string { return "there is an execution " + n.by.ARN }

// reserve takes a name for an execution that is about to start. Its tree is locked,
// so that whoever finds it waits until it has started.
func (s *Service) reserve(machineARN, name string) (*entry, machine, error) {
	parsed, elsewhere, err := s.parseARN(machineARN, "stateMachine")
	if err != nil {
		return nil, machine{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.machines[machineARN]
	switch {
	case s.closed:
		return nil, machine{}, errClosed()
	case found == nil || elsewhere:
		return nil, machine{}, noMachine(machineARN)
	case found.Deleting:
		return nil, machine{}, apiError("StateMachineDeleting", "State Machine is being deleted: '%s'", machineARN)
	}
	if s.options.Now().Sub(s.expired) >= expireEvery {
		if err := s.expireLocked(); err != nil {
			return nil, machine{}, err
		}
	}
	executionARN := s.arn("execution", parsed.machine+":"+name)
	if there := s.byName[executionARN]; there != nil {
		return nil, machine{}, &nameTakenError{there}
	}
	s.last++
	e := &entry{
		Number: s.last, Machine: machineARN, ARN: executionARN, Name: name, Status: history.Running, Start: s.now(), Changes: 1,
	}
	e.tree = &tree{service: s, entry: e}
	e.tree.mu.Lock()
	s.entries[e.Number], s.byName[executionARN] = e, e
	return e, *found, nil
}

// release gives the name of an execution back that could not be started.
func (s *Service) release(e *entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.entries, e.Number)
	delete(s.byName, e.ARN)
}

// sameStart answers to a start whose name is taken: it is the same start where the
// execution runs and has the same input.
func (s *Service) sameStart(e *entry, input []byte) (*startAnswer, error) {
	t := s.tree(e)
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.load(); err != nil {
		return nil, err
	}
	same := t.live != nil
	err := t.events(t.index.Top().Offsets[:1], func(event *history.Event) { same = same && bytes.Equal(event.Input, input) })
	if err != nil {
		return nil, err
	}
	if !same {
		return nil, apiError("ExecutionAlreadyExists", "Execution Already Exists: '%s'", e.ARN)
	}
	return &startAnswer{e.ARN, history.Seconds(e.Start)}, nil
}

// launch writes the beginning of a tree's history, runs it, and unlocks it.
func (t *tree) launch(header *history.Header, input json.RawMessage) error {
	defer t.mu.Unlock()
	log, err := history.Create(t.service.path(t.entry.Number))
	if err != nil {
		return err
	}
	t.index, t.log = &history.Index{}, log
	err = t.append(history.Record{Header: header, Event: &history.Event{
		ID: 1, At: t.entry.Start, Type: history.ExecutionStarted, Input: input, Role: header.Role,
	}})
	if err == nil {
		err = t.service.change(t.entry, func(*entry) {})
	}
	if err == nil {
		err = t.runTop(engine.Execution{Input: input})
	}
	if err != nil {
		return errors.Join(err, log.Release())
	}
	t.service.changes.add(t.entry)
	return nil
}

// runTop runs the top-level execution; t.mu is held.
func (t *tree) runTop(execution engine.Execution) error {
	l, err := t.begin()
	if err != nil {
		return err
	}
	execution.Machine = l.machine
	if execution.Context, err = t.contextOf(t.index.Top(), execution.Input); err != nil {
		return err
	}
	job{host: host{l, 0}, ctx: l.ctx, run: execution, timeout: l.machine.TimeoutSeconds}.start()
	return nil
}
