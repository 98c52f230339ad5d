// Package scheduler stands in for Amazon EventBridge Scheduler: schedules that
// really fire, at Lambda functions, state machines and queues of the local stack.
//
// AWS would have fired while the local stack is down, or the machine asleep. Such
// firings are not made up for: they are counted, logged and in the history as
// missed.
package scheduler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/uuid"

	"delfos/infra/local/journal"
	"delfos/infra/local/lambda"
	"delfos/infra/local/logs"
)

// TickLogGroup is the log group that has a JSON line for each firing, in one stream
// a schedule: AWS has no API for the history of a schedule, and Logs has one.
const TickLogGroup = "/aws/scheduler/delfos-ticks"

// Functions runs functions; *lambda.Service is one.
type Functions interface {
	Invoke(ctx context.Context, request lambda.Request) (lambda.Response, error)
}

// StateMachines starts executions.
type StateMachines interface {
	StartExecution(ctx context.Context, stateMachineARN, name, input string) error
}

// Queues sends messages with string attributes and returns their ids; *sqs.Service
// is one.
type Queues interface {
	Send(ctx context.Context, queueARN, body string, attributes map[string]string) (messageID string, err error)
}

// Options say what a Service stands on. Region and AccountID must be given. A target
// whose service is nil refuses every firing. Other zero values have the defaults
// named here.
type Options struct {
	Dir               string // of the journal, made if it is missing; "" keeps everything in memory
	Region, AccountID string
	Functions         Functions
	StateMachines     StateMachines
	Queues            Queues
	Logs              *logs.Store  // of the firings; nil writes none
	Logger            *slog.Logger // of firings missed and failed; nil means slog.Default

	Now   func() time.Time                     // nil means time.Now
	After func(time.Duration) <-chan time.Time // times firings and retries; nil means time.After
	// Random chooses the moment within a flexible time window: 0 or more, and less
	// than the window. nil means evenly.
	Random func(window time.Duration) time.Duration
	// NewID makes ids of executions and events, UUIDs as on AWS; nil means random ones.
	NewID func() string
}

// Service is the stand-in. It serves Scheduler's REST API as an http.Handler. Its
// methods may be called at once from many goroutines. It ends with Close.
type Service struct {
	options Options
	rest    http.Handler

	mu        sync.Mutex
	journal   *journal.Journal // nil in memory
	schedules map[string]*schedule
	tokens    tokens
	closed    bool

	changed  chan struct{}  // tells the planner to look again
	work     sync.WaitGroup // the planner and the deliveries
	stopping context.Context
	stop     context.CancelFunc
}

// Open opens the schedules with what earlier processes left there. None fires before
// Start.
func Open(options Options) (*Service, error) {
	options.setDefaults()
	stopping, stop := context.WithCancel(context.Background())
	s := &Service{
		options: options, schedules: map[string]*schedule{}, changed: make(chan struct{}, 1), stopping: stopping, stop: stop,
	}
	s.rest = s.restAPI()
	if options.Dir == "" {
		return s, nil
	}
	err := os.MkdirAll(options.Dir, 0o700)
	if err == nil {
		err = s.openJournal(filepath.Join(options.Dir, "scheduler.jsonl"))
	}
	if err != nil {
		stop()
		return nil, fmt.Errorf("open the schedules: %w", err)
	}
	return s, nil
}

func (o *Options) setDefaults() {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.After == nil {
		o.After = time.After
	}
	if o.Random == nil {
		o.Random = rand.N[time.Duration]
	}
	if o.NewID == nil {
		o.NewID = uuid.NewString
	}
}

// Start begins to fire, once all targets can take it. What was missed until now is
// counted and logged.
func (s *Service) Start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	now := s.options.Now()
	for _, one := range s.schedules {
		if !one.next.IsZero() { // it was declared just now
			continue
		}
		if missed, last := one.missedUntil(now); missed > 0 {
			s.recordLocked(one, s.missedTick(one, missed, last))
		}
		one.plan(now)
	}
	s.work.Go(s.fireAll)
}

// Close stops firing and returns when nothing is under way. Deliveries that wait,
// for their window or for a retry, are dropped, which is logged.
func (s *Service) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.mu.Unlock()
	s.stop()
	s.work.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.journal == nil {
		return nil
	}
	return s.journal.Close()
}

// errClosed is what changes after Close get.
var errClosed = errors.New("the local scheduler is stopped")

// ServeHTTP answers CreateSchedule, GetSchedule, UpdateSchedule, DeleteSchedule and
// ListSchedules, and refuses the other operations.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.rest.ServeHTTP(w, r) }

// ARN is a schedule's address, whether it is there yet or not.
func (s *Service) ARN(name string) string {
	return fmt.Sprintf("arn:aws:scheduler:%s:%s:schedule/%s/%s", s.options.Region, s.options.AccountID, groupName, name)
}
