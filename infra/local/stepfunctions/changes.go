package stepfunctions

import (
	"context"
	"sync"
	"time"

	"delfos/infra/local/stepfunctions/history"
)

// StatusChange is a status that a top-level execution has come to, with what the
// event "Step Functions Execution Status Change" has of it (Developer Guide,
// "Automating Step Functions event delivery with EventBridge"). Children of Map
// Runs do not report: whether they do on AWS is not documented, and their state
// machine's ARN, with a label, would match no rule for the machine.
type StatusChange struct {
	ExecutionARN, StateMachineARN, Name string

	Status        string // RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED
	Start         time.Time
	Stop          time.Time // zero while it runs
	Input, Output string    // JSON; Output is "" unless it succeeded
	Error, Cause  string
	RedriveCount  int
	RedriveDate   time.Time // zero unless it was redriven

	RedriveStatus, RedriveStatusReason string
}

// Detail is the event's detail. Times are milliseconds since 1970.
func (c StatusChange) Detail() map[string]any {
	text := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
	instant := func(at time.Time) any {
		if at.IsZero() {
			return nil
		}
		return at.UnixMilli()
	}
	detail := map[string]any{
		"executionArn": c.ExecutionARN, "stateMachineArn": c.StateMachineARN, "name": c.Name, "status": c.Status,
		"startDate": instant(c.Start), "stopDate": instant(c.Stop),
		"input": c.Input, "inputDetails": map[string]any{"included": true}, "output": text(c.Output), "outputDetails": nil,
		"error": text(c.Error), "cause": text(c.Cause), "stateMachineVersionArn": nil, "stateMachineAliasArn": nil,
		"redriveCount": c.RedriveCount, "redriveDate": instant(c.RedriveDate),
		"redriveStatus": c.RedriveStatus, "redriveStatusReason": text(c.RedriveStatusReason),
	}
	if c.Output != "" {
		detail["outputDetails"] = map[string]any{"included": true}
	}
	return detail
}

// change is a status change that is still to be told.
type change struct {
	entry *entry
	as    entry // as it was then
}

// changes tells of status changes in their order, from a goroutine of its own.
type changes struct {
	service *Service
	done    chan struct{}
	wake    chan struct{} // holds one

	mu      sync.Mutex
	queue   []change
	stopped bool
}

func newChanges(s *Service) *changes {
	return &changes{service: s, done: make(chan struct{}), wake: make(chan struct{}, 1)}
}

// add puts the entry's last change into the queue; service.mu is not held.
func (c *changes) add(e *entry) {
	c.service.mu.Lock()
	as := *e
	c.service.mu.Unlock()
	c.mu.Lock()
	c.queue = append(c.queue, change{e, as})
	c.mu.Unlock()
	c.signal()
}

func (c *changes) signal() {
	select {
	case c.wake <- struct{}{}:
	default: // it is awake already
	}
}

func (c *changes) start() {
	go func() {
		defer close(c.done)
		for range c.wake {
			for {
				next, more, stopped := c.next()
				if stopped {
					return
				}
				if !more {
					break
				}
				c.tell(next)
			}
		}
	}()
}

func (c *changes) next() (next change, more, stopped bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped || len(c.queue) == 0 {
		return change{}, false, c.stopped
	}
	next, c.queue = c.queue[0], c.queue[1:]
	return next, true, false
}

// stop stops telling, and waits for the call under way. What is not told is told by
// the next Open.
func (c *changes) stop(ctx context.Context) {
	c.mu.Lock()
	c.stopped = true
	c.mu.Unlock()
	c.signal()
	select {
	case <-c.done:
	case <-ctx.Done():
	}
}

func (c *changes) tell(next change) {
	s := c.service
	if s.options.OnStatusChange != nil {
		told, err := s.tree(next.entry).statusChange(next.as)
		if err != nil {
			s.options.Logger.Error("a status change cannot be told", "execution", next.as.ARN, "error", err)
			return
		}
		s.options.OnStatusChange(told)
	}
	if err := s.change(next.entry, func(e *entry) { e.Told = next.as.Changes }); err != nil {
		s.options.Logger.Error("a status change will be told again", "execution", next.as.ARN, "error", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.finishDeletingLocked(next.as.Machine); err != nil {
		s.options.Logger.Error("a state machine cannot be deleted", "state_machine", next.as.Machine, "error", err)
	}
}

// statusChange is what there is to tell of the execution as it was.
func (t *tree) statusChange(as entry) (StatusChange, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.load(); err != nil {
		return StatusChange{}, err
	}
	told := StatusChange{
		ExecutionARN: as.ARN, StateMachineARN: as.Machine, Name: as.Name, Status: string(as.Status),
		Start: milliTime(as.Start), Stop: milliTime(as.Stop), RedriveCount: as.RedriveCount, RedriveDate: milliTime(as.RedriveDate),
	}
	told.RedriveStatus, told.RedriveStatusReason = t.redriveStatus(&history.Execution{
		Status: as.Status, Stop: as.Stop, RedriveCount: as.RedriveCount, Offsets: t.index.Top().Offsets,
	})
	offsets := t.index.Top().Offsets[:1]
	if as.Status != history.Running {
		offsets = append(offsets[:1:1], t.index.Top().Offsets[as.Events-1])
	}
	err := t.events(offsets, func(event *history.Event) {
		if event.Type == history.ExecutionStarted {
			told.Input = string(event.Input)
			return
		}
		told.Output, told.Error, told.Cause = string(event.Output), event.Error, event.Cause
	})
	return told, err
}

// milliTime is a time of milliseconds since 1970; 0 is no time.
func milliTime(milliseconds int64) time.Time {
	if milliseconds == 0 {
		return time.Time{}
	}
	return time.UnixMilli(milliseconds).UTC()
}
